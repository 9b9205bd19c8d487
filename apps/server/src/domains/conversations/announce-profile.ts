import type { UserId } from '@couplet/protocol';
import { inTransaction } from '../../database/transaction.ts';
import { appendEvents, lockEventLogs } from '../../event-log/append-events.ts';
import { deliverAppended } from '../../event-log/deliver-appended.ts';
import { listPeersOf } from './conversations-repository.ts';
import type { OpenConversationNeeds } from './open-conversation.ts';

/** The people told of a new name or photo: the last active ones; others see it when they next open the app. */
const ANNOUNCED_PEERS = 500;

/** A user's profile changed: the people they talk with get `conversation.updated`. */
export async function announceProfile(needs: OpenConversationNeeds, userId: UserId): Promise<void> {
  const peers = await listPeersOf(needs.pool, userId, ANNOUNCED_PEERS);
  if (peers.length === 0) return;
  const appended = await inTransaction(needs.pool, async (tx) => {
    await lockEventLogs(tx, peers.map((peer) => peer.peerId));
    return appendEvents(
      tx,
      peers.map((peer) => ({ userId: peer.peerId, type: 'conversation.updated', conversationId: peer.conversationId })),
    );
  });
  await deliverAppended(needs.log, needs.fanout, appended);
}
