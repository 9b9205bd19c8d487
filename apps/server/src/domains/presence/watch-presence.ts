import type { UserId } from '@couplet/protocol';
import type { Watcher } from './node-presence.ts';
import { presenceOf, type PresenceNeeds } from './presence-of.ts';

/** Follows exactly these people: tells the watcher what they are now, and every change. */
export async function watchPresence(needs: PresenceNeeds, watcher: Watcher, userIds: readonly UserId[]): Promise<void> {
  const distinct = [...new Set(userIds)];
  // Watched before it is read: a change in between is told, and the reading that follows has it.
  const known = await presenceOf(needs, watcher.viewerId, distinct, (reachable) => needs.presence.watch(watcher, reachable));
  for (const presence of known) watcher.notify(presence);
}
