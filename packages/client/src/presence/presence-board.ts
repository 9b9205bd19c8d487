import type { Presence, UserId } from '@couplet/protocol';
import { LIMITS } from '@couplet/protocol';
import type { Report } from '../problem-log.ts';
import type { TransportConnection } from '../transports/transport.ts';

/** Who is online, of those the viewer follows. While the viewer is not connected nothing is known. */
export class PresenceBoard {
  readonly #known = new Map<UserId, Presence>();
  readonly #changed: (presence: Presence) => void;
  readonly #report: Report;
  #watched: UserId[] = [];
  #connection: TransportConnection | null = null;

  constructor(changed: (presence: Presence) => void, report: Report) {
    this.#changed = changed;
    this.#report = report;
  }

  /** Follows exactly these, now and after each reconnect. Past the server's bound the last ones are left out. */
  watch(userIds: readonly UserId[]): void {
    this.#watched = [...new Set(userIds)].slice(0, LIMITS.watchedUsers);
    const watched = new Set(this.#watched);
    for (const userId of [...this.#known.keys()]) if (!watched.has(userId)) this.#known.delete(userId);
    if (this.#connection !== null) this.#tell(this.#connection);
  }

  get(userId: UserId): Presence {
    return this.#known.get(userId) ?? unknown(userId, null);
  }

  connected(connection: TransportConnection): void {
    this.#connection = connection;
    if (this.#watched.length > 0) this.#tell(connection);
  }

  disconnected(): void {
    this.#connection = null;
    for (const { userId, status, lastSeenAt } of [...this.#known.values()]) {
      if (status !== 'unknown') this.receive(unknown(userId, lastSeenAt));
    }
  }

  receive(presence: Presence): void {
    this.#known.set(presence.userId, presence);
    this.#changed(presence);
  }

  close(): void {
    this.#connection = null;
    this.#known.clear();
    this.#watched = [];
  }

  #tell(connection: TransportConnection): void {
    connection.watchPresence(this.#watched).catch((error: unknown) => this.#report('presence', error));
  }
}

function unknown(userId: UserId, lastSeenAt: string | null): Presence {
  return { userId, status: 'unknown', lastSeenAt };
}
