import { z } from 'zod';
import { userIdSchema } from '../ids.ts';
import { timestampSchema } from '../models/text.ts';
import { defineEndpoint } from './define-endpoint.ts';

/** An access token made for a user by the server API. It has no refresh token: ask again. */
export const issuedTokenSchema = z.object({ accessToken: z.string(), expiresAt: timestampSchema });

export const adminCreateTokenEndpoint = defineEndpoint({
  name: 'adminCreateToken',
  method: 'POST',
  path: '/api/admin/users/:id/token',
  auth: 'admin',
  summary: 'An access token for this user, for your own login to hand out.',
  params: z.object({ id: userIdSchema }),
  responses: { 201: issuedTokenSchema },
  errors: ['not_found', 'forbidden'],
});
