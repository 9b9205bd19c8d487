import { z } from 'zod';

/** Chosen by whoever sends the frame; an answer names it in `replyTo`. */
export const frameIdSchema = z.string().min(1).max(64);

/**
 * The one envelope of the native protocol: `type` first, then `id`, `ts` (epoch
 * milliseconds of the sender's clock, for people reading logs only), `data`.
 */
export function frameSchema<Type extends string, Data extends z.ZodType>(type: Type, data: Data) {
  return z.object({
    type: z.literal(type),
    id: frameIdSchema,
    ts: z.number().int().nonnegative(),
    data,
  });
}

/** A frame that answers a request: names it in `replyTo`. */
export function answerSchema<Type extends string, Data extends z.ZodType>(type: Type, data: Data) {
  return frameSchema(type, data).extend({ replyTo: frameIdSchema });
}
