import { z } from 'zod';
import { signedInSchema } from '../models/session.ts';
import { defineEndpoint } from './define-endpoint.ts';
import { deviceNameSchema } from './register.ts';

export const loginEndpoint = defineEndpoint({
  name: 'login',
  method: 'POST',
  path: '/api/auth/login',
  auth: 'open',
  summary: 'Sign in. `login` is an email address, a phone number or a username.',
  body: z.object({
    login: z.string().trim().min(1).max(254),
    password: z.string().min(1).max(200),
    deviceName: deviceNameSchema.optional(),
  }),
  responses: { 200: signedInSchema },
  errors: ['wrong_credentials'],
});
