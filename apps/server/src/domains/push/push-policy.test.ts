import { expect, it } from 'vitest';
import { nextTry, PUSH_EXPIRES_MS } from './push-policy.ts';

const later = (retryAfterMs?: number) => ({ status: 'later' as const, reason: 'busy', ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });

it('pauses longer each time, up to a bound, with jitter', () => {
  const pauses = Array.from({ length: 9 }, (_, index) => nextTry(later(), index + 1, 0, 0.999));
  expect(pauses.map((next) => (next.status === 'retry' ? Math.round(next.afterMs / 1_000) : 0))).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 512]);
  expect(nextTry(later(), 1, 0, 0)).toEqual({ status: 'retry', afterMs: 1_000 });
});

it('never comes back earlier than the service asked for', () => {
  expect(nextTry(later(90_000), 1, 0, 0.5)).toEqual({ status: 'retry', afterMs: 90_000 });
});

it('gives up after ten tries, and what would come a day late', () => {
  expect(nextTry(later(), 10, 0, 0)).toEqual({ status: 'give-up' });
  expect(nextTry(later(60_000), 1, PUSH_EXPIRES_MS - 59_000, 0)).toEqual({ status: 'give-up' });
});
