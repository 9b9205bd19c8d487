import { z } from 'zod';
import { sessionIdSchema } from '../ids.ts';
import { timestampSchema } from './text.ts';
import { viewerSchema } from './user.ts';

/** One user signed in on one device: refreshable, revocable, survives connections. */
export const sessionSchema = z.object({
  id: sessionIdSchema,
  deviceName: z.string(),
  createdAt: timestampSchema,
  lastUsedAt: timestampSchema,
  current: z.boolean(),
});
export type Session = z.infer<typeof sessionSchema>;

/** What register, login and refresh answer. */
export const signedInSchema = z.object({
  user: viewerSchema,
  accessToken: z.string(),
  accessTokenExpiresAt: timestampSchema,
  refreshToken: z.string(),
  sessionId: sessionIdSchema,
});
export type SignedIn = z.infer<typeof signedInSchema>;
