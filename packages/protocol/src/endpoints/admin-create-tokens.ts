import { z } from 'zod';
import { userIdSchema } from '../ids.ts';
import { LIMITS } from '../limits.ts';
import { issuedTokenSchema } from './admin-create-token.ts';
import { defineEndpoint } from './define-endpoint.ts';

export const adminCreateTokensEndpoint = defineEndpoint({
  name: 'adminCreateTokens',
  method: 'POST',
  path: '/api/admin/tokens',
  auth: 'admin',
  summary: 'Access tokens for up to 1,000 users, answered in order.',
  body: z.object({ userIds: z.array(userIdSchema).min(1).max(LIMITS.adminBatch) }),
  responses: { 201: z.object({ tokens: z.array(issuedTokenSchema.extend({ userId: userIdSchema })) }) },
  errors: ['not_found', 'forbidden'],
});
