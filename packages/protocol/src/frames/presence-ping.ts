import { z } from 'zod';
import { positionSchema, timestampSchema } from '../models/text.ts';
import { answerSchema, frameSchema } from './envelope.ts';

/** Proof of life, every 15 to 25 s with jitter. `active: false` means the app is in the background. */
export const presencePingFrameSchema = frameSchema('presence.ping', z.object({ active: z.boolean().optional() }));

/**
 * `position` is the end of the user's log: a client that is not there although it
 * waited a moment has missed an event after which nothing came. Left out while
 * the database does not answer in time; the pong is proof of life in any case.
 */
export const presencePongFrameSchema = answerSchema('presence.pong', z.object({ serverTime: timestampSchema, position: positionSchema.optional() }));
