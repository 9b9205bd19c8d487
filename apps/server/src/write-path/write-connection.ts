import { CoupletError } from '@couplet/protocol';
import pg from 'pg';
import type { Answers } from '../database/answer-watch.ts';
import { ANSWER_WITHIN_MS } from '../database/pool.ts';
import { type Statement, type Steps, WriteTransaction } from './write-transaction.ts';

/**
 * One dedicated connection for group commits. It connects on first use and again
 * after a loss, or a silence, which is the same; a batch that was under way when
 * it was lost is of unknown outcome and answered `unavailable` (a replay finds out).
 */
export class WriteConnection {
  readonly #config: pg.ClientConfig;
  readonly #answerWithinMs: number;
  readonly #answers: Answers | undefined;
  #open: OpenConnection | undefined;

  constructor({ query_timeout = ANSWER_WITHIN_MS, ...config }: pg.ClientConfig, answers?: Answers) {
    this.#answers = answers;
    this.#config = { ...config, application_name: 'couplet-write-path' };
    // For a transaction as a whole: the library's own is for statements it knows.
    this.#answerWithinMs = query_timeout;
  }

  /**
   * Runs one transaction. Rolls back when it fails; retries deadlocks.
   *
   * @param size how many rows its statements are about, for how they are planned
   */
  async transaction(size: number, steps: Steps): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const open = await this.#connect();
      try {
        return await this.#attempt(open, size, steps);
      } catch (error) {
        if (!isDeadlock(error) || attempt === MAX_ATTEMPTS) throw this.#translated(open, error);
      }
    }
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await open?.client.end().catch(() => undefined);
  }

  /**
   * Small batches run plans made once: planning would cost them more than
   * running. Large ones are planned for their size each time, which they amortise.
   */
  async #attempt(open: OpenConnection, size: number, { first, second }: Steps): Promise<void> {
    const mode: PlanMode = size <= SMALL_BATCH ? 'force_generic_plan' : 'force_custom_plan';
    const changesMode = open.mode !== mode;
    const transaction = new WriteTransaction(
      open.prepared,
      changesMode ? { first: [PLAN[mode], ...first], second: ([, ...answers]) => second(answers) } : { first, second },
    );
    this.#answers?.began(transaction);
    try {
      open.client.query(transaction);
      await answered(transaction.done, this.#answerWithinMs);
    } finally {
      this.#answers?.ended(transaction);
    }
    // Only now: a rolled back transaction takes its SET back.
    open.mode = mode;
  }

  async #connect(): Promise<OpenConnection> {
    if (this.#open) return this.#open;
    const client = new pg.Client(this.#config);
    const open: OpenConnection = { client, prepared: new Set(), mode: undefined };
    const forget = () => {
      if (this.#open === open) this.#open = undefined;
    };
    client.on('error', forget);
    client.on('end', forget);
    try {
      await client.connect();
    } catch (cause) {
      throw new CoupletError('unavailable', undefined, { cause, retryAfterMs: 1_000 });
    }
    this.#open = open;
    return open;
  }

  #translated(open: OpenConnection, error: unknown): unknown {
    if (error instanceof CoupletError || isRowError(error)) return error;
    // Anything else leaves the state of the connection in doubt: take a new one next time.
    if (this.#open === open) this.#open = undefined;
    void open.client.end().catch(() => undefined);
    return new CoupletError('unavailable', undefined, { cause: error, retryAfterMs: 1_000 });
  }
}

async function answered(done: Promise<void>, withinMs: number): Promise<void> {
  const silence = Promise.withResolvers<never>();
  const timer = setTimeout(() => silence.reject(new Error(`PostgreSQL did not answer within ${withinMs} ms`)), withinMs);
  try {
    await Promise.race([done, silence.promise]);
  } finally {
    clearTimeout(timer);
  }
}

interface OpenConnection {
  readonly client: pg.Client;
  /** Names of the statements it knows. */
  readonly prepared: Set<string>;
  mode: PlanMode | undefined;
}

type PlanMode = 'force_generic_plan' | 'force_custom_plan';
const PLAN: Record<PlanMode, Statement> = {
  force_generic_plan: { name: 'plan-once', text: 'SET plan_cache_mode = force_generic_plan', values: [] },
  force_custom_plan: { name: 'plan-each-time', text: 'SET plan_cache_mode = force_custom_plan', values: [] },
};
const SMALL_BATCH = 16;
const MAX_ATTEMPTS = 3;

/** Errors of the values themselves (PostgreSQL classes 22, 23, 54): one row's fault, not the connection's. */
export function isRowError(error: unknown): boolean {
  return error instanceof pg.DatabaseError && /^(22|23|54)/.test(error.code ?? '');
}

function isDeadlock(error: unknown): boolean {
  return error instanceof pg.DatabaseError && (error.code === '40P01' || error.code === '40001');
}
