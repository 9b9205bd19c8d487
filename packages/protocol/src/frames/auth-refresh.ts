import { z } from 'zod';
import { frameSchema } from './envelope.ts';

/** A new access token for the same session, before the old one expires. Answer: `auth.ok`. */
export const authRefreshFrameSchema = frameSchema('auth.refresh', z.object({ token: z.string().min(1).max(8_192) }));
