import { z } from 'zod';
import { LIMITS } from '../limits.ts';
import { personNameSchema } from '../models/text.ts';
import { viewerSchema } from '../models/user.ts';
import { defineEndpoint } from './define-endpoint.ts';
import { emailSchema, usernameSchema } from './register.ts';

/** The user's id in the system that owns the accounts. */
export const externalIdSchema = z.string().min(1).max(255);

export const adminCreateUsersEndpoint = defineEndpoint({
  name: 'adminCreateUsers',
  method: 'POST',
  path: '/api/admin/users',
  auth: 'admin',
  summary:
    'Create or update up to 1,000 users, answered in order. Idempotent by externalId: name, avatar, email and username of a known one are updated.',
  body: z.object({
    users: z
      .array(
        z.object({
          externalId: externalIdSchema.optional(),
          email: emailSchema.optional(),
          username: usernameSchema.optional(),
          name: personNameSchema,
          avatarUrl: z.url({ protocol: /^https?$/ }).max(2_048).optional(),
        }),
      )
      .min(1)
      .max(LIMITS.adminBatch),
  }),
  responses: { 200: z.object({ users: z.array(viewerSchema.extend({ externalId: z.string().nullable() })) }) },
  errors: ['already_registered', 'forbidden'],
});
