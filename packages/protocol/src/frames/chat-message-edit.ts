import { z } from 'zod';
import { messageIdSchema } from '../ids.ts';
import { messageTextSchema } from '../models/text.ts';
import { frameSchema } from './envelope.ts';

/** Replace the text of one's own message. Answer: `ok`. */
export const chatMessageEditFrameSchema = frameSchema(
  'chat.message.edit',
  z.object({ messageId: messageIdSchema, text: messageTextSchema }),
);
