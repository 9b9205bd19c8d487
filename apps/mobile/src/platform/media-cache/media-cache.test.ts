import { ManualClock } from '@couplet/client/testing';
import { expect, test } from 'vitest';
import { leavingFor, MediaCache } from './media-cache.ts';
import { MemoryShelf } from './testing/memory-shelf.ts';

const HOUR_MS = 60 * 60_000;

function create(boundBytes = 1_000) {
  const clock = new ManualClock();
  const shelf = new MemoryShelf();
  const problems: unknown[] = [];
  const open = () => {
    const cache = new MediaCache({ shelf, clock, boundBytes });
    cache.reportTo((_where, error) => problems.push(error));
    return cache;
  };
  /** Looks at it until it shows or cannot be had, and looks away. */
  const look = async (cache: MediaCache, key: string, url: string | null) => {
    const leave = cache.watch(key, url, () => undefined);
    await clock.advance(0);
    const shown = cache.urlOf(key);
    leave();
    return shown;
  };
  return { clock, shelf, problems, open, look };
}

test('what was seen is seen again in the next run without its link', async () => {
  const { shelf, open, look } = create();
  shelf.offer('https://chat.example/a?signed=1', 100);
  expect(await look(open(), 'a:320', 'https://chat.example/a?signed=1')).not.toBeNull();
  shelf.isOffline = true;
  expect(await look(open(), 'a:320', 'https://chat.example/a?signed=2')).not.toBeNull();
  expect(await look(open(), 'a:1280', 'https://chat.example/b')).toBeNull();
});

test('of too many, those used longest ago go first', async () => {
  const { clock, shelf, open, look } = create(250);
  const cache = open();
  for (const key of ['a', 'b']) {
    shelf.offer(key, 100);
    await look(cache, key, key);
    await clock.advance(2 * HOUR_MS);
  }
  // Used again in a later run, where it is not open any more.
  await look(open(), 'a', null);
  shelf.offer('c', 100);
  await look(cache, 'c', 'c');
  await clock.advance(HOUR_MS);
  expect(shelf.keys()).toEqual(['a', 'c']);
  expect(await cache.usedBytes()).toBe(200);
});

test('a lower bound takes effect by itself', async () => {
  const { clock, shelf, open, look } = create(1_000);
  const cache = open();
  for (const key of ['a', 'b', 'c']) {
    shelf.offer(key, 100);
    await look(cache, key, key);
    await clock.advance(10);
  }
  cache.setBound(150);
  await clock.advance(HOUR_MS);
  expect(shelf.keys()).toEqual(['c']);
});

test('room is made for a little more than is needed, and none without need', () => {
  const entries = [30, 10, 20].map((usedAt) => ({ key: `${usedAt}`, sizeBytes: 10, usedAt }));
  expect(leavingFor(entries, 30)).toEqual([]);
  expect(leavingFor(entries, 29)).toEqual(['10']);
  expect(leavingFor(entries, 19)).toEqual(['10', '20']);
  expect(leavingFor(entries, 0)).toEqual(['10', '20', '30']);
});

test('[O5] wiped means that nothing stays, also of what was on its way', async () => {
  const { clock, shelf, open, look } = create();
  const cache = open();
  shelf.offer('a', 100);
  shelf.offer('b', 100);
  await look(cache, 'a', 'a');
  const delivered = shelf.hold('b');
  cache.watch('b', 'b', () => undefined);
  await clock.advance(0);
  await cache.clear();
  delivered();
  await clock.advance(HOUR_MS);
  expect(shelf.keys()).toEqual([]);
  expect(cache.urlOf('a')).toBeNull();
  expect(cache.urlOf('b')).toBeNull();
  expect(shelf.openAddresses).toBe(0);
});

test('one fetch serves everybody who looks, and is given up when nobody does', async () => {
  const { clock, shelf, open } = create();
  const cache = open();
  shelf.offer('a', 100);
  const delivered = shelf.hold('a');
  const leave = [cache.watch('a', 'a', () => undefined), cache.watch('a', 'a', () => undefined)];
  await clock.advance(0);
  expect(shelf.fetches).toBe(1);
  leave[0]?.();
  expect(shelf.given).toBe(0);
  leave[1]?.();
  expect(shelf.given).toBe(1);
  delivered();
  await clock.advance(0);
  expect(shelf.keys()).toEqual([]);
});

test('what could not be had is asked for again with a new link, and when the network is back', async () => {
  const { clock, shelf, open } = create();
  const cache = open();
  let told = 0;
  cache.watch('a', 'ended', () => (told += 1));
  await clock.advance(0);
  expect([cache.urlOf('a'), told]).toEqual([null, 1]);
  shelf.offer('fresh', 100);
  shelf.isOffline = true;
  cache.watch('a', 'fresh', () => undefined);
  await clock.advance(0);
  expect(cache.urlOf('a')).toBeNull();
  shelf.isOffline = false;
  cache.wake();
  await clock.advance(0);
  expect(cache.urlOf('a')).not.toBeNull();
});

test('what the browser shows but does not hand over is shown from where it is', async () => {
  const { shelf, open, look } = create();
  shelf.unreadable.add('https://elsewhere.example/a');
  expect(await look(open(), 'a', 'https://elsewhere.example/a')).toBe('https://elsewhere.example/a');
  expect(shelf.keys()).toEqual([]);
});

test('scrolling back shows it in the same frame, and of very many only the last stay open', async () => {
  const { shelf, open, look } = create(1_000_000);
  const cache = open();
  for (let number = 0; number < 70; number += 1) {
    shelf.offer(`${number}`, 10);
    await look(cache, `${number}`, `${number}`);
  }
  expect(cache.urlOf('69')).not.toBeNull();
  expect(cache.urlOf('0')).toBeNull();
  expect(shelf.openAddresses).toBe(60);
});

test('a device that keeps nothing still shows what the network brings', async () => {
  const { shelf, problems, open, look } = create();
  shelf.isBroken = true;
  shelf.offer('a', 100);
  expect(await look(open(), 'a', 'a')).not.toBeNull();
  expect(problems).not.toEqual([]);
});
