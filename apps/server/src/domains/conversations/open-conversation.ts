import { type Conversation, type ConversationId, CoupletError, type UserId, uuidv7 } from '@couplet/protocol';
import { randomFillSync } from 'node:crypto';
import type pg from 'pg';
import { microsFromMillis } from '../../database/timestamps.ts';
import { inTransaction } from '../../database/transaction.ts';
import { appendEvents, lockEventLogs } from '../../event-log/append-events.ts';
import { deliverAppended } from '../../event-log/deliver-appended.ts';
import type { EventLogReader } from '../../event-log/event-log-reader.ts';
import type { Fanout } from '../../fanout/fanout.ts';
import type { AttachmentLinks } from '../attachments/stored-content.ts';
import { userExists } from '../users/users-repository.ts';
import { createPair, findConversations, findPairOf, isBlockedBetween } from './conversations-repository.ts';

export interface OpenConversationNeeds {
  pool: pg.Pool;
  log: EventLogReader;
  fanout: Fanout;
  attachmentLinks: AttachmentLinks;
  now: () => number;
}

/**
 * The conversation of this pair, begun now or found. An empty one shows only to
 * who began it, so only that user's devices are told.
 *
 * @throws CoupletError `not_found` (no such user, or oneself), `blocked` (only when it would have to be begun)
 */
export async function openConversation(
  needs: OpenConversationNeeds,
  viewerId: UserId,
  peerId: UserId,
): Promise<{ conversation: Conversation; created: boolean }> {
  const { conversationId, created } = await openPair(needs, viewerId, peerId);
  const [conversation] = await findConversations(needs.pool, needs.attachmentLinks, viewerId, [conversationId]);
  if (!conversation) throw new CoupletError('internal');
  return { conversation, created };
}

/** The same without the view: what a send to a receiver needs. */
export async function openPair(
  needs: OpenConversationNeeds,
  viewerId: UserId,
  peerId: UserId,
): Promise<{ conversationId: ConversationId; created: boolean }> {
  const found = await findPairOf(needs.pool, viewerId, peerId);
  if (found) return { conversationId: found.conversationId, created: false };
  if (viewerId === peerId || !(await userExists(needs.pool, peerId))) throw new CoupletError('not_found', 'There is no such person to talk with.');
  if (await isBlockedBetween(needs.pool, viewerId, peerId)) throw new CoupletError('blocked');
  const now = needs.now();
  const id = uuidv7(now, randomFillSync) as ConversationId;
  const appended = await inTransaction(needs.pool, async (tx) => {
    await lockEventLogs(tx, [viewerId]);
    const pair = await createPair(tx, { id, initiatorId: viewerId, peerId, now: microsFromMillis(now) });
    return pair && appendEvents(tx, [{ userId: viewerId, type: 'conversation.updated', conversationId: id }]);
  });
  if (appended) {
    await deliverAppended(needs.log, needs.fanout, appended);
    return { conversationId: id, created: true };
  }
  // Begun by the other side at the same moment.
  const theirs = await findPairOf(needs.pool, viewerId, peerId);
  if (!theirs) throw new CoupletError('internal');
  return { conversationId: theirs.conversationId, created: false };
}
