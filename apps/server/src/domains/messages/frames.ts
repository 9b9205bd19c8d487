import type { FrameHandlers } from '../../socket/native/frame-handlers.ts';
import { OK } from '../../socket/native/frame-handlers.ts';
import type { ChangeMessageNeeds } from './change-message.ts';
import { deleteMessage } from './delete-message.ts';
import { editMessage } from './edit-message.ts';
import { reactToMessage } from './react-to-message.ts';
import { sendMessage, type SendMessageNeeds, type SendTarget } from './send-message.ts';
import { storedMessage, type StoredMessageNeeds } from './stored-message.ts';

type MessageFrames = Pick<FrameHandlers, 'chat.message.send' | 'chat.message.edit' | 'chat.message.delete' | 'chat.message.react'>;

export function messageFrames(needs: SendMessageNeeds & ChangeMessageNeeds & StoredMessageNeeds): MessageFrames {
  return {
    'chat.message.send': async ({ conversationId, receiverId, ...body }, { userId, connectionId, frameId }) => {
      // The schema lets exactly one of the two through.
      const target = (conversationId ? { conversationId } : { receiverId }) as SendTarget;
      const stored = await sendMessage(needs, { senderId: userId, target, body, origin: connectionId, requestId: `${connectionId}/${frameId}` });
      const { clientMsgId, messageId, conversationId: storedIn, seq, createdAt, duplicate, senderPosition: position, replyTo } = stored;
      const ack = { clientMsgId, messageId, conversationId: storedIn, seq, createdAt, duplicate, position, ...(replyTo ? { replyTo } : {}) };
      // What was stored this moment is what the device wrote: it need not hear it again.
      return { type: 'chat.message.ack', data: duplicate ? { ...ack, message: await storedMessage(needs, stored) } : ack };
    },
    'chat.message.edit': async ({ messageId, text }, { userId }) => {
      await editMessage(needs, userId, messageId, text);
      return OK;
    },
    'chat.message.delete': async ({ messageId }, { userId }) => {
      await deleteMessage(needs, userId, messageId);
      return OK;
    },
    'chat.message.react': async ({ messageId, emoji }, { userId }) => {
      await reactToMessage(needs, userId, messageId, emoji);
      return OK;
    },
  };
}
