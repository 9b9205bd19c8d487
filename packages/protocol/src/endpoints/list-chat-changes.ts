import { z } from 'zod';
import { chatMessageSchema, chatSchema } from '../models/chat.ts';
import { positionSchema } from '../models/text.ts';
import { defineEndpoint } from './define-endpoint.ts';
import { queryInt } from './paging.ts';

export const listChatChangesEndpoint = defineEndpoint({
  name: 'listChatChanges',
  method: 'GET',
  path: '/api/chat/all/after',
  auth: 'user',
  summary: 'The chats and messages that changed after a position, as they stand now; go on from the answered `sequenceId` while `hasMore`. 410 `too_old`: load the chats anew.',
  query: z.object({ sequenceId: queryInt(0, Number.MAX_SAFE_INTEGER) }),
  responses: {
    200: z.object({ chats: z.array(chatSchema), messages: z.array(chatMessageSchema), sequenceId: positionSchema, hasMore: z.boolean() }),
  },
  errors: ['too_old'],
});
