import { viewerSchema } from '../models/user.ts';
import { defineEndpoint } from './define-endpoint.ts';

export const getMeEndpoint = defineEndpoint({
  name: 'getMe',
  method: 'GET',
  path: '/api/users/me',
  auth: 'user',
  summary: 'Yourself.',
  responses: { 200: viewerSchema },
});
