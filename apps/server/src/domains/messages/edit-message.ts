import { CoupletError, type Message, type MessageId, type UserId } from '@couplet/protocol';
import { messageLexemes } from '../../write-path/store-sends.ts';
import { changeMessage, type ChangeMessageNeeds } from './change-message.ts';
import { renewReplies, updateMessageText } from './messages-repository.ts';

/** Replaces the text of one's own message. The same text again changes nothing. */
export async function editMessage(needs: ChangeMessageNeeds, viewerId: UserId, messageId: MessageId, text: string): Promise<Message> {
  return changeMessage(needs, viewerId, messageId, async (tx, message) => {
    if (message.senderId !== viewerId) throw new CoupletError('forbidden', 'Only the sender can edit a message.');
    if (message.isDeleted) throw new CoupletError('conflict', 'The message was deleted.');
    if (message.isBlocked) throw new CoupletError('blocked');
    if (message.text === text) return [];
    await updateMessageText(tx, messageId, text, messageLexemes(message.senderId, message.receiverId, text));
    return [messageId, ...(await renewReplies(tx, messageId))];
  });
}
