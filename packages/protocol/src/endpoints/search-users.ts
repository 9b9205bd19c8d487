import { z } from 'zod';
import { LIMITS } from '../limits.ts';
import { userSchema } from '../models/user.ts';
import { defineEndpoint } from './define-endpoint.ts';
import { cursorSchema, pageLimitSchema } from './paging.ts';

export const searchUsersEndpoint = defineEndpoint({
  name: 'searchUsers',
  method: 'GET',
  path: '/api/users',
  auth: 'user',
  summary:
    'Find people by the beginnings of the words of their name or username, or by exact email address or phone number. Not yourself, nobody who blocked you.',
  query: z.object({ query: z.string().trim().min(1).max(LIMITS.queryLength), limit: pageLimitSchema, cursor: cursorSchema.optional() }),
  responses: { 200: z.object({ items: z.array(userSchema), nextCursor: cursorSchema.nullable() }) },
});
