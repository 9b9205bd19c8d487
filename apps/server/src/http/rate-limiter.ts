import { LRUCache } from 'lru-cache';

export type Allowance = { status: 'allowed' } | { status: 'limited'; retryAfterMs: number };

/** Slows one key (an address, a user) down. In memory it answers at once; with other nodes it may take a round trip. */
export interface RateLimiter {
  readonly policy: RatePolicy;
  consume(key: string): Allowance | Promise<Allowance>;
}

/** A limit by its name, as clients are told it. */
export interface RatePolicy extends Rate {
  name: string;
}

export interface Rate {
  perSecond: number;
  /** How many at once, after a pause long enough. */
  burst: number;
}

export const ALLOWED: Allowance = { status: 'allowed' };

/** Keys remembered per limit, about 10 MB. Past it the longest unused one is forgotten, which only lets somebody through. */
const REMEMBERED_KEYS = 50_000;

/**
 * The generic cell rate algorithm: one number per key, the time at which its
 * bucket is full again. A refused attempt costs nothing, so whoever waits the
 * time that was answered gets through.
 */
export class MemoryRateLimiter implements RateLimiter {
  readonly #fullAt = new LRUCache<string, number>({ max: REMEMBERED_KEYS });
  readonly #intervalMs: number;
  readonly #toleranceMs: number;
  readonly #now: () => number;
  readonly policy: RatePolicy;

  constructor(policy: RatePolicy, now: () => number) {
    this.policy = policy;
    this.#intervalMs = 1_000 / policy.perSecond;
    this.#toleranceMs = this.#intervalMs * policy.burst;
    this.#now = now;
  }

  consume(key: string): Allowance {
    const now = this.#now();
    const fullAt = Math.max(this.#fullAt.get(key) ?? 0, now) + this.#intervalMs;
    const excessMs = fullAt - now - this.#toleranceMs;
    // Sums of fractions are not exact: a thousandth of a millisecond is not an excess.
    if (excessMs > 0.001) return { status: 'limited', retryAfterMs: Math.ceil(excessMs) };
    this.#fullAt.set(key, fullAt);
    return ALLOWED;
  }
}
