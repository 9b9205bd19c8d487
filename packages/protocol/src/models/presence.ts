import { z } from 'zod';
import { userIdSchema } from '../ids.ts';
import { timestampSchema } from './text.ts';

/** `unknown` when the server cannot tell or may not say (a block, an outage). */
export const presenceSchema = z.object({
  userId: userIdSchema,
  status: z.enum(['online', 'offline', 'unknown']),
  lastSeenAt: timestampSchema.nullable(),
});
export type Presence = z.infer<typeof presenceSchema>;
