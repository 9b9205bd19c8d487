import type { UserId } from '@couplet/protocol';
import type { Transaction } from '../../database/transaction.ts';
import { type AppendedEvent, appendEvents, lockEventLogs } from '../../event-log/append-events.ts';
import { findPairOf } from './conversations-repository.ts';

/**
 * In the transaction that begins or ends a block: the viewer's own devices get
 * `conversation.updated`. The peer is never told. Deliver what it answers after the commit.
 */
export async function announceBlock(tx: Transaction, viewerId: UserId, peerId: UserId): Promise<AppendedEvent[]> {
  const pair = await findPairOf(tx, viewerId, peerId);
  if (!pair) return [];
  await lockEventLogs(tx, [viewerId]);
  return appendEvents(tx, [{ userId: viewerId, type: 'conversation.updated', conversationId: pair.conversationId }]);
}
