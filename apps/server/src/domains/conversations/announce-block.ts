import type { UserId } from '@couplet/protocol';
import { inTransaction } from '../../database/transaction.ts';
import { appendEvents, lockEventLogs } from '../../event-log/append-events.ts';
import { deliverAppended } from '../../event-log/deliver-appended.ts';
import { findPairOf } from './conversations-repository.ts';
import type { OpenConversationNeeds } from './open-conversation.ts';

/** A block began or ended: the viewer's own devices get `conversation.updated`. The peer is never told. */
export async function announceBlock(needs: OpenConversationNeeds, viewerId: UserId, peerId: UserId): Promise<void> {
  const pair = await findPairOf(needs.pool, viewerId, peerId);
  if (!pair) return;
  const appended = await inTransaction(needs.pool, async (tx) => {
    await lockEventLogs(tx, [viewerId]);
    return appendEvents(tx, [{ userId: viewerId, type: 'conversation.updated', conversationId: pair.conversationId }]);
  });
  await deliverAppended(needs.log, needs.fanout, appended);
}
