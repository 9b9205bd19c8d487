import { z } from 'zod';
import { conversationIdSchema } from '../ids.ts';
import { messageSchema } from '../models/message.ts';
import { defineEndpoint } from './define-endpoint.ts';
import { cursorSchema, pageLimitSchema, queryInt } from './paging.ts';

/** `media`: with a picture or a video. `files`: with a file to save. A message may be both. */
export const sharedMediaKindSchema = z.enum(['media', 'files']);
export type SharedMediaKind = z.infer<typeof sharedMediaKindSchema>;

const seq = queryInt(0, Number.MAX_SAFE_INTEGER).optional();

export const listSharedMediaEndpoint = defineEndpoint({
  name: 'listSharedMedia',
  method: 'GET',
  path: '/api/conversations/:id/attachments',
  auth: 'user',
  summary:
    'The messages of a conversation that carry pictures and videos, or files, newest first: the last ones, or those `before` or `after` a seq. `nextCursor` goes on in the same direction.',
  params: z.object({ id: conversationIdSchema }),
  query: z
    .object({ kind: sharedMediaKindSchema, cursor: cursorSchema.optional(), limit: pageLimitSchema, before: seq, after: seq })
    .refine((query) => [query.cursor, query.before, query.after].filter((value) => value !== undefined).length <= 1, {
      message: 'Use at most one of cursor, before and after',
    }),
  responses: { 200: z.object({ items: z.array(messageSchema), nextCursor: cursorSchema.nullable() }) },
  errors: ['not_found'],
});
