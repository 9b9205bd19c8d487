import { LRUCache } from 'lru-cache';
import { ALLOWED, type Allowance, type RateLimiter, type RatePolicy } from './rate-limiter.ts';

/** Counts for all nodes together, in windows as long as a whole burst takes to be earned again. */
export interface SharedCounter {
  /**
   * Adds to the key's count in its window. Rejects while it cannot be known.
   *
   * @returns the count with what was added, and when its window ends
   */
  add(key: string, points: number): Promise<{ count: number; endsInMs: number }>;
}

/** Keys that are remembered as over their limit. */
const REMEMBERED_KEYS = 50_000;

/** Those that all nodes together found to be over their limit, until their windows end. */
class Blocked {
  readonly #until = new LRUCache<string, number>({ max: REMEMBERED_KEYS });
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  note(key: string, ms: number): Allowance {
    this.#until.set(key, this.#now() + ms);
    return { status: 'limited', retryAfterMs: Math.max(1, Math.ceil(ms)) };
  }

  find(key: string): Allowance | undefined {
    const until = this.#until.get(key);
    if (until === undefined) return undefined;
    const ms = until - this.#now();
    if (ms > 0) return { status: 'limited', retryAfterMs: Math.ceil(ms) };
    this.#until.delete(key);
    return undefined;
  }
}

/** Asks the shared counter each time: for what is rare and worth a round trip. Without it, this node's own memory decides. */
export class SharedRateLimiter implements RateLimiter {
  readonly policy: RatePolicy;
  readonly #own: RateLimiter;
  readonly #counter: SharedCounter;
  readonly #blocked: Blocked;

  constructor(own: RateLimiter, counter: SharedCounter, now: () => number) {
    this.policy = own.policy;
    this.#own = own;
    this.#counter = counter;
    this.#blocked = new Blocked(now);
  }

  async consume(key: string): Promise<Allowance> {
    const known = this.#blocked.find(key);
    if (known) return known;
    try {
      const { count, endsInMs } = await this.#counter.add(key, 1);
      return count <= this.policy.burst ? ALLOWED : this.#blocked.note(key, endsInMs);
    } catch {
      return this.#own.consume(key);
    }
  }
}

/** From this share of a burst within one window on, what a key does here is told to the other nodes. */
const TOLD_FROM = 1 / 4;
/** Told together: how late another node may learn of it. */
const TELL_EVERY_MS = 100;

/**
 * Decides at once, by this node's own memory, and tells the shared counter
 * afterwards: for what happens all the time. Only who uses a good part of the
 * limit is counted together at all, so that ordinary people cost no round trip;
 * over the limit on several nodes they are stopped on each within a tenth of a
 * second.
 */
export class ReportingRateLimiter implements RateLimiter {
  readonly policy: RatePolicy;
  readonly #own: RateLimiter;
  readonly #counter: SharedCounter;
  readonly #now: () => number;
  readonly #blocked: Blocked;
  readonly #windowMs: number;
  #windowEnds = 0;
  /** Of this window, on this node. */
  #counts = new Map<string, number>();
  #untold = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(own: RateLimiter, counter: SharedCounter, now: () => number) {
    this.policy = own.policy;
    this.#own = own;
    this.#counter = counter;
    this.#now = now;
    this.#blocked = new Blocked(now);
    this.#windowMs = (own.policy.burst / own.policy.perSecond) * 1_000;
  }

  consume(key: string): Allowance | Promise<Allowance> {
    const allowance = this.#blocked.find(key) ?? this.#own.consume(key);
    if (!(allowance instanceof Promise) && allowance.status === 'allowed') this.#note(key);
    return allowance;
  }

  /** Tells what was not told yet. Resolves when the others know. */
  async tell(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const untold = this.#untold;
    this.#untold = new Map();
    await Promise.all([...untold].map(([key, points]) => this.#add(key, points)));
  }

  #note(key: string): void {
    const now = this.#now();
    if (now >= this.#windowEnds) {
      this.#counts = new Map();
      this.#windowEnds = now + this.#windowMs;
    }
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    const from = this.policy.burst * TOLD_FROM;
    if (count <= from) return;
    // What came before is told with the first that is.
    this.#untold.set(key, (this.#untold.get(key) ?? 0) + (count - 1 <= from ? count : 1));
    this.#timer ??= setTimeout(() => void this.tell(), TELL_EVERY_MS).unref();
  }

  async #add(key: string, points: number): Promise<void> {
    try {
      const { count, endsInMs } = await this.#counter.add(key, points);
      if (count > this.policy.burst) this.#blocked.note(key, endsInMs);
    } catch {
      // This node's own memory goes on deciding.
    }
  }
}
