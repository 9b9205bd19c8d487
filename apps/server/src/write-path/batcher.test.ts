import { CoupletError } from '@couplet/protocol';
import { expect, it } from 'vitest';
import { Batcher, type Outcome } from './batcher.ts';

/** A commit that the test finishes by hand. */
function manualCommit() {
  const batches: { requests: readonly string[]; finish: (outcomes?: readonly Outcome<string>[]) => void; fail: (error: Error) => void }[] = [];
  const arrivals: (() => void)[] = [];
  const commit = (requests: readonly string[]) =>
    new Promise<readonly Outcome<string>[]>((resolve, reject) => {
      const done = requests.map((request) => ({ status: 'done', result: request.toUpperCase() }) as const);
      batches.push({ requests, finish: (outcomes = done) => resolve(outcomes), fail: reject });
      arrivals.splice(0).forEach((arrived) => arrived());
    });
  const batch = async (index: number) => {
    while (batches.length <= index) await new Promise<void>((arrived) => arrivals.push(arrived));
    const found = batches[index];
    if (!found) throw new Error('unreachable');
    return found;
  };
  return { commit, batch, batches };
}

const OPTIONS = { maxBatch: 3, maxWaiting: 5 };

it('commits at once what was submitted in one turn of the event loop', async () => {
  const { commit, batch } = manualCommit();
  const batcher = new Batcher(commit, OPTIONS);
  const results = [batcher.submit('a'), batcher.submit('b')];
  const first = await batch(0);
  expect(first.requests).toEqual(['a', 'b']);
  first.finish();
  expect(await Promise.all(results)).toEqual(['A', 'B']);
});

it('forms the next batch while one is in flight, in order and no larger than allowed', async () => {
  const { commit, batch, batches } = manualCommit();
  const batcher = new Batcher(commit, OPTIONS);
  const results = [batcher.submit('a')];
  const first = await batch(0);
  results.push(...['b', 'c', 'd', 'e'].map((request) => batcher.submit(request)));
  expect(batches).toHaveLength(1);
  first.finish();
  const second = await batch(1);
  expect(second.requests).toEqual(['b', 'c', 'd']);
  second.finish();
  (await batch(2)).finish();
  expect(await Promise.all(results)).toEqual(['A', 'B', 'C', 'D', 'E']);
});

it('rejects one request without touching the others of its batch', async () => {
  const { commit, batch } = manualCommit();
  const batcher = new Batcher(commit, OPTIONS);
  const results = Promise.allSettled([batcher.submit('a'), batcher.submit('b')]);
  const error = new CoupletError('blocked');
  (await batch(0)).finish([{ status: 'rejected', error }, { status: 'done', result: 'B' }]);
  expect(await results).toEqual([{ status: 'rejected', reason: error }, { status: 'fulfilled', value: 'B' }]);
});

it('answers unavailable when a commit fails, and goes on with the next', async () => {
  const { commit, batch } = manualCommit();
  const batcher = new Batcher(commit, OPTIONS);
  const lost = batcher.submit('a');
  (await batch(0)).fail(new Error('connection lost'));
  await expect(lost).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  const next = batcher.submit('b');
  (await batch(1)).finish();
  expect(await next).toBe('B');
});

it('refuses more than it may hold, so that a slow database bounds memory', async () => {
  const { commit, batch } = manualCommit();
  const batcher = new Batcher(commit, OPTIONS);
  const first = batcher.submit('a');
  await batch(0);
  const waiting = ['b', 'c', 'd', 'e', 'f'].map((request) => batcher.submit(request));
  await expect(batcher.submit('g')).rejects.toMatchObject({ code: 'unavailable', retryAfterMs: 1_000 });
  for (const index of [0, 1, 2]) (await batch(index)).finish();
  await Promise.all([first, ...waiting]);
});

it('finishes what it took before it closes, and takes nothing after', async () => {
  const { commit, batch } = manualCommit();
  const batcher = new Batcher(commit, OPTIONS);
  const taken = batcher.submit('a');
  const closed = batcher.close();
  await expect(batcher.submit('b')).rejects.toMatchObject({ code: 'unavailable' });
  (await batch(0)).finish();
  expect(await taken).toBe('A');
  await closed;
});
