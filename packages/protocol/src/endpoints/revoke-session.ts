import { z } from 'zod';
import { sessionIdSchema } from '../ids.ts';
import { defineEndpoint } from './define-endpoint.ts';

export const revokeSessionEndpoint = defineEndpoint({
  name: 'revokeSession',
  method: 'DELETE',
  path: '/api/auth/sessions/:id',
  auth: 'user',
  summary: 'Sign another device out.',
  params: z.object({ id: sessionIdSchema }),
  responses: { 204: z.null() },
  errors: ['not_found'],
});
