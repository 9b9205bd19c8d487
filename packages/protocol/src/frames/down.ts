import { z } from 'zod';
import { authOkFrameSchema } from './auth.ts';
import { authExpiringFrameSchema } from './auth-expiring.ts';
import { chatMessageDeliveredDownFrameSchema } from './chat-message-delivered.ts';
import { chatMessageNewFrameSchema } from './chat-message-new.ts';
import { chatMessageReadDownFrameSchema } from './chat-message-read.ts';
import { chatMessageAckFrameSchema } from './chat-message-send.ts';
import { chatMessageUpdatedFrameSchema } from './chat-message-updated.ts';
import { chatSyncResultFrameSchema } from './chat-sync.ts';
import { chatTypingDownFrameSchema } from './chat-typing.ts';
import { conversationUpdatedFrameSchema } from './conversation-updated.ts';
import { errorFrameSchema } from './error.ts';
import { okFrameSchema } from './ok.ts';
import { presencePongFrameSchema } from './presence-ping.ts';
import { presenceUpdateFrameSchema } from './presence-update.ts';
import { serverDrainingFrameSchema } from './server-draining.ts';

/** Everything a server may say. A client ignores (and counts) types it does not know. */
export const downFrameSchema = z.discriminatedUnion('type', [
  authOkFrameSchema,
  presencePongFrameSchema,
  presenceUpdateFrameSchema,
  chatMessageAckFrameSchema,
  chatMessageNewFrameSchema,
  chatMessageUpdatedFrameSchema,
  chatMessageDeliveredDownFrameSchema,
  chatMessageReadDownFrameSchema,
  conversationUpdatedFrameSchema,
  chatTypingDownFrameSchema,
  chatSyncResultFrameSchema,
  okFrameSchema,
  errorFrameSchema,
  authExpiringFrameSchema,
  serverDrainingFrameSchema,
]);
export type DownFrame = z.infer<typeof downFrameSchema>;
export type DownFrameType = DownFrame['type'];
export type DownFrameOf<Type extends DownFrameType> = Extract<DownFrame, { type: Type }>;
