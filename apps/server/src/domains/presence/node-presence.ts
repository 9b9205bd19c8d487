import type { ConnectionId, Presence, UserId } from '@couplet/protocol';
import { isoFromMicros, microsFromMillis } from '../../database/timestamps.ts';

/** A connection that follows some people. */
export interface Watcher {
  viewerId: UserId;
  connectionId: ConnectionId;
  notify(presence: Presence): void;
}

/** A reload or a change of network is not an absence: "offline" waits this long for a new connection. */
const OFFLINE_GRACE_MS = 3_000;
/** Users asked about in one go when everything is read anew. */
const REREAD_AT_ONCE = 1_000;

/** The other nodes, where there are some. What they tell comes back through `hear`, also of what was told from here. */
export interface PresenceElsewhere {
  /** Whether anything can be known of them right now. */
  readonly isKnown: boolean;
  /** One more connection on this node. */
  arrived(userId: UserId): void;
  /** One less, but not the last one. */
  stayed(userId: UserId): void;
  /** The last connection on this node is gone for good. */
  departed(userId: UserId, at: string): void;
  /** Those of these users who are online on some node; null when nobody can tell. */
  findOnline(userIds: readonly UserId[]): Promise<ReadonlySet<UserId> | null>;
  close(): void;
}

export interface NodePresenceOptions {
  now: () => number;
  /** A user's last connection on this node is gone since `at`. */
  onLeft(userId: UserId, at: string): void;
  /** Null on a deployment of one node. */
  elsewhere: PresenceElsewhere | null;
}

/**
 * Who is connected to this node, and who wants to know. A user is online while
 * at least one connection lives, here or elsewhere; a connection that stops
 * proving it lives is closed by the socket's own time to live.
 */
export class NodePresence {
  readonly #options: NodePresenceOptions;
  readonly #present = new Map<UserId, Present>();
  readonly #watchers = new Map<UserId, Set<Watcher>>();
  readonly #watched = new Map<ConnectionId, readonly UserId[]>();
  /** Of each reading under way, who was heard of since it began. */
  readonly #heardWhileReading = new Set<Set<UserId>>();
  /** By `performance.now()`: nobody who leaves from now on is told gone before. */
  #expectedUntil = 0;

  constructor(options: NodePresenceOptions) {
    this.#options = options;
  }

  arrived(userId: UserId): void {
    const present = this.#present.get(userId);
    if (present) {
      present.connections += 1;
      clearTimeout(present.leaving);
      present.leaving = undefined;
      this.#options.elsewhere?.arrived(userId);
      return;
    }
    this.#present.set(userId, { connections: 1, leaving: undefined });
    this.#options.elsewhere?.arrived(userId);
    this.#announce({ userId, status: 'online', lastSeenAt: null });
  }

  departed(userId: UserId): void {
    const present = this.#present.get(userId);
    if (!present) return;
    present.connections -= 1;
    if (present.connections > 0) return this.#options.elsewhere?.stayed(userId);
    const at = isoFromMicros(microsFromMillis(this.#options.now()));
    this.#options.onLeft(userId, at);
    const expectedMs = Math.max(0, this.#expectedUntil - performance.now());
    present.leaving = setTimeout(() => {
      this.#present.delete(userId);
      this.#left(userId, at);
    }, OFFLINE_GRACE_MS + expectedMs).unref();
  }

  /** This node stops: whoever leaves it now was told to come back elsewhere within this. */
  expectBackWithin(ms: number): void {
    this.#expectedUntil = performance.now() + ms;
  }

  /** On this node. */
  connectionCount(userId: UserId): number {
    return this.#present.get(userId)?.connections ?? 0;
  }

  /** What these users are, on any node; `unknown` for those who are not here while the others cannot be asked. */
  async find(userIds: readonly UserId[]): Promise<Map<UserId, Presence['status']>> {
    const away = userIds.filter((userId) => !this.#present.has(userId));
    const { elsewhere } = this.#options;
    const online = elsewhere && away.length > 0 ? await elsewhere.findOnline(away) : new Set<UserId>();
    const statusOf = (userId: UserId) => {
      if (this.#present.has(userId)) return 'online';
      if (online === null) return 'unknown';
      return online.has(userId) ? 'online' : 'offline';
    };
    return new Map(userIds.map((userId) => [userId, statusOf(userId)]));
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

  /** Somebody came or went on some node; this one is the last to say so of those who are here. */
  hear(presence: Presence): void {
    for (const heard of this.#heardWhileReading) heard.add(presence.userId);
    if (!this.#present.has(presence.userId)) this.#announce(presence);
  }

  /** Nobody can tell any longer who is on the other nodes. */
  lost(): void {
    for (const userId of this.#watchers.keys()) {
      if (!this.#present.has(userId)) this.#announce({ userId, status: 'unknown', lastSeenAt: null });
    }
  }

  /**
   * Asks the other nodes again for everybody who is followed here, and tells it.
   *
   * @returns whether all of them could say so
   */
  async reread(): Promise<boolean> {
    const followed = [...this.#watchers.keys()].filter((userId) => !this.#present.has(userId));
    // What is heard meanwhile may be newer than the answer.
    const heard = new Set<UserId>();
    this.#heardWhileReading.add(heard);
    let isKnown = true;
    try {
      for (let start = 0; start < followed.length; start += REREAD_AT_ONCE) {
        for (const [userId, status] of await this.find(followed.slice(start, start + REREAD_AT_ONCE))) {
          if (status === 'unknown') isKnown = false;
          if (!this.#present.has(userId) && !heard.has(userId)) this.#announce({ userId, status, lastSeenAt: null });
        }
      }
    } finally {
      this.#heardWhileReading.delete(heard);
    }
    return isKnown;
  }

  close(): void {
    for (const present of this.#present.values()) clearTimeout(present.leaving);
    this.#options.elsewhere?.close();
  }

  #left(userId: UserId, at: string): void {
    const { elsewhere } = this.#options;
    if (!elsewhere) return this.#announce({ userId, status: 'offline', lastSeenAt: at });
    // Whether they are online elsewhere is found out in the same step in which it is told.
    elsewhere.departed(userId, at);
    if (!elsewhere.isKnown) this.#announce({ userId, status: 'unknown', lastSeenAt: null });
  }

  #announce(presence: Presence): void {
    for (const watcher of this.#watchers.get(presence.userId) ?? []) watcher.notify(presence);
  }
}

interface Present {
  connections: number;
  leaving: NodeJS.Timeout | undefined;
}
