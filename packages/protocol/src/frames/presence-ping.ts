import { z } from 'zod';
import { timestampSchema } from '../models/text.ts';
import { answerSchema, frameSchema } from './envelope.ts';

/** Proof of life, every 15 to 25 s with jitter. `active: false` means the app is in the background. */
export const presencePingFrameSchema = frameSchema('presence.ping', z.object({ active: z.boolean().optional() }));

export const presencePongFrameSchema = answerSchema('presence.pong', z.object({ serverTime: timestampSchema }));
