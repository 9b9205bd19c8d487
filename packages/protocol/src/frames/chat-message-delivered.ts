import { messageDeliveredSchema } from '../models/event.ts';
import { frameSchema } from './envelope.ts';
import { watermarkSchema } from './watermark.ts';

/** Up: this user has received everything up to here. The watermark only rises. Answer: `ok`. */
export const chatMessageDeliveredUpFrameSchema = frameSchema('chat.message.delivered', watermarkSchema);

/** Down: a watermark rose. */
export const chatMessageDeliveredDownFrameSchema = frameSchema('chat.message.delivered', messageDeliveredSchema);
