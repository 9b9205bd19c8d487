import { CoupletError } from '@couplet/protocol';

/** What became of one request of a batch. A rejected one does not touch the others. */
export type Outcome<Result> = { status: 'done'; result: Result } | { status: 'rejected'; error: CoupletError };

export interface BatcherOptions {
  /** Requests in one transaction: enough to share a commit's cost, few enough that a batch stays under 20 ms. */
  maxBatch: number;
  /** Requests waiting at most; more are refused with `unavailable`, so that a slow database bounds memory. */
  maxWaiting: number;
}

/**
 * Group commit. While one batch is being committed the next one forms, so under
 * load one commit serves many requests. When idle a request goes at once: the
 * only wait is to the end of the event loop's current poll, in which all frames
 * that already arrived are read. No timer.
 *
 * Requests are committed in the order of `submit`; results resolve in that order.
 */
export class Batcher<Request, Result> {
  readonly #commit: (requests: readonly Request[]) => Promise<readonly Outcome<Result>[]>;
  readonly #options: BatcherOptions;
  #waiting: Waiting<Request, Result>[] = [];
  #state: 'idle' | 'scheduled' | 'committing' = 'idle';
  #closed = false;
  #idleListeners: (() => void)[] = [];

  constructor(commit: (requests: readonly Request[]) => Promise<readonly Outcome<Result>[]>, options: BatcherOptions) {
    this.#commit = commit;
    this.#options = options;
  }

  /** Resolves after the commit. Rejects with a `CoupletError`; `unavailable` leaves open whether it was stored. */
  submit(request: Request): Promise<Result> {
    if (this.#closed) return Promise.reject(new CoupletError('unavailable', 'This node is stopping.'));
    if (this.#waiting.length >= this.#options.maxWaiting) {
      return Promise.reject(new CoupletError('unavailable', 'Too many writes are waiting.', { retryAfterMs: 1_000 }));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject });
      this.#schedule();
    });
  }

  /** Resolves when everything submitted so far has been answered. Refuses what comes later. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#state === 'idle') return;
    await new Promise<void>((resolve) => this.#idleListeners.push(resolve));
  }

  #schedule(): void {
    if (this.#state !== 'idle') return;
    this.#state = 'scheduled';
    setImmediate(() => void this.#commitNext());
  }

  async #commitNext(): Promise<void> {
    this.#state = 'committing';
    const batch = this.#waiting.splice(0, this.#options.maxBatch);
    try {
      const outcomes = await this.#commit(batch.map((waiting) => waiting.request));
      batch.forEach((waiting, index) => {
        const outcome = outcomes[index];
        if (outcome?.status === 'done') waiting.resolve(outcome.result);
        else waiting.reject(outcome?.error ?? new CoupletError('internal'));
      });
    } catch (cause) {
      const error = cause instanceof CoupletError ? cause : new CoupletError('unavailable', undefined, { cause });
      for (const waiting of batch) waiting.reject(error);
    }
    this.#state = 'idle';
    if (this.#waiting.length > 0) {
      this.#schedule();
      return;
    }
    for (const listener of this.#idleListeners.splice(0)) listener();
  }
}

interface Waiting<Request, Result> {
  request: Request;
  resolve: (result: Result) => void;
  reject: (error: CoupletError) => void;
}
