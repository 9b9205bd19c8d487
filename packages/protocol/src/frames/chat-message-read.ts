import { messageReadSchema } from '../models/event.ts';
import { frameSchema } from './envelope.ts';
import { watermarkSchema } from './watermark.ts';

/** Up: this user has read everything up to here. The watermark only rises. Answer: `ok`. */
export const chatMessageReadUpFrameSchema = frameSchema('chat.message.read', watermarkSchema);

/** Down: a watermark rose. */
export const chatMessageReadDownFrameSchema = frameSchema('chat.message.read', messageReadSchema);
