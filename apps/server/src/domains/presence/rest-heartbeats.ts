import { type ConnectionId, CoupletError, type Presence, type SessionId, type UserId } from '@couplet/protocol';
import type { Delivery, Fanout } from '../../fanout/fanout.ts';
import { SOCKET_LIMITS } from '../../socket/limits.ts';

/**
 * A device without a heartbeat for this long is gone, as with a socket. They come
 * every 15 to 25 s, and a client whose heartbeat is not answered connects anew and
 * says at once that it is there.
 */
const ALIVE_MS = SOCKET_LIMITS.heartbeatTtlMs - SOCKET_LIMITS.sweepEveryMs;

export interface RestHeartbeatsNeeds {
  fanout: Pick<Fanout, 'subscribe'>;
  /** Epoch milliseconds. */
  now: () => number;
  /** False when this user has too many connections. */
  arrived(userId: UserId): boolean;
  departed(userId: UserId): void;
  /** Whom the viewer talks with: the last active ones. */
  peersOf(viewerId: UserId): Promise<UserId[]>;
  /** Follows exactly these people: tells what they are now before it resolves, and every change after. */
  watchPresence(viewerId: UserId, connectionId: string, userIds: readonly UserId[], notify: (presence: Presence) => void): Promise<void>;
  unwatch(connectionId: string): void;
  /** To all devices of the viewer, by the way their events come. */
  tell(viewerId: UserId, presence: Presence): void;
  onError(error: unknown): void;
}

/** Somebody with at least one device that beats. */
interface Person {
  userId: UserId;
  /** A session is one device. */
  devices: Map<SessionId, { connectionId: string; heardAt: number }>;
  followed: Set<UserId>;
  subscribed: Promise<() => void>;
}

/**
 * Presence of devices whose connections end elsewhere, at a hosted app: a
 * heartbeat by REST says that one is there, and silence that it is gone. As
 * with a connection, whoever beats is told of the people they talk with.
 */
export class RestHeartbeats {
  readonly #needs: RestHeartbeatsNeeds;
  readonly #people = new Map<UserId, Person>();
  readonly #sweeping: NodeJS.Timeout;

  constructor(needs: RestHeartbeatsNeeds) {
    this.#needs = needs;
    this.#sweeping = setInterval(() => this.#sweep(), SOCKET_LIMITS.sweepEveryMs).unref();
  }

  /**
   * @returns with the first heartbeat of a connection, the presence of everybody the viewer talks with
   * @throws CoupletError `rate_limited` for more devices than a person may have
   */
  async beat({ userId, sessionId }: { userId: UserId; sessionId: SessionId }, connectionId: string): Promise<Presence[] | undefined> {
    const person = this.#people.get(userId) ?? this.#open(userId);
    const known = person.devices.get(sessionId);
    if (!known && !this.#needs.arrived(userId)) {
      this.#closeIfEmpty(person);
      throw new CoupletError('rate_limited', 'This person has too many connections.');
    }
    person.devices.set(sessionId, { connectionId, heardAt: this.#needs.now() });
    await person.subscribed;
    return known?.connectionId === connectionId ? undefined : this.#follow(person);
  }

  close(): void {
    clearInterval(this.#sweeping);
    for (const person of [...this.#people.values()]) this.#leaveAll(person);
  }

  #open(userId: UserId): Person {
    const subscribed = this.#needs.fanout.subscribe(userId, (delivery) => this.#receive(delivery));
    const person: Person = { userId, devices: new Map(), followed: new Set(), subscribed };
    // Whoever beats hears of it, and tries again.
    subscribed.catch(() => this.#leaveAll(person));
    this.#people.set(userId, person);
    return person;
  }

  #receive({ to, payload }: Delivery): void {
    const person = this.#people.get(to);
    if (!person) return;
    if (payload.type === 'session.revoked') this.#leave(person, payload.sessionId);
    else if (payload.type === 'conversation.updated' && !person.followed.has(payload.conversation.peer.id)) {
      const { id } = payload.conversation.peer;
      this.#follow(person).then((presences) => {
        for (const presence of presences) if (presence.userId === id) this.#needs.tell(to, presence);
      }, this.#needs.onError);
    }
  }

  /** What was told while it looked; what changes after goes to all of the person's devices. */
  async #follow(person: Person): Promise<Presence[]> {
    const { userId } = person;
    const peers = await this.#needs.peersOf(userId);
    const first: Presence[] = [];
    let isLooking = true;
    await this.#needs.watchPresence(userId, watcherOf(userId), peers, (presence) => {
      if (isLooking) first.push(presence);
      else this.#needs.tell(userId, presence);
    });
    isLooking = false;
    person.followed = new Set(peers);
    // Gone while the database was asked: what was registered last must not stay.
    if (this.#people.get(userId) !== person) this.#needs.unwatch(watcherOf(userId));
    return first;
  }

  #sweep(): void {
    const longestSilent = this.#needs.now() - ALIVE_MS;
    for (const person of [...this.#people.values()]) {
      for (const [sessionId, { heardAt }] of [...person.devices]) if (heardAt <= longestSilent) this.#leave(person, sessionId);
    }
  }

  #leave(person: Person, sessionId: SessionId): void {
    if (!person.devices.delete(sessionId)) return;
    this.#needs.departed(person.userId);
    this.#closeIfEmpty(person);
  }

  #leaveAll(person: Person): void {
    for (const sessionId of [...person.devices.keys()]) this.#leave(person, sessionId);
  }

  #closeIfEmpty(person: Person): void {
    if (person.devices.size > 0) return;
    this.#people.delete(person.userId);
    this.#needs.unwatch(watcherOf(person.userId));
    person.subscribed.then((unsubscribe) => unsubscribe(), () => undefined);
  }
}

/** One for all devices of a person: what one of them is told, all are. */
function watcherOf(userId: UserId): ConnectionId {
  return `rest-${userId}` as ConnectionId;
}
