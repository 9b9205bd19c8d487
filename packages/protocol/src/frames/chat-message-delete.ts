import { z } from 'zod';
import { messageIdSchema } from '../ids.ts';
import { frameSchema } from './envelope.ts';

/** Delete one's own message for both members; a tombstone keeps its seq. Answer: `ok`. */
export const chatMessageDeleteFrameSchema = frameSchema('chat.message.delete', z.object({ messageId: messageIdSchema }));
