import { afterEach, expect, it, vi } from 'vitest';
import { freePort } from '../../test/free-port.ts';
import { startTestRedis, type TestRedis } from '../../test/test-redis.ts';
import { createLog } from '../log.ts';
import { parseRedisAddress } from './redis-address.ts';
import { RedisLink } from './redis-link.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function openLink(url: string) {
  const address = parseRedisAddress(url);
  if (!address) throw new Error('unreadable');
  const states: boolean[] = [];
  const trips: string[] = [];
  const link = await RedisLink.open({ address, name: 'test', log: createLog('silent', 'test'), onState: (isUp) => states.push(isUp), onRoundTrip: (outcome) => trips.push(outcome) });
  closing.push(() => link.close());
  return { link, states, trips };
}

async function redisOfItsOwn(settings: string[] = []): Promise<TestRedis> {
  const redis = await startTestRedis(settings);
  closing.push(() => redis.close());
  return redis;
}

/** Resolves when the link says so. */
function becomes(link: RedisLink, wanted: boolean): Promise<void> {
  if (link.isUp === wanted) return Promise.resolve();
  return new Promise((resolve) => {
    const stop = link.subscribe((isUp) => {
      if (isUp !== wanted) return;
      stop();
      resolve();
    });
  });
}

it('tells that Redis went away and came back, whether it was killed or only fell silent', async () => {
  const redis = await redisOfItsOwn();
  const { link, states } = await openLink(redis.url);
  await redis.kill();
  await becomes(link, false);
  await expect(link.commands.get('a')).rejects.toThrow();
  await redis.start();
  await becomes(link, true);
  redis.pause();
  await expect(link.commands.get('a')).rejects.toThrow();
  await becomes(link, false);
  redis.resume();
  await becomes(link, true);
  expect(await link.commands.get('a')).toBeNull();
  expect(states).toEqual([false, true, false, true, false, true]);
});

it('answers each of many commands for itself, in their order', async () => {
  const { link } = await openLink((await redisOfItsOwn()).url);
  const [stored, refused, read] = await link.run([['SET', 'a', '1'], ['HGET', 'a', 'field'], ['GET', 'a']]);
  expect(stored).toBe('OK');
  expect(refused).toMatchObject({ message: expect.stringContaining('WRONGTYPE') });
  expect(read).toBe('1');
});

it('tells of each round trip whether it was answered', async () => {
  const redis = await redisOfItsOwn();
  const { link, trips } = await openLink(redis.url);
  await link.run([['SET', 'a', '1'], ['GET', 'a']]);
  await link.run([['GET', 'a'], ['HGET', 'a', 'field']]);
  redis.pause();
  await expect(link.run([['GET', 'a']])).rejects.toThrow();
  redis.resume();
  expect(trips).toEqual(['answered', 'refused', 'away']);
});

it('leaves a connection on which nobody answers, and takes another', async () => {
  const redis = await redisOfItsOwn();
  const { link } = await openLink(redis.url);
  const [before] = await link.run([['CLIENT', 'ID']]);
  redis.pause();
  await vi.waitUntil(() => link.commands.status === 'reconnecting', { timeout: 10_000 });
  redis.resume();
  await becomes(link, true);
  const [after] = await link.run([['CLIENT', 'ID']]);
  expect(after).not.toBe(before);
});

it('connects again where the library has given up', async () => {
  const { link } = await openLink((await redisOfItsOwn()).url);
  link.commands.disconnect();
  await becomes(link, false);
  await becomes(link, true);
  expect(await link.commands.set('a', '1')).toBe('OK');
});

it('starts without Redis, and finds it later', async () => {
  const redis = await redisOfItsOwn();
  await redis.stop();
  const { link } = await openLink(redis.url);
  expect(link.isUp).toBe(false);
  await expect(link.commands.set('a', '1')).rejects.toThrow();
  await redis.start();
  await becomes(link, true);
  expect(await link.commands.set('a', '1')).toBe('OK');
});

it('works with a cluster', async () => {
  const redis = await redisOfItsOwn(['--cluster-enabled', 'yes', '--cluster-port', String(await freePort()), '--cluster-announce-ip', '127.0.0.1']);
  await redis.client.connect();
  await redis.client.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
  const { link } = await openLink(redis.url.replace('redis://', 'redis+cluster://'));
  await becomes(link, true);
  expect(await link.commands.set('a', '1')).toBe('OK');
  await redis.kill();
  await becomes(link, false);
});
