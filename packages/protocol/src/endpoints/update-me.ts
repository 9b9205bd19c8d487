import { z } from 'zod';
import { personNameSchema } from '../models/text.ts';
import { viewerSchema } from '../models/user.ts';
import { defineEndpoint } from './define-endpoint.ts';
import { usernameSchema } from './register.ts';

export const updateMeEndpoint = defineEndpoint({
  name: 'updateMe',
  method: 'PATCH',
  path: '/api/users/me',
  auth: 'user',
  summary: 'Change your name or username. The people you talk with get `conversation.updated`.',
  body: z.object({ name: personNameSchema, username: usernameSchema }).partial(),
  responses: { 200: viewerSchema },
  errors: ['already_registered'],
});
