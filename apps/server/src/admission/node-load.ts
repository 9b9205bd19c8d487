/** How often a look is taken. A late timer is how a busy event loop shows. */
const LOOK_EVERY_MS = 100;
/** So many looks count, a second: half of them must have been late. One late timer alone may be the collection of garbage. */
const LOOKS = 10;
/** Requests that wait for one of the pool's connections: about a second of its work. */
const WAITING_FOR_DATABASE = 500;

export interface NodeLoadNeeds {
  /** Milliseconds of a clock that never goes back. */
  clock(): number;
  /** Late by this much in half of the looks, it does not keep up. */
  lateMs: number;
  /** Requests that wait for a connection to the database. */
  waitingForDatabase(): number;
  /** @returns what ends it */
  every(ms: number, task: () => void): () => void;
}

/** Whether this node keeps up: by how late its timers are, and by who waits for the database. */
export class NodeLoad {
  readonly #needs: NodeLoadNeeds;
  readonly #stop: () => void;
  readonly #lateness: number[] = [];
  #lookedAt: number;

  constructor(needs: NodeLoadNeeds) {
    this.#needs = needs;
    this.#lookedAt = needs.clock();
    this.#stop = needs.every(LOOK_EVERY_MS, () => this.#look());
  }

  isOverloaded(): boolean {
    if (this.#needs.waitingForDatabase() > WAITING_FOR_DATABASE) return true;
    return this.#lateness.filter((ms) => ms > this.#needs.lateMs).length >= LOOKS / 2;
  }

  close(): void {
    this.#stop();
  }

  #look(): void {
    const now = this.#needs.clock();
    this.#lateness.push(now - this.#lookedAt - LOOK_EVERY_MS);
    if (this.#lateness.length > LOOKS) this.#lateness.shift();
    this.#lookedAt = now;
  }
}
