/**
 * A delay in milliseconds with full jitter: anywhere in [0, base × 2^(attempt−1)),
 * capped. Clients that lost the same server at the same time spread themselves.
 *
 * @param attempt from 1
 * @param fraction random, in [0, 1)
 */
export function fullJitterDelay(attempt: number, policy: BackoffPolicy, fraction: number): number {
  const ceiling = Math.min(policy.capMs, policy.baseMs * 2 ** Math.min(attempt - 1, MAX_DOUBLINGS));
  return Math.floor(ceiling * fraction);
}

export interface BackoffPolicy {
  baseMs: number;
  capMs: number;
}

/** Beyond any cap in use; keeps the power finite for attempts without end. */
const MAX_DOUBLINGS = 20;
