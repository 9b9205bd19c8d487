import { z } from 'zod';
import { conversationIdSchema } from '../ids.ts';
import { messageSchema } from '../models/message.ts';
import { defineEndpoint } from './define-endpoint.ts';
import { cursorSchema, pageLimitSchema, queryInt } from './paging.ts';

const seq = queryInt(0, Number.MAX_SAFE_INTEGER).optional();

export const listMessagesEndpoint = defineEndpoint({
  name: 'listMessages',
  method: 'GET',
  path: '/api/conversations/:id/messages',
  auth: 'user',
  summary:
    'A page of messages, newest first: the last ones, or those `before` or `after` a seq, or half a page on either side `around` one. `nextCursor` leads to older, `prevCursor` to newer ones.',
  params: z.object({ id: conversationIdSchema }),
  query: z
    .object({ cursor: cursorSchema.optional(), limit: pageLimitSchema, around: seq, after: seq, before: seq })
    .refine((query) => [query.cursor, query.around, query.after, query.before].filter((value) => value !== undefined).length <= 1, {
      message: 'Use at most one of cursor, around, after and before',
    }),
  responses: {
    200: z.object({ items: z.array(messageSchema), nextCursor: cursorSchema.nullable(), prevCursor: cursorSchema.nullable() }),
  },
  errors: ['not_found'],
});
