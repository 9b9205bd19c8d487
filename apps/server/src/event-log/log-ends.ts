import type { UserId } from '@couplet/protocol';
import { Batcher } from '../write-path/batcher.ts';

/** Time and its timers, so that tests hold the clock. */
export interface LogEndsOptions {
  /** One query for many users; users without a log are left out. */
  lastPositions(userIds: readonly UserId[]): Promise<ReadonlyMap<UserId, number>>;
  schedule(delayMs: number, task: () => void): () => void;
}

/**
 * Where users' logs end, for the pongs of a node: thousands of connections ask
 * every 20 s each. Those that ask while a query is under way share the next one.
 */
export class LogEnds {
  readonly #reads: Batcher<UserId, number>;
  readonly #schedule: LogEndsOptions['schedule'];

  constructor({ lastPositions, schedule }: LogEndsOptions) {
    this.#schedule = schedule;
    this.#reads = new Batcher(async (userIds) => {
      const found = await lastPositions([...new Set(userIds)]);
      return userIds.map((userId) => ({ status: 'done', result: found.get(userId) ?? 0 }));
    }, READS);
  }

  /** Never rejects: `undefined` when the database does not answer in time. A pong must not wait for it longer. */
  find(userId: UserId): Promise<number | undefined> {
    return new Promise((resolve) => {
      const cancel = this.#schedule(ANSWER_WITHIN_MS, () => resolve(undefined));
      const answer = (position: number | undefined) => {
        cancel();
        resolve(position);
      };
      this.#reads.submit(userId).then(answer, () => answer(undefined));
    });
  }
}

/** Clients wait 10 s for a pong: a tenth of that leaves room for a slow network. */
const ANSWER_WITHIN_MS = 1_000;
/** 1,000 index lookups take a few milliseconds; past 20,000 waiting the database is in trouble and pongs go without. */
const READS = { maxBatch: 1_000, maxWaiting: 20_000 };
