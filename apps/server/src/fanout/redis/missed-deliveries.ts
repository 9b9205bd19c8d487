import type { Event, UserId } from '@couplet/protocol';
import type { Delivery } from '../fanout.ts';

export interface MissedDeliveriesOptions {
  /** Of these logs, the ends of those that are longer than told. One query for many users. */
  findLonger(ends: ReadonlyMap<UserId, number>): Promise<Map<UserId, number>>;
  readAfter(userId: UserId, since: number, limit: number): Promise<Event[]>;
  /** What is no event and must not be missed: sessions that were ended, blocks that were made. */
  findSignals(userIds: readonly UserId[]): Promise<Delivery[]>;
  /** To this node's own connections. */
  deliver(deliveries: readonly Delivery[]): void;
  /** Calls back after a delay, unless cancelled. */
  schedule(delayMs: number, task: () => void): () => void;
  onRound(users: number, events: number): void;
  onError(error: unknown): void;
}

/** With the query's own time it stays under the two seconds of rule P2. */
export const LOOK_EVERY_MS = 1_500;
/** Users asked about in one query: 2,000 index look-ups take a few milliseconds. */
const USERS_PER_QUERY = 2_000;
/** Users whose new events are read at once: others need the pool as well. */
const READS_AT_ONCE = 4;
/** A device that misses more than this sees the gap and fetches by itself. */
const EVENTS_PER_USER = 20;
/** After something may have been missed it is looked this often: the first look may come before the commit it looks for. */
const LOOKS_AFTER_A_GAP = 2;

/**
 * Reads from the event log what the fan-out may have lost, for the users who are
 * connected here. Idle unless something was missed: then it looks until that is
 * over. What it brings a second time, devices know by its position.
 */
export class MissedDeliveries {
  readonly #options: MissedDeliveriesOptions;
  /** How far the log of each connected user was seen here. */
  readonly #ends = new Map<UserId, number>();
  #looksLeft = 0;
  #cancel: (() => void) | undefined;
  #looking: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: MissedDeliveriesOptions) {
    this.#options = options;
  }

  /** The user is connected here, and has everything up to there or will fetch it. */
  follow(userId: UserId, end: number): void {
    this.#ends.set(userId, Math.max(this.#ends.get(userId) ?? 0, end));
  }

  unfollow(userId: UserId): void {
    this.#ends.delete(userId);
  }

  /** A delivery went by. */
  note({ to, payload }: Delivery): void {
    if (!('position' in payload)) return;
    const end = this.#ends.get(to);
    if (end !== undefined && payload.position > end) this.#ends.set(to, payload.position);
  }

  /** Looks now, and once more. */
  suspect(): void {
    this.#looksLeft = Math.max(this.#looksLeft, LOOKS_AFTER_A_GAP);
    this.#look();
  }

  /** Looks now, and at intervals until `stop` is called. */
  start(): void {
    this.#looksLeft = Number.POSITIVE_INFINITY;
    this.#look();
  }

  /** What was missed until now is still looked for. */
  stop(): void {
    this.#looksLeft = LOOKS_AFTER_A_GAP;
    this.#look();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel?.();
    await this.#looking;
  }

  #look(): void {
    if (this.#isClosed || this.#looking || this.#looksLeft <= 0) return;
    this.#cancel?.();
    this.#cancel = undefined;
    this.#looksLeft -= 1;
    this.#looking = this.#round()
      .catch((error: unknown) => {
        // The database is away as well: it is looked again until it answers.
        this.#looksLeft = Math.max(this.#looksLeft, LOOKS_AFTER_A_GAP);
        this.#options.onError(error);
      })
      .finally(() => {
        this.#looking = undefined;
        if (this.#looksLeft > 0 && !this.#isClosed) this.#cancel = this.#options.schedule(LOOK_EVERY_MS, () => this.#look());
      });
  }

  async #round(): Promise<void> {
    const users = [...this.#ends];
    let events = 0;
    for (let start = 0; start < users.length && !this.#isClosed; start += USERS_PER_QUERY) {
      const some = new Map(users.slice(start, start + USERS_PER_QUERY));
      const [longer, signals] = await Promise.all([this.#options.findLonger(some), this.#options.findSignals([...some.keys()])]);
      this.#options.deliver(signals);
      const behind = [...longer];
      for (let at = 0; at < behind.length; at += READS_AT_ONCE) {
        const found = await Promise.all(behind.slice(at, at + READS_AT_ONCE).map(([userId, end]) => this.#catchUp(userId, some.get(userId) ?? 0, end)));
        events += found.reduce((sum, count) => sum + count, 0);
      }
    }
    this.#options.onRound(users.length, events);
  }

  async #catchUp(userId: UserId, since: number, end: number): Promise<number> {
    const events = await this.#options.readAfter(userId, Math.max(since, end - EVENTS_PER_USER), EVENTS_PER_USER);
    this.#options.deliver(events.map((payload) => ({ to: userId, payload })));
    if (this.#ends.has(userId)) this.follow(userId, end);
    return events.length;
  }
}
