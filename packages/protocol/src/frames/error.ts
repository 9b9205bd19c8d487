import { z } from 'zod';
import { errorCodeSchema } from '../error-codes.ts';
import { clientMsgIdSchema } from '../ids.ts';
import { frameIdSchema, frameSchema } from './envelope.ts';

/** A request failed and changed nothing. Without `replyTo`: a frame that could not be read. */
export const errorFrameSchema = frameSchema(
  'error',
  z.object({
    code: errorCodeSchema,
    message: z.string(),
    retryable: z.boolean(),
    retryAfterMs: z.number().int().nonnegative().optional(),
    clientMsgId: clientMsgIdSchema.optional(),
  }),
).extend({ replyTo: frameIdSchema.optional() });
