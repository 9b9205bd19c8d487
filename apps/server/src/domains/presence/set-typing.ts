import type { ConversationId, UserId } from '@couplet/protocol';
import type { Queryable } from '../../database/transaction.ts';
import type { Fanout } from '../../fanout/fanout.ts';
import { isBlockedBetween } from '../conversations/conversations-repository.ts';
import type { Membership } from '../conversations/pairs.ts';

/** A typing signal is believed this long; clients repeat it every three seconds. */
const TYPING_MS = 6_000;

export interface SetTypingNeeds {
  db: Queryable;
  fanout: Fanout;
  now: () => number;
  membership(conversationId: ConversationId, userId: UserId): Promise<Membership>;
}

/**
 * Tells the peer that the viewer types. Nothing is stored; across a block nothing is told.
 *
 * @returns whether the peer was told
 * @throws CoupletError `not_found` for a conversation of others
 */
export async function setTyping(needs: SetTypingNeeds, viewerId: UserId, conversationId: ConversationId, isTyping: boolean): Promise<boolean> {
  const { peerId } = await needs.membership(conversationId, viewerId);
  if (await isBlockedBetween(needs.db, viewerId, peerId)) return false;
  const expiresAt = new Date(needs.now() + (isTyping ? TYPING_MS : 0)).toISOString();
  needs.fanout.publish([{ to: peerId, payload: { type: 'chat.typing', conversationId, userId: viewerId, isTyping, expiresAt } }]);
  return true;
}
