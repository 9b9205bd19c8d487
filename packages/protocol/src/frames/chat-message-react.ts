import { z } from 'zod';
import { messageIdSchema } from '../ids.ts';
import { frameSchema } from './envelope.ts';

/** One reaction, as a person sees it: an emoji with its modifiers, not a text. */
export const emojiSchema = z
  .string()
  .min(1)
  .max(32)
  .regex(/^[\p{Emoji}\p{Emoji_Component}\u200d\ufe0f]+$/u, 'Use an emoji')
  .refine((text) => /\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3/u.test(text), 'Use an emoji');

/** Set one's reaction to a message (one per person), or take it back with `null`. Answer: `ok`. */
export const chatMessageReactFrameSchema = frameSchema(
  'chat.message.react',
  z.object({ messageId: messageIdSchema, emoji: emojiSchema.nullable() }),
);
