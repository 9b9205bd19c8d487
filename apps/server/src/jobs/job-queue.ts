import { PgBoss } from 'pg-boss';
import type pg from 'pg';
import { ANSWER_WITHIN_MS } from '../database/pool.ts';
import type { Transaction } from '../database/transaction.ts';
import type { Logger } from '../log.ts';
import type { Traces } from '../tracing/traces.ts';

/** One kind of work that outlives the request that asked for it. */
export interface JobKind<Work extends object> {
  name: string;
  /** How often it is tried in all before it is given up. */
  attempts: number;
  /** After this many seconds a try counts as lost, with the node it ran on. */
  expireSeconds: number;
  /** Workers on this node. */
  parallel: number;
  /** Jobs that one worker takes up together; one unless told. Each ends for itself. */
  together?: number;
  /** @param jobId the same at every try */
  run(work: Work, jobId: string): Promise<void>;
  /** The ids by which a line of the log says what a job is about. */
  about?(work: Work): object;
}

export interface RepeatedJob {
  name: string;
  /** As cron writes it, UTC. One node of the deployment runs it. */
  cron: string;
  run(): Promise<void>;
}

/** One job to be enqueued. */
export interface NewJob {
  work: object;
  /** A UUID: a job under an id that was used is not enqueued again. */
  id?: string;
  startAfterSeconds?: number;
}

/** Connections to PostgreSQL that this node keeps for its jobs. */
const POOL_SIZE = 3;
/** What another node enqueued waits this long at most. */
const POLL_SECONDS = 2;
/** What is done is kept this long, for whoever looks into the tables. */
const KEEP_DONE_SECONDS = 24 * 60 * 60;
/** What the jobs under way get to finish when the node stops; then another one takes them up. */
const STOP_MS = 5_000;

/** Jobs in PostgreSQL: enqueued in the transaction that causes them, taken up by whichever node is there. */
export class JobQueue {
  readonly #boss: PgBoss;
  readonly #log: Logger;
  readonly #traces: Traces;
  readonly #workers = new Map<string, string[]>();

  private constructor(boss: PgBoss, log: Logger, traces: Traces) {
    this.#boss = boss;
    this.#log = log;
    this.#traces = traces;
  }

  static async start(address: pg.ClientConfig, log: Logger, traces: Traces): Promise<JobQueue> {
    const { types: _, ...connection } = address;
    const boss = new PgBoss({ ...({ query_timeout: ANSWER_WITHIN_MS, ...connection } as object), max: POOL_SIZE, application_name: 'couplet-jobs' });
    boss.on('error', (error) => log.warn({ err: error }, 'The job queue could not reach PostgreSQL; it goes on trying'));
    await boss.start();
    return new JobQueue(boss, log, traces);
  }

  /** Takes jobs of this kind up from here on. */
  async work<Work extends object>(kind: JobKind<Work>): Promise<void> {
    const { name, attempts, expireSeconds, parallel, together = 1 } = kind;
    await this.#boss.createQueue(name, {
      retryLimit: attempts - 1,
      retryBackoff: true,
      expireInSeconds: expireSeconds,
      deleteAfterSeconds: KEEP_DONE_SECONDS,
    });
    const attempt = async ({ id, data }: { id: string; data: Work }) => {
      try {
        await kind.run(data, id);
      } catch (error) {
        this.#log.error({ err: error, job: name, jobId: id, ...kind.about?.(data) }, 'A job failed');
        throw error;
      }
    };
    const runOne = async (job: { id: string; data: Work }) => {
      try {
        await this.#traces.request(`job ${name}`, { 'couplet.job_id': job.id }, undefined, () => attempt(job));
        return { id: job.id, status: 'completed' as const };
      } catch (error) {
        return { id: job.id, status: 'failed' as const, output: { message: error instanceof Error ? error.message : String(error) } };
      }
    };
    const takeUp = (taken: readonly { id: string; data: Work }[]) => Promise.all(taken.map(runOne));
    const options = { batchSize: together, pollingIntervalSeconds: POLL_SECONDS, perJobResults: true, burstWhenBatchFull: together > 1 } as const;
    // One by one, because each has to be nudged by its own id.
    const workers = await Promise.all(Array.from({ length: parallel }, () => this.#boss.work<Work>(name, options, takeUp)));
    this.#workers.set(name, workers);
  }

  async repeat({ name, cron, run }: RepeatedJob): Promise<void> {
    await this.work({ name, attempts: 1, expireSeconds: 15 * 60, parallel: 1, run: () => run() });
    await this.#boss.schedule(name, cron);
  }

  /** In the caller's transaction: enqueued if and only if it commits. Call `nudge` after the commit. */
  async enqueue(tx: Pick<Transaction, 'query'>, name: string, jobs: readonly NewJob[]): Promise<void> {
    if (jobs.length === 0) return;
    const inserts = jobs.map(({ work, id, startAfterSeconds = 0 }) => ({ data: work, startAfter: startAfterSeconds, ...(id === undefined ? {} : { id }) }));
    await this.#boss.insert(name, inserts, { db: { executeSql: (text, values) => tx.query(text, values) } });
  }

  /** Take up what is there now, not at the next look. */
  nudge(name: string): void {
    for (const worker of this.#workers.get(name) ?? []) this.#boss.notifyWorker(worker);
  }

  async close(): Promise<void> {
    await this.#boss.stop({ graceful: true, timeout: STOP_MS });
  }
}
