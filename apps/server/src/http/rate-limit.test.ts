import { CoupletError } from '@couplet/protocol';
import { describe, expect, it } from 'vitest';
import { assertWithinLimit, createRateLimits } from './rate-limit.ts';
import { MemoryRateLimiter } from './rate-limiter.ts';

describe('a rate limit', () => {
  const limiterAt = (clock: { now: number }) => new MemoryRateLimiter({ name: 'sendByUser', perSecond: 10, burst: 20 }, () => clock.now);
  const allowed = (limiter: MemoryRateLimiter, attempts: number) =>
    Array.from({ length: attempts }, () => limiter.consume('ana')).filter(({ status }) => status === 'allowed').length;

  it('lets a burst through, then one at a time', () => {
    const clock = { now: 1_000_000 };
    const limiter = limiterAt(clock);
    expect(allowed(limiter, 50)).toBe(20);
    clock.now += 100;
    expect(allowed(limiter, 50)).toBe(1);
    clock.now += 60_000;
    expect(allowed(limiter, 50)).toBe(20);
  });

  it('lets whoever waits the time it named through', () => {
    const clock = { now: 1_000_000 };
    const limiter = limiterAt(clock);
    allowed(limiter, 20);
    const refusal = limiter.consume('ana');
    if (refusal.status !== 'limited') throw new Error('The burst was larger than declared');
    clock.now += refusal.retryAfterMs;
    expect(limiter.consume('ana').status).toBe('allowed');
  });

  it('counts each key apart', () => {
    const limiter = limiterAt({ now: 1_000_000 });
    expect(allowed(limiter, 50)).toBe(20);
    expect(limiter.consume('bo').status).toBe('allowed');
  });

  it('becomes rate_limited with the time to wait, and is counted', async () => {
    const limited: string[] = [];
    const limits = createRateLimits({ isEnabled: true, now: () => 1_000_000, countTogether: null, onLimited: (name) => limited.push(name) });
    for (let i = 0; i < 20; i += 1) await assertWithinLimit(limits.sendByUser, 'ana');
    const refusal: unknown = await assertWithinLimit(limits.sendByUser, 'ana').catch((cause: unknown) => cause);
    expect(refusal).toBeInstanceOf(CoupletError);
    expect(refusal).toMatchObject({ code: 'rate_limited', retryAfterMs: 100 });
    expect(limited).toEqual(['sendByUser']);
  });

  it('is nowhere when limits are off', async () => {
    const limits = createRateLimits({ isEnabled: false, now: () => 0, countTogether: null, onLimited: () => undefined });
    for (let i = 0; i < 1_000; i += 1) await assertWithinLimit(limits.loginByAccount, 'ana');
  });
});
