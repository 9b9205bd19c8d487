import { CoupletError } from '@couplet/protocol';
import { LRUCache } from 'lru-cache';

export type Allowance = { status: 'allowed' } | { status: 'limited'; retryAfterMs: number };

/** Slows one key (an address, a user) down. In memory it answers at once; a cluster's may take a round trip. */
export interface RateLimiter {
  consume(key: string): Allowance | Promise<Allowance>;
}

export interface Rate {
  perSecond: number;
  /** How many at once, after a pause long enough. */
  burst: number;
}

/**
 * Every limit of the server. By address, because nobody has signed in yet:
 * guessing passwords is slowed per account and address and per address, and
 * hashing them (20 MB each) is what a flood would go for.
 */
const RATES = {
  loginByAccount: { perSecond: 10 / 60, burst: 10 },
  loginByAddress: { perSecond: 1, burst: 60 },
  registerByAddress: { perSecond: 0.5, burst: 30 },
  refreshByAddress: { perSecond: 4, burst: 240 },
  /** A whole office behind one address reconnects at once. */
  handshakeByAddress: { perSecond: 20, burst: 60 },
  sendByUser: { perSecond: 10, burst: 20 },
  /** Ten pictures at once, several times over. */
  uploadByUser: { perSecond: 2, burst: 60 },
} as const satisfies Record<string, Rate>;

export type LimitName = keyof typeof RATES;
export type RateLimits = Readonly<Record<LimitName, RateLimiter>>;

/** Keys remembered per limit, about 10 MB. Past it the longest unused one is forgotten, which only lets somebody through. */
const REMEMBERED_KEYS = 50_000;

/** @param onLimited told each time somebody is slowed down */
export function createRateLimits(enabled: boolean, now: () => number, onLimited: (limit: LimitName) => void): RateLimits {
  const entries = Object.entries(RATES).map(([name, rate]) => [
    name,
    enabled ? new MemoryRateLimiter(rate, now, () => onLimited(name as LimitName)) : UNLIMITED,
  ]);
  return Object.fromEntries(entries) as RateLimits;
}

/** @throws CoupletError `rate_limited` with the time to wait */
export async function assertWithinLimit(limiter: RateLimiter, key: string): Promise<void> {
  const allowance = await limiter.consume(key);
  if (allowance.status === 'limited') throw new CoupletError('rate_limited', undefined, { retryAfterMs: allowance.retryAfterMs });
}

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
  readonly #onLimited: () => void;

  constructor(rate: Rate, now: () => number, onLimited: () => void) {
    this.#intervalMs = 1_000 / rate.perSecond;
    this.#toleranceMs = this.#intervalMs * rate.burst;
    this.#now = now;
    this.#onLimited = onLimited;
  }

  consume(key: string): Allowance {
    const now = this.#now();
    const fullAt = Math.max(this.#fullAt.get(key) ?? 0, now) + this.#intervalMs;
    const excessMs = fullAt - now - this.#toleranceMs;
    // Sums of fractions are not exact: a thousandth of a millisecond is not an excess.
    if (excessMs > 0.001) {
      this.#onLimited();
      return { status: 'limited', retryAfterMs: Math.ceil(excessMs) };
    }
    this.#fullAt.set(key, fullAt);
    return ALLOWED;
  }
}

const ALLOWED: Allowance = { status: 'allowed' };
const UNLIMITED: RateLimiter = { consume: () => ALLOWED };
