import type { UserId } from '@couplet/protocol';
import type { Watcher } from './node-presence.ts';
import { presenceOf, type PresenceNeeds } from './presence-of.ts';

/** Follows exactly these people: tells the watcher what they are now, and every change. */
export async function watchPresence(needs: PresenceNeeds, watcher: Watcher, userIds: readonly UserId[]): Promise<void> {
  const distinct = [...new Set(userIds)];
  const known = await presenceOf(needs, watcher.viewerId, distinct);
  const visible = known.filter((presence) => presence.status !== 'unknown');
  needs.presence.watch(
    watcher,
    visible.map((presence) => presence.userId),
  );
  // Read anew: it may have changed while the database was asked.
  for (const presence of known) {
    const isOnline = presence.status !== 'unknown' && needs.presence.isOnline(presence.userId);
    watcher.notify(isOnline ? { ...presence, status: 'online', lastSeenAt: null } : presence);
  }
}
