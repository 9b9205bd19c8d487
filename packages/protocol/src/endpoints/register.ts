import { z } from 'zod';
import { LIMITS } from '../limits.ts';
import { signedInSchema } from '../models/session.ts';
import { personNameSchema } from '../models/text.ts';
import { defineEndpoint } from './define-endpoint.ts';

export const emailSchema = z.email().max(254).toLowerCase();
/** E.164: a plus sign and up to 15 digits. */
export const phoneSchema = z.string().regex(/^\+[1-9]\d{6,14}$/, 'Use the international form, e.g. +41791234567');
export const usernameSchema = z
  .string()
  .trim()
  .toLowerCase()
  .max(LIMITS.usernameLength)
  .regex(/^[a-z0-9][a-z0-9_.-]{2,}$/, 'Use 3 to 32 letters, digits, dots, dashes or underscores');
/** Length is what protects; 200 bounds the cost of hashing. */
export const newPasswordSchema = z.string().min(8, 'Use at least 8 characters').max(200);
/** Shown in the list of sessions, e.g. "Firefox on Linux". */
export const deviceNameSchema = z.string().trim().min(1).max(100);

export const registerEndpoint = defineEndpoint({
  name: 'register',
  method: 'POST',
  path: '/api/auth/register',
  auth: 'open',
  summary: 'Sign up with an email address, phone number or username, and be signed in.',
  body: z
    .object({
      email: emailSchema.optional(),
      phone: phoneSchema.optional(),
      username: usernameSchema.optional(),
      password: newPasswordSchema,
      name: personNameSchema,
      deviceName: deviceNameSchema.optional(),
    })
    .refine((body) => body.email ?? body.phone ?? body.username, {
      message: 'Give an email address, a phone number or a username',
      path: ['email'],
    }),
  responses: { 201: signedInSchema },
  errors: ['already_registered', 'registration_closed'],
});
