import { z } from 'zod';
import { userIdSchema } from '../ids.ts';
import { defineEndpoint } from './define-endpoint.ts';

export const unblockUserEndpoint = defineEndpoint({
  name: 'unblockUser',
  method: 'DELETE',
  path: '/api/users/:id/block',
  auth: 'user',
  summary: 'Take a block back.',
  params: z.object({ id: userIdSchema }),
  responses: { 204: z.null() },
  errors: ['not_found'],
});
