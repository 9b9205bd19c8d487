import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { JobQueue } from '../../jobs/job-queue.ts';
import type { Logger } from '../../log.ts';
import type { Metrics } from '../../metrics.ts';
import type { PushProviders } from './push-provider.ts';
import type { PushContent } from './push-words.ts';
import { type PushWork, sendPush, type SendPushNeeds } from './send-push.ts';
import { takeDuePushes } from './take-due-pushes.ts';

export interface PushWorkOptions {
  pool: pg.Pool;
  jobs: JobQueue;
  log: Logger;
  metrics: Metrics;
  providers: PushProviders;
  content: PushContent;
  now: () => number;
  fraction: () => number;
}

const SEND = 'push-send';
/** What comes due waits this long at most beyond the grace time; one look costs a fraction of a millisecond. */
const LOOK_MS = 1_000;
/** A node that died with a push in its hands is not waited for longer. Above what a service gets to answer. */
const SEND_EXPIRES_SECONDS = 60;
/** Of the database's failures only: what a service answers is counted by the push itself. */
const SEND_ATTEMPTS = 8;
/** Under way at once on this node: 32 answers of 50 ms are 640 pushes a second. */
const WORKERS = 2;
const TOGETHER = 16;

/** Looks for what comes due and sends it. Every node does both; PostgreSQL gives each push to one. */
export class Pushes {
  readonly #options: PushWorkOptions;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #closed = false;

  private constructor(options: PushWorkOptions) {
    this.#options = options;
  }

  static async start(options: PushWorkOptions): Promise<Pushes> {
    const pushes = new Pushes(options);
    await options.jobs.work<PushWork>({
      name: SEND,
      attempts: SEND_ATTEMPTS,
      expireSeconds: SEND_EXPIRES_SECONDS,
      parallel: WORKERS,
      together: TOGETHER,
      run: (work, jobId) => pushes.#send(work, jobId),
      about: idsOf,
    });
    pushes.#schedule();
    return pushes;
  }

  /** Takes out everything that is due now. */
  async look(): Promise<void> {
    const { pool, jobs, metrics, providers, now } = this.#options;
    for (let isMore = true; isMore && !this.#closed; ) {
      const taken = await takeDuePushes({
        pool,
        now,
        metrics,
        providers,
        enqueue: (tx, pushes) => jobs.enqueue(tx, SEND, pushes.map((work) => ({ work }))),
      });
      if (taken.enqueued > 0) jobs.nudge(SEND);
      isMore = taken.isMore;
    }
  }

  /** Looks no more. Call it before the job queue is closed. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#looking;
  }

  /** After the job queue was closed: nothing is under way any more. */
  async closeProviders(): Promise<void> {
    await Promise.all(Object.values(this.#options.providers).map((provider) => provider.close()));
  }

  #schedule(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#looking = this.look()
        .catch((error: unknown) => this.#options.log.warn({ err: error }, 'Due pushes could not be looked at; they are kept for the next look'))
        .finally(() => this.#schedule());
    }, LOOK_MS);
  }

  async #send(work: PushWork, jobId: string): Promise<void> {
    const { pool, jobs, log } = this.#options;
    const onRefused: SendPushNeeds['onRefused'] = (given, notice, reason) =>
      log.warn({ ...idsOf(given), ...(notice.type === 'message' && { messageId: notice.messageId }), reason }, 'A push was not taken by its service and is given up');
    const again = await sendPush({ ...this.#options, onRefused }, work);
    if (again === null) return;
    // Under an id that follows from this job's: run again after a crash right here, it is not enqueued twice.
    await jobs.enqueue(pool, SEND, [{ work: { ...work, tries: work.tries + 1 }, id: idAfter(jobId), startAfterSeconds: again.afterMs / 1_000 }]);
  }
}

function idsOf({ kind, deviceId, conversationId, seq }: PushWork) {
  return { kind, deviceId, conversationId, seq };
}

/** A UUID (version 8) made of another one. */
function idAfter(jobId: string): string {
  const hex = createHash('sha256').update(jobId).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
