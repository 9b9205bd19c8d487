import { CoupletError, type Message, type MessageId, type UserId } from '@couplet/protocol';
import { discardUploadsOfMessage } from '../attachments/uploads-repository.ts';
import { changeMessage, type ChangeMessageNeeds } from './change-message.ts';
import { entombMessage, renewReplies } from './messages-repository.ts';

/** Deletes one's own message for both members: a tombstone keeps its seq. Again changes nothing. */
export async function deleteMessage(needs: ChangeMessageNeeds, viewerId: UserId, messageId: MessageId): Promise<Message> {
  return changeMessage(needs, viewerId, messageId, async (tx, message) => {
    if (message.senderId !== viewerId) throw new CoupletError('forbidden', 'Only the sender can delete a message for both.');
    if (message.isDeleted) return [];
    await entombMessage(tx, messageId);
    await discardUploadsOfMessage(tx, messageId);
    return [messageId, ...(await renewReplies(tx, messageId))];
  });
}
