import { z } from 'zod';
import { epochSchema } from '../ids.ts';
import { LIMITS } from '../limits.ts';
import { syncPageSchema } from '../models/event.ts';
import { positionSchema } from '../models/text.ts';
import { answerSchema, frameSchema } from './envelope.ts';

/** Everything after `since`. Error `too_old` when the log does not reach back or the epoch is another: take a snapshot. */
export const chatSyncFrameSchema = frameSchema(
  'chat.sync',
  z.object({
    epoch: epochSchema.optional(),
    since: positionSchema,
    limit: z.number().int().min(1).max(LIMITS.syncPageSize).optional(),
  }),
);

export const chatSyncResultFrameSchema = answerSchema('chat.sync.result', syncPageSchema);
