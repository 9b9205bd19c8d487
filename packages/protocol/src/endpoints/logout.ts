import { z } from 'zod';
import { defineEndpoint } from './define-endpoint.ts';

export const logoutEndpoint = defineEndpoint({
  name: 'logout',
  method: 'POST',
  path: '/api/auth/logout',
  auth: 'user',
  summary: 'End this session: its tokens stop working and its sockets close.',
  responses: { 204: z.null() },
});
