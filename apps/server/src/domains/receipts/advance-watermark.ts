import { type ConversationId, CoupletError, type MessageId, type UserId } from '@couplet/protocol';
import type { Queryable } from '../../database/transaction.ts';
import type { Batcher } from '../../write-path/batcher.ts';
import type { ReceiptRequest, StoredReceipt, WatermarkKind } from '../../write-path/commit-receipts.ts';
import type { Membership } from '../conversations/pairs.ts';
import { findMessageMembers } from '../messages/messages-repository.ts';

export interface AdvanceWatermarkNeeds {
  db: Queryable;
  receipts: Pick<Batcher<ReceiptRequest, StoredReceipt>, 'submit'>;
  membership(conversationId: ConversationId, userId: UserId): Promise<Membership>;
}

/** How far: by seq, or by the message that stands there. */
export type WatermarkTarget = { seq: number } | { messageId: MessageId };

/**
 * The viewer has received or read everything up to here. Only rises; a lower
 * one changes nothing and is answered the same.
 *
 * @throws CoupletError `not_found` for a conversation of others, or a message that is not in it
 */
export async function advanceWatermark(
  needs: AdvanceWatermarkNeeds,
  viewerId: UserId,
  conversationId: ConversationId,
  kind: WatermarkKind,
  target: WatermarkTarget,
): Promise<void> {
  const { peerId } = await needs.membership(conversationId, viewerId);
  const seq = 'seq' in target ? target.seq : await seqOf(needs.db, conversationId, target.messageId);
  await needs.receipts.submit({ userId: viewerId, peerId, conversationId, kind, seq });
}

async function seqOf(db: Queryable, conversationId: ConversationId, messageId: MessageId): Promise<number> {
  const message = await findMessageMembers(db, messageId);
  if (message?.conversationId !== conversationId) throw new CoupletError('not_found', 'That message is not in this conversation.');
  return message.seq;
}
