import { z } from 'zod';
import { conversationIdSchema, userIdSchema } from '../ids.ts';
import { timestampSchema } from '../models/text.ts';
import { frameSchema } from './envelope.ts';

/** Up: a signal, no answer. Repeat every few seconds while typing; no stop is required. */
export const chatTypingUpFrameSchema = frameSchema(
  'chat.typing',
  z.object({ conversationId: conversationIdSchema, isTyping: z.boolean() }),
);

/** Somebody types, or stopped. Believe it until `expiresAt` at the latest. */
export const typingSchema = z.object({ conversationId: conversationIdSchema, userId: userIdSchema, isTyping: z.boolean(), expiresAt: timestampSchema });

export const chatTypingDownFrameSchema = frameSchema('chat.typing', typingSchema);
