import type pg from 'pg';
import type { JobQueue } from '../jobs/job-queue.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { trimEventLogs } from './trim-event-logs.ts';

export interface LogRetentionOptions {
  pool: pg.Pool;
  jobs: JobQueue;
  log: Logger;
  metrics: Metrics;
  /** Epoch milliseconds. */
  now: () => number;
  /** Events older than this go. */
  days: number;
}

const TRIM = 'event-log-trim';
/** A little every hour, at a minute when nothing else of ours begins: a day's worth at once would come at somebody's busiest one. */
const HOURLY = '17 * * * *';
/** The job queue gives a run fifteen minutes; what is left then is the next one's. */
const LONGEST_RUN_MS = 10 * 60_000;
const DAY_MS = 24 * 60 * 60_000;

/** Keeps the event logs as long as they are promised, and no longer. One node of the deployment works at a time. */
export class LogRetention {
  readonly #options: LogRetentionOptions;
  #running: Promise<number> = Promise.resolve(0);
  #closed = false;

  private constructor(options: LogRetentionOptions) {
    this.#options = options;
  }

  static async start(options: LogRetentionOptions): Promise<LogRetention> {
    const retention = new LogRetention(options);
    await options.jobs.repeat({
      name: TRIM,
      cron: HOURLY,
      async run() {
        await retention.trim();
      },
    });
    return retention;
  }

  /** Trims now. @returns how many events went */
  trim(): Promise<number> {
    const { pool, log, metrics, now, days } = this.#options;
    const begun = now();
    this.#running = trimEventLogs(
      { pool, isStopped: () => this.#closed || now() - begun > LONGEST_RUN_MS },
      new Date(begun - days * DAY_MS).toISOString(),
    ).then((removed) => {
      metrics.eventsTrimmed(removed);
      if (removed > 0) log.info({ removed, days }, 'Events older than the log is kept were removed');
      return removed;
    });
    return this.#running;
  }

  /** Ends with the step under way. Call it before the pool is closed. */
  async close(): Promise<void> {
    this.#closed = true;
    // Its failure was the job's.
    await this.#running.catch(() => undefined);
  }
}
