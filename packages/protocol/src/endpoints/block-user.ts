import { z } from 'zod';
import { userIdSchema } from '../ids.ts';
import { defineEndpoint } from './define-endpoint.ts';

export const blockUserEndpoint = defineEndpoint({
  name: 'blockUser',
  method: 'PUT',
  path: '/api/users/:id/block',
  auth: 'user',
  summary: 'Block a person: they can no longer write to you, nor see your presence or typing. They are not told.',
  params: z.object({ id: userIdSchema }),
  responses: { 204: z.null() },
  errors: ['not_found'],
});
