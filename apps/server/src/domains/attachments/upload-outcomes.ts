/** Longer than a camera's picture takes; a client that waited in vain asks again. */
const PATIENCE_MS = 10_000;
/** When another node looks at the upload, its outcome is in the database only. */
const LOOK_EVERY_MS = 1_000;

/** Lets whoever completed an upload wait until it was looked at, here or on another node. */
export class UploadOutcomes {
  readonly #waiting = new Map<string, Set<() => void>>();

  announce(uploadId: string): void {
    for (const wake of this.#waiting.get(uploadId) ?? []) wake();
  }

  /** Resolves once `isSettled` does so with true, or patience is over. */
  async wait(uploadId: string, isSettled: () => Promise<boolean>): Promise<void> {
    const until = performance.now() + PATIENCE_MS;
    for (;;) {
      const announced = this.#next(uploadId);
      try {
        if ((await isSettled()) || performance.now() >= until) return;
        await announced.promise;
      } finally {
        announced.cancel();
      }
    }
  }

  /** The next announcement, or the time to look. */
  #next(uploadId: string): { promise: Promise<void>; cancel: () => void } {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, LOOK_EVERY_MS);
    const waiting = this.#waiting.get(uploadId) ?? new Set();
    this.#waiting.set(uploadId, waiting.add(resolve));
    return {
      promise,
      cancel: () => {
        clearTimeout(timer);
        waiting.delete(resolve);
        if (waiting.size === 0) this.#waiting.delete(uploadId);
      },
    };
  }
}
