import type { Presence, UserId } from '@couplet/protocol';
import type { Queryable } from '../../database/transaction.ts';
import { filterReachablePeers } from '../conversations/conversations-repository.ts';
import type { LastSeen } from './last-seen.ts';
import type { NodePresence } from './node-presence.ts';
import { findLastSeen } from './presence-repository.ts';

export interface PresenceNeeds {
  db: Queryable;
  presence: NodePresence;
  lastSeen: LastSeen;
}

/**
 * The presence of these people as the viewer may see it, in order: `unknown` for
 * those they have no conversation with, or a block, and where nobody can tell.
 *
 * @param prepare called with those whom the viewer may see, before it is found out what they are
 */
export async function presenceOf(needs: PresenceNeeds, viewerId: UserId, userIds: readonly UserId[], prepare?: (reachable: readonly UserId[]) => void): Promise<Presence[]> {
  const reachable = await filterReachablePeers(needs.db, viewerId, userIds);
  prepare?.(reachable);
  const lastSeen = await findLastSeen(needs.db, reachable);
  // Last: nothing that is told from here on is older than it.
  const statuses = await needs.presence.find(reachable);
  return userIds.map((userId) => {
    const status = statuses.get(userId) ?? 'unknown';
    return { userId, status, lastSeenAt: status === 'offline' ? (needs.lastSeen.unsaved(userId) ?? lastSeen.get(userId) ?? null) : null };
  });
}
