import { messageNewSchema } from '../models/event.ts';
import { frameSchema } from './envelope.ts';

/** To the receiver's devices, and to the sender's other devices. */
export const chatMessageNewFrameSchema = frameSchema('chat.message.new', messageNewSchema);
