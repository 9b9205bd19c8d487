import { conversationUpdatedSchema } from '../models/event.ts';
import { frameSchema } from './envelope.ts';

/** Begun, or changed for this viewer. */
export const conversationUpdatedFrameSchema = frameSchema('conversation.updated', conversationUpdatedSchema);
