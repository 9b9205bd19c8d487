import { z } from 'zod';
import { sessionSchema } from '../models/session.ts';
import { defineEndpoint } from './define-endpoint.ts';

export const listSessionsEndpoint = defineEndpoint({
  name: 'listSessions',
  method: 'GET',
  path: '/api/auth/sessions',
  auth: 'user',
  summary: 'The devices on which you are signed in, the latest used first; at most 100.',
  responses: { 200: z.object({ items: z.array(sessionSchema) }) },
});
