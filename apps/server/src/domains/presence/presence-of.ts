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

/** The presence of these people as the viewer may see it, in order: `unknown` for those they have no conversation with, or a block. */
export async function presenceOf(needs: PresenceNeeds, viewerId: UserId, userIds: readonly UserId[]): Promise<Presence[]> {
  const reachable = new Set(await filterReachablePeers(needs.db, viewerId, userIds));
  const offline = [...reachable].filter((userId) => !needs.presence.isOnline(userId));
  const lastSeen = await findLastSeen(needs.db, offline);
  return userIds.map((userId) => {
    if (!reachable.has(userId)) return { userId, status: 'unknown', lastSeenAt: null };
    if (needs.presence.isOnline(userId)) return { userId, status: 'online', lastSeenAt: null };
    return { userId, status: 'offline', lastSeenAt: needs.lastSeen.unsaved(userId) ?? lastSeen.get(userId) ?? null };
  });
}
