import { CoupletError, type Message, type MessageId, type UserId } from '@couplet/protocol';
import { changeMessage, type ChangeMessageNeeds } from './change-message.ts';
import { updateReactions } from './messages-repository.ts';

/** Sets the viewer's one reaction to a message, or takes it back with `null`. */
export async function reactToMessage(
  needs: ChangeMessageNeeds,
  viewerId: UserId,
  messageId: MessageId,
  emoji: string | null,
): Promise<Message> {
  return changeMessage(needs, viewerId, messageId, async (tx, message) => {
    const mine = message.reactions.find((reaction) => reaction.userId === viewerId)?.emoji ?? null;
    if (mine === emoji) return [];
    if (message.isDeleted) throw new CoupletError('conflict', 'The message was deleted.');
    if (message.isBlocked) throw new CoupletError('blocked');
    const others = message.reactions.filter((reaction) => reaction.userId !== viewerId);
    await updateReactions(tx, messageId, emoji === null ? others : [...others, { userId: viewerId, emoji }]);
    return [messageId];
  });
}
