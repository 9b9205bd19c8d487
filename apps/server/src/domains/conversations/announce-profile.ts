import type { UserId } from '@couplet/protocol';
import type { Transaction } from '../../database/transaction.ts';
import { type AppendedEvent, appendEvents, lockEventLogs } from '../../event-log/append-events.ts';
import { listPeersOf } from './conversations-repository.ts';

/** The people told of a new name or photo: the last active ones; others see it when they next open the app. */
const ANNOUNCED_PEERS = 500;

/**
 * In the transaction that changes profiles: the people these users talk with get
 * `conversation.updated`. Deliver what it answers after the commit.
 */
export async function announceProfiles(tx: Transaction, userIds: readonly UserId[]): Promise<AppendedEvent[]> {
  const peers = await listPeersOf(tx, userIds, ANNOUNCED_PEERS);
  await lockEventLogs(tx, [...new Set(peers.map((peer) => peer.peerId))]);
  return appendEvents(
    tx,
    peers.map((peer) => ({ userId: peer.peerId, type: 'conversation.updated', conversationId: peer.conversationId })),
  );
}
