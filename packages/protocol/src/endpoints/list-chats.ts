import { z } from 'zod';
import { chatSchema } from '../models/chat.ts';
import { positionSchema, timestampSchema } from '../models/text.ts';
import { defineEndpoint } from './define-endpoint.ts';
import { pageLimitSchema, queryTimestamp } from './paging.ts';

export const listChatsEndpoint = defineEndpoint({
  name: 'listChats',
  method: 'GET',
  path: '/api/chat/all',
  auth: 'user',
  summary:
    'Your chats, the last active first; `afterTimestamp` goes on below a page. Chats of the very same time are never parted, so a page may hold some more than `limit`. `sequenceId` is where `/api/chat/all/after` begins.',
  query: z.object({ limit: pageLimitSchema, afterTimestamp: queryTimestamp().optional() }),
  responses: { 200: z.object({ chats: z.array(chatSchema), nextAfterTimestamp: timestampSchema.nullable(), sequenceId: positionSchema }) },
});
