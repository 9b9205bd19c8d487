import { messageUpdatedSchema } from '../models/event.ts';
import { frameSchema } from './envelope.ts';

/** Edited, deleted or reacted to. */
export const chatMessageUpdatedFrameSchema = frameSchema('chat.message.updated', messageUpdatedSchema);
