import { z } from 'zod';
import { authFrameSchema } from './auth.ts';
import { authRefreshFrameSchema } from './auth-refresh.ts';
import { chatMessageDeleteFrameSchema } from './chat-message-delete.ts';
import { chatMessageDeliveredUpFrameSchema } from './chat-message-delivered.ts';
import { chatMessageEditFrameSchema } from './chat-message-edit.ts';
import { chatMessageReactFrameSchema } from './chat-message-react.ts';
import { chatMessageReadUpFrameSchema } from './chat-message-read.ts';
import { chatMessageSendFrameSchema } from './chat-message-send.ts';
import { chatSyncFrameSchema } from './chat-sync.ts';
import { chatTypingUpFrameSchema } from './chat-typing.ts';
import { presencePingFrameSchema } from './presence-ping.ts';
import { presenceWatchFrameSchema } from './presence-watch.ts';

/** Everything a client may say. */
export const upFrameSchema = z.discriminatedUnion('type', [
  authFrameSchema,
  authRefreshFrameSchema,
  presencePingFrameSchema,
  presenceWatchFrameSchema,
  chatMessageSendFrameSchema,
  chatMessageDeliveredUpFrameSchema,
  chatMessageReadUpFrameSchema,
  chatMessageEditFrameSchema,
  chatMessageDeleteFrameSchema,
  chatMessageReactFrameSchema,
  chatTypingUpFrameSchema,
  chatSyncFrameSchema,
]);
export type UpFrame = z.infer<typeof upFrameSchema>;
export type UpFrameType = UpFrame['type'];
export type UpFrameOf<Type extends UpFrameType> = Extract<UpFrame, { type: Type }>;
