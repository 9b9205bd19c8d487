import { describe, expect, it } from 'vitest';
import { type Allowance, MemoryRateLimiter } from './rate-limiter.ts';
import { ReportingRateLimiter, type SharedCounter, SharedRateLimiter } from './shared-rate-limit.ts';

const POLICY = { name: 'sendByUser', perSecond: 10, burst: 20 };

/** What Redis does, with a clock that the test moves. */
class Counter implements SharedCounter {
  readonly clock = { now: 1_000_000 };
  readonly counts = new Map<string, { count: number; ends: number }>();
  added = 0;
  isAway = false;

  add(key: string, points: number): Promise<{ count: number; endsInMs: number }> {
    if (this.isAway) return Promise.reject(new Error('away'));
    this.added += 1;
    const { now } = this.clock;
    const found = this.counts.get(key);
    const window = found && found.ends > now ? found : { count: 0, ends: now + 2_000 };
    window.count += points;
    this.counts.set(key, window);
    return Promise.resolve({ count: window.count, endsInMs: window.ends - now });
  }
}

const now = (counter: Counter) => () => counter.clock.now;
const own = (counter: Counter) => new MemoryRateLimiter(POLICY, now(counter));
const allowed = (answers: readonly Allowance[]) => answers.filter(({ status }) => status === 'allowed').length;

describe('a limit that asks the other nodes each time', () => {
  const nodes = (counter: Counter) => [1, 2].map(() => new SharedRateLimiter(own(counter), counter, now(counter)));
  const ask = (limiter: SharedRateLimiter | undefined, times: number) => Promise.all(Array.from({ length: times }, async () => limiter!.consume('ana')));

  it('is one for all of them, and lets whoever waits the time it named through', async () => {
    const counter = new Counter();
    const [one, two] = nodes(counter);
    expect(allowed([...(await ask(one, 15)), ...(await ask(two, 15))])).toBe(20);
    const [refusal] = await ask(one, 1);
    if (refusal?.status !== 'limited') throw new Error('Forty were let through');
    counter.clock.now += refusal.retryAfterMs;
    expect(allowed(await ask(two, 1))).toBe(1);
  });

  it('asks no more while it knows the answer', async () => {
    const counter = new Counter();
    const [one] = nodes(counter);
    await ask(one, 21);
    const asked = counter.added;
    await ask(one, 1_000);
    expect(counter.added).toBe(asked);
  });

  it('goes by its own memory while the counter is away, and never refuses because of that', async () => {
    const counter = new Counter();
    counter.isAway = true;
    const [one, two] = nodes(counter);
    expect(allowed(await ask(one, 30))).toBe(20);
    expect(allowed(await ask(two, 30))).toBe(20);
  });
});

describe('a limit that tells the other nodes afterwards', () => {
  const node = (counter: Counter) => new ReportingRateLimiter(own(counter), counter, now(counter));
  const use = (limiter: ReportingRateLimiter, times: number) => allowed(Array.from({ length: times }, () => limiter.consume('ana') as Allowance));

  it('answers at once, and costs ordinary people no round trip', async () => {
    const counter = new Counter();
    const one = node(counter);
    for (let second = 0; second < 30; second += 1) {
      // Two messages a second, for half a minute.
      expect(use(one, 2)).toBe(2);
      counter.clock.now += 1_000;
    }
    await one.tell();
    expect(counter.added).toBe(0);
  });

  it('stops who uses several nodes to send more than one would take', async () => {
    const counter = new Counter();
    const [one, two] = [node(counter), node(counter)];
    expect(use(one, 15) + use(two, 15)).toBe(30);
    await one.tell();
    await two.tell();
    // Fifteen were told from each, in one call each, with what came before the first.
    expect(counter.counts.get('ana')?.count).toBe(30);
    expect(counter.added).toBe(2);
    // The one that told last knows; the other learns with the next that it tells.
    expect(use(two, 1)).toBe(0);
    use(one, 1);
    await one.tell();
    expect(use(one, 1)).toBe(0);
    counter.clock.now += 2_000;
    expect([use(one, 1), use(two, 1)]).toEqual([1, 1]);
  });

  it('goes by its own memory while the counter is away', async () => {
    const counter = new Counter();
    counter.isAway = true;
    const one = node(counter);
    expect(use(one, 30)).toBe(20);
    await one.tell();
    counter.clock.now += 1_000;
    expect(use(one, 30)).toBe(10);
  });
});
