import type { ConnectionId, ConversationId, SendBody, UserId } from '@couplet/protocol';
import type { SendRequest, StoredSend } from '../../write-path/sends.ts';
import type { Membership } from '../conversations/pairs.ts';

export interface SendMessageNeeds {
  /** Resolves after the commit. */
  storeSend(request: SendRequest): Promise<StoredSend>;
  /** @throws CoupletError `rate_limited` */
  allowSend(userId: UserId): Promise<void>;
  membership(conversationId: ConversationId, userId: UserId): Promise<Membership>;
  /** Found or begun. */
  conversationWith(viewerId: UserId, peerId: UserId): Promise<ConversationId>;
  /** So long after it came in. */
  onSendAcknowledged(seconds: number): void;
  onSendRefused(error: unknown): void;
}

export type SendTarget = { conversationId: ConversationId } | { receiverId: UserId };

/**
 * Stores a message, once for ever per (sender, clientMsgId). Resolves after the
 * commit. Sends of one sender to one target are stored in the order of the calls.
 *
 * @throws CoupletError `not_found`, `blocked`, `conflict`, `rate_limited`, `unavailable`
 */
export async function sendMessage(
  needs: SendMessageNeeds,
  send: { senderId: UserId; target: SendTarget; body: SendBody; origin?: ConnectionId; requestId: string },
): Promise<StoredSend> {
  const startedAt = performance.now();
  const { senderId, target, body } = send;
  try {
    await needs.allowSend(senderId);
    const conversationId = 'conversationId' in target ? target.conversationId : await needs.conversationWith(senderId, target.receiverId);
    const { peerId } = await needs.membership(conversationId, senderId);
    const stored = await needs.storeSend({
      senderId,
      receiverId: peerId,
      conversationId,
      clientMsgId: body.clientMsgId,
      text: body.text ?? '',
      attachmentIds: body.attachments ?? [],
      replyToId: body.replyToId,
      origin: send.origin,
      requestId: send.requestId,
    });
    needs.onSendAcknowledged((performance.now() - startedAt) / 1000);
    return stored;
  } catch (error) {
    needs.onSendRefused(error);
    throw error;
  }
}
