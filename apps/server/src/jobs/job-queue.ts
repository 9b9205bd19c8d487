import { PgBoss } from 'pg-boss';
import type pg from 'pg';
import type { Transaction } from '../database/transaction.ts';
import type { Logger } from '../log.ts';

/** One kind of work that outlives the request that asked for it. */
export interface JobKind<Work extends object> {
  name: string;
  /** How often it is tried in all before it is given up. */
  attempts: number;
  /** After this many seconds a try counts as lost, with the node it ran on. */
  expireSeconds: number;
  /** At once, on this node. */
  parallel: number;
  run(work: Work): Promise<void>;
}

export interface RepeatedJob {
  name: string;
  /** As cron writes it, UTC. One node of the deployment runs it. */
  cron: string;
  run(): Promise<void>;
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
  readonly #workers = new Map<string, string[]>();

  private constructor(boss: PgBoss) {
    this.#boss = boss;
  }

  static async start(
    address: pg.ClientConfig,
    log: Logger,
    jobs: { kinds: readonly JobKind<never>[]; repeated: readonly RepeatedJob[] },
  ): Promise<JobQueue> {
    const { types: _, ...connection } = address;
    const boss = new PgBoss({ ...(connection as object), max: POOL_SIZE, application_name: 'couplet-jobs' });
    boss.on('error', (error) => log.warn({ err: error }, 'The job queue could not reach PostgreSQL; it goes on trying'));
    await boss.start();
    const queue = new JobQueue(boss);
    for (const kind of jobs.kinds) await queue.#work(kind, log);
    for (const repeated of jobs.repeated) await queue.#repeat(repeated, log);
    return queue;
  }

  /** In the caller's transaction: enqueued if and only if it commits. Call `nudge` after the commit. */
  async enqueue(tx: Transaction, name: string, work: object): Promise<void> {
    await this.#boss.send(name, work, { db: { executeSql: (text, values) => tx.query(text, values) } });
  }

  /** Take up what is there now, not at the next look. */
  nudge(name: string): void {
    for (const worker of this.#workers.get(name) ?? []) this.#boss.notifyWorker(worker);
  }

  async close(): Promise<void> {
    await this.#boss.stop({ graceful: true, timeout: STOP_MS });
  }

  async #work(kind: JobKind<never>, log: Logger): Promise<void> {
    const { name, attempts, expireSeconds, parallel } = kind;
    await this.#boss.createQueue(name, {
      retryLimit: attempts - 1,
      retryBackoff: true,
      expireInSeconds: expireSeconds,
      deleteAfterSeconds: KEEP_DONE_SECONDS,
    });
    const takeUp = async (taken: readonly { id: string; data: never }[]) => {
      for (const job of taken) {
        await kind.run(job.data).catch((error: unknown) => {
          log.error({ err: error, job: name, jobId: job.id }, 'A job failed');
          throw error;
        });
      }
    };
    const options = { batchSize: 1, pollingIntervalSeconds: POLL_SECONDS };
    // One by one, because each has to be nudged by its own id.
    const workers = await Promise.all(Array.from({ length: parallel }, () => this.#boss.work<never>(name, options, takeUp)));
    this.#workers.set(name, workers);
  }

  async #repeat({ name, cron, run }: RepeatedJob, log: Logger): Promise<void> {
    await this.#work({ name, attempts: 1, expireSeconds: 15 * 60, parallel: 1, run: () => run() }, log);
    await this.#boss.schedule(name, cron);
  }
}
