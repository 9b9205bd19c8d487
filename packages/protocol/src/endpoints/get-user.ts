import { z } from 'zod';
import { userIdSchema } from '../ids.ts';
import { userSchema } from '../models/user.ts';
import { defineEndpoint } from './define-endpoint.ts';

export const getUserEndpoint = defineEndpoint({
  name: 'getUser',
  method: 'GET',
  path: '/api/users/:id',
  auth: 'user',
  summary: 'One person.',
  params: z.object({ id: userIdSchema }),
  responses: { 200: userSchema },
  errors: ['not_found'],
});
