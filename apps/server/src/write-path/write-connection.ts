import { CoupletError } from '@couplet/protocol';
import pg from 'pg';

/**
 * One dedicated, pipelined connection for group commits: the statements of a
 * batch travel together instead of each waiting for the one before. It connects
 * on first use and again after a loss; a batch that was under way when it was
 * lost is of unknown outcome and answered `unavailable` (a replay finds out).
 */
export class WriteConnection {
  readonly #config: pg.ClientConfig;
  #client: pg.Client | undefined;
  #planned: { client: pg.Client; mode: PlanMode } | undefined;

  constructor(config: pg.ClientConfig) {
    this.#config = { ...config, pipeline: true, application_name: 'couplet-write-path' };
  }

  /**
   * Runs the statements of one transaction. Rolls back when `work` throws; retries deadlocks.
   *
   * @param size how many rows its statements are about, for how they are planned
   */
  async transaction<T>(size: number, work: (client: pg.Client) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const client = await this.#connect();
      try {
        return await this.#attempt(client, size, work);
      } catch (error) {
        if (!isDeadlock(error) || attempt === MAX_ATTEMPTS) throw this.#translated(client, error);
      }
    }
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => undefined);
  }

  async #attempt<T>(client: pg.Client, size: number, work: (client: pg.Client) => Promise<T>): Promise<T> {
    leaveTogether(client);
    this.#planFor(client, size);
    const begun = client.query('BEGIN');
    begun.catch(() => undefined);
    try {
      const result = await work(client);
      await begun;
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  /**
   * Small batches run plans made once: planning would cost them more than
   * running. Large ones are planned for their size each time, which they amortise.
   * Not awaited: it leaves together with the statements.
   */
  #planFor(client: pg.Client, size: number): void {
    const mode: PlanMode = size <= SMALL_BATCH ? 'force_generic_plan' : 'force_custom_plan';
    if (this.#planned?.client === client && this.#planned.mode === mode) return;
    this.#planned = { client, mode };
    client.query(`SET plan_cache_mode = ${mode}`).catch(() => undefined);
  }

  async #connect(): Promise<pg.Client> {
    if (this.#client) return this.#client;
    const client = new pg.Client(this.#config);
    const forget = () => {
      if (this.#client === client) this.#client = undefined;
    };
    client.on('error', forget);
    client.on('end', forget);
    try {
      await client.connect();
    } catch (cause) {
      throw new CoupletError('unavailable', undefined, { cause, retryAfterMs: 1_000 });
    }
    this.#client = client;
    return client;
  }

  #translated(client: pg.Client, error: unknown): unknown {
    if (error instanceof CoupletError || isRowError(error)) return error;
    // Anything else leaves the state of the connection in doubt: take a new one next time.
    if (this.#client === client) this.#client = undefined;
    void client.end().catch(() => undefined);
    return new CoupletError('unavailable', undefined, { cause: error, retryAfterMs: 1_000 });
  }
}

type PlanMode = 'force_generic_plan' | 'force_custom_plan';
const SMALL_BATCH = 16;
const MAX_ATTEMPTS = 3;

/**
 * Sends the last statements of a transaction and its COMMIT in one go. COMMIT in
 * a failed transaction answers ROLLBACK without an error: that is a failure here.
 */
export async function commitWith(client: pg.Client, statements: (client: pg.Client) => readonly Promise<unknown>[]): Promise<void> {
  leaveTogether(client);
  const sent = statements(client);
  const committed = client.query('COMMIT');
  const results = await Promise.allSettled([...sent, committed]);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  const { command } = await committed;
  if (command !== 'COMMIT') throw new Error('The transaction was rolled back');
}

/** What is sent until the end of this turn goes in one write: a system call costs as much as a small statement. */
function leaveTogether(client: pg.Client): void {
  const { stream } = client.connection;
  stream.cork();
  process.nextTick(() => stream.uncork());
}

/** Errors of the values themselves (PostgreSQL classes 22, 23, 54): one row's fault, not the connection's. */
export function isRowError(error: unknown): boolean {
  return error instanceof pg.DatabaseError && /^(22|23|54)/.test(error.code ?? '');
}

function isDeadlock(error: unknown): boolean {
  return error instanceof pg.DatabaseError && (error.code === '40P01' || error.code === '40001');
}
