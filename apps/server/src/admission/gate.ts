import { CoupletError } from '@couplet/protocol';

/** This node has too much to do right now; another one, or this one later, will take it. */
export class NodeFullError extends CoupletError {
  override readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super('unavailable', 'This node is full.', { retryAfterMs });
    this.retryAfterMs = retryAfterMs;
  }
}

export interface GateBounds {
  /** Under way at once. */
  running: number;
  /** Waiting for a place at most: bounds memory. */
  waiting: number;
  /** Waiting longest: bounds how long a client waits for a refusal. */
  waitingMs: number;
}

export interface GateNeeds {
  /** When whoever is refused should come back. */
  retryAfterMs(): number;
  /** Whether the node is late with everything, so that more of this work would only make it later. */
  isOverloaded(): boolean;
  onRefused(): void;
  /** @returns what cancels it */
  schedule(delayMs: number, task: () => void): () => void;
}

interface Waiting {
  begin(): void;
}

/**
 * Lets so much of one kind of work run at once, lets so much wait in order, and
 * refuses the rest at once. Work that runs is always finished.
 */
export class Gate {
  readonly #bounds: GateBounds;
  readonly #needs: GateNeeds;
  readonly #queue = new Set<Waiting>();
  #running = 0;

  constructor(bounds: GateBounds, needs: GateNeeds) {
    this.#bounds = bounds;
    this.#needs = needs;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#queue.size;
  }

  /** @throws NodeFullError when the work was not begun, and whatever the work throws */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#bounds.running) await this.#waitForPlace();
    else if (this.#needs.isOverloaded() && this.#running > 0) throw this.#refusal();
    else this.#running += 1;
    try {
      return await work();
    } finally {
      const next = this.#queue.values().next();
      // Whoever finishes hands its place over: the count stays as it is.
      if (next.done) this.#running -= 1;
      else next.value.begin();
    }
  }

  #waitForPlace(): Promise<void> {
    if (this.#queue.size >= this.#bounds.waiting || this.#needs.isOverloaded()) throw this.#refusal();
    return new Promise((resolve, reject) => {
      const cancel = this.#needs.schedule(this.#bounds.waitingMs, () => {
        this.#queue.delete(waiting);
        reject(this.#refusal());
      });
      const waiting: Waiting = {
        begin: () => {
          this.#queue.delete(waiting);
          cancel();
          resolve();
        },
      };
      this.#queue.add(waiting);
    });
  }

  #refusal(): NodeFullError {
    this.#needs.onRefused();
    return new NodeFullError(this.#needs.retryAfterMs());
  }
}
