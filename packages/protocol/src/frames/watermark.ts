import { z } from 'zod';
import { conversationIdSchema, messageIdSchema } from '../ids.ts';

/** How far, named by message or by seq. */
export const watermarkSchema = z
  .object({
    conversationId: conversationIdSchema,
    messageId: messageIdSchema.optional(),
    seq: z.number().int().positive().optional(),
  })
  .refine((data) => (data.messageId === undefined) !== (data.seq === undefined), {
    message: 'Name either messageId or seq',
    path: ['seq'],
  });
