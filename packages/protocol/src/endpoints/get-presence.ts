import { z } from 'zod';
import { userIdSchema } from '../ids.ts';
import { presenceSchema } from '../models/presence.ts';
import { defineEndpoint } from './define-endpoint.ts';

export const getPresenceEndpoint = defineEndpoint({
  name: 'getPresence',
  method: 'GET',
  path: '/api/users/:id/presence',
  auth: 'user',
  summary: 'Whether a person you talk with is online, and when they last were. `unknown` for others.',
  params: z.object({ id: userIdSchema }),
  responses: { 200: presenceSchema },
  errors: ['not_found'],
});
