import { z } from 'zod';
import { epochSchema } from '../ids.ts';
import { conversationSchema } from '../models/conversation.ts';
import { messageSchema } from '../models/message.ts';
import { presenceSchema } from '../models/presence.ts';
import { positionSchema } from '../models/text.ts';
import { defineEndpoint } from './define-endpoint.ts';
import { cursorSchema } from './paging.ts';

/**
 * Complete state as of `position`: the last active conversations and the newest
 * page of each. `nextCursor` continues `GET /api/conversations` when there are more.
 */
export const snapshotSchema = z.object({
  epoch: epochSchema,
  position: positionSchema,
  conversations: z.array(conversationSchema),
  messages: z.array(messageSchema),
  presence: z.array(presenceSchema),
  nextCursor: cursorSchema.nullable(),
});
export type Snapshot = z.infer<typeof snapshotSchema>;

export const getSnapshotEndpoint = defineEndpoint({
  name: 'getSnapshot',
  method: 'GET',
  path: '/api/sync/snapshot',
  auth: 'user',
  summary: 'Complete state to start from: conversations, the newest messages of each, and the position to sync from.',
  responses: { 200: snapshotSchema },
});
