import { z } from 'zod';
import { signedInSchema } from '../models/session.ts';
import { defineEndpoint } from './define-endpoint.ts';

export const refreshEndpoint = defineEndpoint({
  name: 'refresh',
  method: 'POST',
  path: '/api/auth/refresh',
  auth: 'open',
  summary:
    'Trade a refresh token for a new pair. A token works once; the one just replaced answers the same new pair for a short grace, an older one revokes the session.',
  body: z.object({ refreshToken: z.string().min(1).max(512) }),
  responses: { 200: signedInSchema },
  errors: ['session_revoked'],
});
