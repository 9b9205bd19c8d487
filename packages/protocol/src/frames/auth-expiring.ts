import { z } from 'zod';
import { frameSchema } from './envelope.ts';

/** The connection's token ends in `inMs`: send `auth.refresh`, or the socket closes with 4401. */
export const authExpiringFrameSchema = frameSchema('auth.expiring', z.object({ inMs: z.number().int().nonnegative() }));
