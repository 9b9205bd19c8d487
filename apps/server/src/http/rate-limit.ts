import { CoupletError } from '@couplet/protocol';
import { ALLOWED, type Allowance, MemoryRateLimiter, type Rate, type RateLimiter, type RatePolicy } from './rate-limiter.ts';
import { ReportingRateLimiter, SharedRateLimiter, type SharedCounter } from './shared-rate-limit.ts';

/** Refused by a limit. */
export class RateLimitedError extends CoupletError {
  readonly policy: RatePolicy;

  constructor(policy: RatePolicy, retryAfterMs: number) {
    super('rate_limited', undefined, { retryAfterMs });
    this.policy = policy;
  }

  /** As the IETF's draft of these fields has them: q in w seconds, r left, more after t seconds. */
  get headers(): Record<'retry-after' | 'ratelimit' | 'ratelimit-policy', string> {
    const { name, burst, perSecond } = this.policy;
    const seconds = Math.max(1, Math.ceil((this.retryAfterMs ?? 0) / 1_000));
    return {
      'retry-after': String(seconds),
      'ratelimit-policy': `"${name}";q=${burst};w=${Math.ceil(burst / perSecond)}`,
      ratelimit: `"${name}";r=0;t=${seconds}`,
    };
  }
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
  /** Somebody who types, and looks again. */
  searchByUser: { perSecond: 2, burst: 30 },
  /** A device that comes back has every channel that it follows signed at once. */
  pusherAuthByUser: { perSecond: 20, burst: 1_500 },
} as const satisfies Record<string, Rate>;

/** Asked so often that a round trip each time would cost more than what they protect. */
const FREQUENT: readonly string[] = ['handshakeByAddress', 'sendByUser'] satisfies LimitName[];

export type LimitName = keyof typeof RATES;
export type RateLimits = Readonly<Record<LimitName, RateLimiter>>;

export interface RateLimitOptions {
  isEnabled: boolean;
  now: () => number;
  /** What counts for all nodes together; null on a node of its own. */
  countTogether: ((policy: RatePolicy) => SharedCounter) | null;
  /** Told each time somebody is slowed down. */
  onLimited(limit: LimitName): void;
}

export function createRateLimits({ isEnabled, now, countTogether, onLimited }: RateLimitOptions): RateLimits {
  const entries = Object.entries(RATES).map(([name, rate]) => {
    const policy = { name, ...rate };
    if (!isEnabled) return [name, { policy, consume: () => ALLOWED }];
    const own = new MemoryRateLimiter(policy, now);
    const counted = countTogether === null ? own : withOthers(own, countTogether(policy), now);
    return [name, told(counted, () => onLimited(name as LimitName))];
  });
  return Object.fromEntries(entries) as RateLimits;
}

function withOthers(own: MemoryRateLimiter, counter: SharedCounter, now: () => number): RateLimiter {
  return FREQUENT.includes(own.policy.name) ? new ReportingRateLimiter(own, counter, now) : new SharedRateLimiter(own, counter, now);
}

function told(limiter: RateLimiter, onLimited: () => void): RateLimiter {
  const tell = (allowance: Allowance) => {
    if (allowance.status === 'limited') onLimited();
    return allowance;
  };
  return {
    policy: limiter.policy,
    consume(key) {
      const answer = limiter.consume(key);
      return answer instanceof Promise ? answer.then(tell) : tell(answer);
    },
  };
}

/** @throws RateLimitedError with the time to wait */
export async function assertWithinLimit(limiter: RateLimiter, key: string): Promise<void> {
  const allowance = await limiter.consume(key);
  if (allowance.status === 'limited') throw new RateLimitedError(limiter.policy, allowance.retryAfterMs);
}
