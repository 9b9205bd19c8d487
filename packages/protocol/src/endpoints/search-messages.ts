import { z } from 'zod';
import { conversationIdSchema } from '../ids.ts';
import { LIMITS } from '../limits.ts';
import { messageSchema } from '../models/message.ts';
import { defineEndpoint } from './define-endpoint.ts';
import { cursorSchema, pageLimitSchema } from './paging.ts';

export const searchMessagesEndpoint = defineEndpoint({
  name: 'searchMessages',
  method: 'GET',
  path: '/api/search/messages',
  auth: 'user',
  summary: 'Messages of your own conversations that hold a word beginning with each word of `q`, newest first.',
  query: z.object({
    q: z.string().trim().min(1).max(LIMITS.queryLength),
    conversationId: conversationIdSchema.optional(),
    cursor: cursorSchema.optional(),
    limit: pageLimitSchema,
  }),
  responses: { 200: z.object({ items: z.array(messageSchema), nextCursor: cursorSchema.nullable() }) },
  errors: ['not_found'],
});
