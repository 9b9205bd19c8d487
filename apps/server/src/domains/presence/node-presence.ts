import type { ConnectionId, Presence, UserId } from '@couplet/protocol';
import { isoFromMicros, microsFromMillis } from '../../database/timestamps.ts';

/** A connection that follows some people. */
export interface Watcher {
  viewerId: UserId;
  connectionId: ConnectionId;
  notify(presence: Presence): void;
}

/** A reload or a change of network is not an absence: "offline" waits this long for a new connection. */
export const OFFLINE_GRACE_MS = 3_000;

/**
 * Who is connected to this node, and who wants to know. A user is online while
 * at least one connection lives; a connection that stops proving it lives is
 * closed by the socket's own time to live.
 */
export class NodePresence {
  readonly #now: () => number;
  readonly #onLeft: (userId: UserId, at: string) => void;
  readonly #present = new Map<UserId, Present>();
  readonly #watchers = new Map<UserId, Set<Watcher>>();
  readonly #watched = new Map<ConnectionId, readonly UserId[]>();

  /** @param onLeft a user's last connection is gone since `at` */
  constructor(now: () => number, onLeft: (userId: UserId, at: string) => void) {
    this.#now = now;
    this.#onLeft = onLeft;
  }

  arrived(userId: UserId): void {
    const present = this.#present.get(userId);
    if (present) {
      present.connections += 1;
      clearTimeout(present.leaving);
      present.leaving = undefined;
      return;
    }
    this.#present.set(userId, { connections: 1, leaving: undefined });
    this.#announce({ userId, status: 'online', lastSeenAt: null });
  }

  departed(userId: UserId): void {
    const present = this.#present.get(userId);
    if (!present) return;
    present.connections -= 1;
    if (present.connections > 0) return;
    const at = isoFromMicros(microsFromMillis(this.#now()));
    this.#onLeft(userId, at);
    present.leaving = setTimeout(() => {
      this.#present.delete(userId);
      this.#announce({ userId, status: 'offline', lastSeenAt: at });
    }, OFFLINE_GRACE_MS).unref();
  }

  connectionCount(userId: UserId): number {
    return this.#present.get(userId)?.connections ?? 0;
  }

  isOnline(userId: UserId): boolean {
    return this.#present.has(userId);
  }

  /** Follows exactly these people from now on. */
  watch(watcher: Watcher, userIds: readonly UserId[]): void {
    this.unwatch(watcher.connectionId);
    if (userIds.length === 0) return;
    this.#watched.set(watcher.connectionId, userIds);
    for (const userId of userIds) {
      const watchers = this.#watchers.get(userId) ?? new Set();
      this.#watchers.set(userId, watchers.add(watcher));
    }
  }

  unwatch(connectionId: ConnectionId): void {
    for (const userId of this.#watched.get(connectionId) ?? []) {
      const watchers = this.#watchers.get(userId);
      for (const watcher of watchers ?? []) if (watcher.connectionId === connectionId) watchers?.delete(watcher);
      if (watchers?.size === 0) this.#watchers.delete(userId);
    }
    this.#watched.delete(connectionId);
  }

  /** A block: neither of the two sees the other's presence any longer. */
  sever(one: UserId, other: UserId): void {
    for (const [viewerId, userId] of [[one, other], [other, one]] as const) {
      const watchers = this.#watchers.get(userId);
      for (const watcher of watchers ?? []) {
        if (watcher.viewerId !== viewerId) continue;
        watchers?.delete(watcher);
        watcher.notify({ userId, status: 'unknown', lastSeenAt: null });
      }
    }
  }

  close(): void {
    for (const present of this.#present.values()) clearTimeout(present.leaving);
  }

  #announce(presence: Presence): void {
    for (const watcher of this.#watchers.get(presence.userId) ?? []) watcher.notify(presence);
  }
}

interface Present {
  connections: number;
  leaving: NodeJS.Timeout | undefined;
}
