import type pg from 'pg';
import { createPool, type DatabaseAddress } from './pool.ts';
import type { Queryable } from './transaction.ts';

/** Only what is searched for goes here: more at once would be a primary's load. */
const POOL_SIZE = 4;
/** A replica that is asleep or replays something long: the primary answers in milliseconds. */
const ANSWER_WITHIN_MS = 2_000;
/** After a failure the primary answers alone for this long, so that not everybody waits to find out. */
const AVOIDED_MS = 10_000;

export interface ReplicaReadsOptions {
  primary: pg.Pool;
  /** Null: there is none. */
  replica: DatabaseAddress | null;
  /** Epoch milliseconds. */
  now: () => number;
  /** The replica did not answer; the primary did. At most once in ten seconds. */
  onAvoided(error: unknown): void;
}

/**
 * Reads that may come from a replica, which shows commits late and in an order
 * of its own clock: never what a device learns, never what somebody just wrote
 * (S5). Whatever goes wrong there is asked of the primary again.
 */
export class ReplicaReads {
  readonly #options: ReplicaReadsOptions;
  readonly #replica: pg.Pool | null;
  #avoidedUntil = 0;

  constructor(options: ReplicaReadsOptions) {
    this.#options = options;
    // Losses of idle connections show at the next read.
    this.#replica = options.replica && createPool({ ...options.replica, query_timeout: ANSWER_WITHIN_MS, connectionTimeoutMillis: ANSWER_WITHIN_MS }, POOL_SIZE, () => undefined);
  }

  /** @param work reads, and nothing else: it may run twice */
  async read<Result>(work: (db: Queryable) => Promise<Result>): Promise<Result> {
    const { primary, now, onAvoided } = this.#options;
    if (this.#replica === null || now() < this.#avoidedUntil) return work(primary);
    try {
      return await work(this.#replica);
    } catch (error) {
      // A read that is wrong in itself fails there as well, and is no reason to avoid anybody.
      const result = await work(primary);
      this.#avoidedUntil = now() + AVOIDED_MS;
      onAvoided(error);
      return result;
    }
  }

  async close(): Promise<void> {
    await this.#replica?.end();
  }
}
