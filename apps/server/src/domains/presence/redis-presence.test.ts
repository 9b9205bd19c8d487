import type { ConnectionId, Presence, UserId } from '@couplet/protocol';
import { beforeEach, expect, it, vi } from 'vitest';
import { joinTestNode } from '../../../test/redis-nodes.ts';
import { redisOfThisFile, untilHeard } from '../../../test/redis-of-this-file.ts';
import type { NodeRegistryTimes } from '../../redis/node-registry.ts';
import { NodePresence } from './node-presence.ts';
import { RedisPresence } from './redis-presence.ts';

const WAIT = { timeout: 20_000, interval: 5 };
const ana = '0190a1b2-0000-7000-8000-00000000000a' as UserId;
const bo = '0190a1b2-0000-7000-8000-00000000000b' as UserId;

const { redis, closeAfterTest } = redisOfThisFile();
let prefix: string;
let deployments = 0;
beforeEach(() => {
  prefix = `presence-${(deployments += 1)}`;
});

async function startNode(times?: NodeRegistryTimes) {
  const joined = await joinTestNode(redis.url, prefix, times);
  const left: [UserId, string][] = [];
  const onLeft = (userId: UserId, at: string) => void left.push([userId, at]);
  const elsewhere = new RedisPresence({
    ...joined,
    rewrittenWithinMs: 0,
    schedule(delayMs, task) {
      const timer = setTimeout(task, delayMs);
      return () => clearTimeout(timer);
    },
    onLeft,
    onError: (error) => expect.unreachable(String(error)),
  });
  const presence = new NodePresence({ now: () => Date.UTC(2026, 0, 1), onLeft, elsewhere });
  elsewhere.attach(presence);
  await untilHeard(joined);
  let isGone = false;
  closeAfterTest(async () => {
    if (isGone) return;
    presence.close();
    await joined.close();
  });
  const vanish = async () => {
    isGone = true;
    await joined.vanish();
  };
  const statusOf = async (userId: UserId) => (await presence.find([userId])).get(userId);
  return { joined, presence, elsewhere, left, vanish, statusOf };
}

/** Follows Ana from there. */
function follow(presence: NodePresence): Presence[] {
  const told: Presence[] = [];
  presence.watch({ viewerId: bo, connectionId: 'c' as ConnectionId, notify: (news) => told.push(news) }, [ana]);
  return told;
}

/** What was said again, as after a pause of Redis, is no change. */
function changesIn(told: readonly Presence[]): Presence['status'][] {
  return told.map(({ status }) => status).filter((status, index, all) => status !== all[index - 1]);
}

it('tells those who follow somebody on another node that they came and went', async () => {
  const [near, far] = [await startNode(), await startNode()];
  const told = follow(far.presence);
  near.presence.arrived(ana);
  await vi.waitUntil(() => told.at(-1)?.status === 'online', WAIT);
  expect(told).toContainEqual({ userId: ana, status: 'online', lastSeenAt: null });
  expect(await far.statusOf(ana)).toBe('online');
  // After the grace for a reload, which the presence of one node has tests for.
  near.elsewhere.departed(ana, '2026-01-01T00:00:30.000000Z');
  await vi.waitUntil(() => told.at(-1)?.status === 'offline', WAIT);
  expect(told).toContainEqual({ userId: ana, status: 'offline', lastSeenAt: '2026-01-01T00:00:30.000000Z' });
  expect(await far.statusOf(ana)).toBe('offline');
});

it('counts the devices of a person on each node as they come and go', async () => {
  const [near, far] = [await startNode(), await startNode()];
  const counts = async () => {
    const places = await redis.client.hgetall(`${prefix}:presence:{${near.joined.keys.shardOf(ana)}}:${ana}`);
    return [near, far].map(({ joined }) => places[joined.registry.node]?.split(':')[0]);
  };
  near.presence.arrived(ana);
  near.presence.arrived(ana);
  near.presence.arrived(ana);
  far.presence.arrived(ana);
  await vi.waitUntil(async () => `${await counts()}` === '3,1', WAIT);
  near.presence.departed(ana);
  await vi.waitUntil(async () => `${await counts()}` === '2,1', WAIT);
});

it('[P1] a second device on another node keeps a person online; the last one to go is told once', async () => {
  const [near, far, third] = [await startNode(), await startNode(), await startNode()];
  const told = follow(third.presence);
  near.elsewhere.arrived(ana);
  far.elsewhere.arrived(ana);
  await vi.waitUntil(async () => (await redis.client.hlen(`${prefix}:presence:{${near.joined.keys.shardOf(ana)}}:${ana}`)) === 2, WAIT);
  near.elsewhere.departed(ana, '2026-01-01T00:00:30.000000Z');
  await vi.waitUntil(async () => (await redis.client.hlen(`${prefix}:presence:{${near.joined.keys.shardOf(ana)}}:${ana}`)) === 1, WAIT);
  expect(await third.statusOf(ana)).toBe('online');
  far.elsewhere.departed(ana, '2026-01-01T00:00:40.000000Z');
  await vi.waitUntil(() => told.at(-1)?.status === 'offline', WAIT);
  expect(changesIn(told)).toEqual(['online', 'offline']);
  // What is asked again names no time: the going itself was told once.
  expect(told.filter(({ lastSeenAt }) => lastSeenAt !== null)).toEqual([{ userId: ana, status: 'offline', lastSeenAt: '2026-01-01T00:00:40.000000Z' }]);
});

it('[P1] the people of a killed node are offline when it is found dead, their last seen is noted, and no ghost stays', async () => {
  const [near, far, dead] = [await startNode(), await startNode(), await startNode()];
  const told = follow(far.presence);
  dead.presence.arrived(ana);
  dead.presence.arrived(bo);
  near.presence.arrived(bo);
  await vi.waitUntil(() => told.at(-1)?.status === 'online', WAIT);
  await vi.waitUntil(async () => (await redis.client.scard(`${prefix}:present-on:${dead.joined.registry.node}`)) === 2, WAIT);
  await dead.vanish();
  const vanishedAt = Date.now();
  await vi.waitUntil(async () => {
    await Promise.all([near.joined.registry.beat(), far.joined.registry.beat()]);
    return told.at(-1)?.status === 'offline';
  }, WAIT);
  const left = [...near.left, ...far.left].filter(([userId]) => userId === ana);
  // When the node was last heard of, by the clock of Redis, whichever node found it dead.
  expect(left).toEqual([[ana, told.find(({ lastSeenAt }) => lastSeenAt !== null)?.lastSeenAt]]);
  expect(Date.parse(left[0]?.[1] ?? '')).toBeLessThanOrEqual(vanishedAt);
  expect(await near.statusOf(ana)).toBe('offline');
  // Bo is on another node as well.
  expect(await far.statusOf(bo)).toBe('online');
  expect(await redis.client.keys(`${prefix}:*${dead.joined.registry.node}*`)).toEqual([`${prefix}:claim:${dead.joined.registry.node}`]);
});

it('[P1] the people of a killed node are told offline though what it wrote of them is gone before it is found dead', async () => {
  const [near, dead] = [await startNode(), await startNode()];
  const told = follow(near.presence);
  dead.presence.arrived(ana);
  await vi.waitUntil(() => told.at(-1)?.status === 'online', WAIT);
  await dead.vanish();
  // As after a minute.
  await redis.client.del(`${prefix}:presence:{${near.joined.keys.shardOf(ana)}}:${ana}`);
  await vi.waitUntil(async () => {
    await near.joined.registry.beat();
    return told.at(-1)?.status === 'offline';
  }, WAIT);
});

it('[P1] the people of a node that was only cut off are told online again when it is back', async () => {
  const [near, far, cutOff] = [await startNode(), await startNode(), await startNode()];
  const told = follow(far.presence);
  cutOff.presence.arrived(ana);
  await vi.waitUntil(() => told.at(-1)?.status === 'online', WAIT);
  await vi.waitUntil(async () => (await redis.client.scard(`${prefix}:present-on:${cutOff.joined.registry.node}`)) === 1, WAIT);
  await vi.waitUntil(async () => {
    await Promise.all([near.joined.registry.beat(), far.joined.registry.beat()]);
    return told.at(-1)?.status === 'offline';
  }, WAIT);
  await vi.waitUntil(async () => {
    await cutOff.joined.registry.beat();
    return told.at(-1)?.status === 'online';
  }, WAIT);
  expect(await near.statusOf(ana)).toBe('online');
});

it('[P2] who asked of an emptied Redis too early is told who is online, and who knew it is told nothing else', async () => {
  const [near, far] = [await startNode(), await startNode()];
  near.presence.arrived(ana);
  await vi.waitUntil(async () => (await far.statusOf(ana)) === 'online', WAIT);
  await redis.flush();
  expect(await far.statusOf(ana)).toBe('offline');
  const told = follow(far.presence);
  await near.joined.registry.beat();
  await vi.waitUntil(() => told.length > 0, WAIT);
  expect(changesIn(told)).toEqual(['online']);
});

it('[P2] presence is unknown without Redis, and as it is when Redis is back or was emptied', async () => {
  const [near, far] = [await startNode(), await startNode()];
  near.presence.arrived(ana);
  const told = follow(far.presence);
  await vi.waitUntil(async () => (await far.statusOf(ana)) === 'online', WAIT);
  await redis.kill();
  await vi.waitUntil(() => told.at(-1)?.status === 'unknown', WAIT);
  expect(await far.statusOf(ana)).toBe('unknown');
  expect(await near.statusOf(ana)).toBe('online');
  await redis.start();
  await vi.waitUntil(async () => {
    await Promise.all([near.joined.registry.beat(), far.joined.registry.beat()]);
    return (await far.statusOf(ana)) === 'online';
  }, WAIT);
  await redis.flush();
  expect(await far.statusOf(ana)).toBe('offline');
  await near.joined.registry.beat();
  expect(await far.statusOf(ana)).toBe('online');
});

it('[X7] believes nothing of Redis that is no presence', async () => {
  const far = await startNode();
  const told = follow(far.presence);
  const channel = far.joined.keys.presenceChannel(far.joined.keys.shardOf(ana));
  for (const text of ['', '{}', `{"userId":"${ana}","status":"busy","lastSeenAt":null}`]) await redis.client.publish(channel, text);
  await redis.client.publish(channel, JSON.stringify({ userId: ana, status: 'online', lastSeenAt: null }));
  await vi.waitUntil(() => told.length > 0, WAIT);
  expect(told).toEqual([{ userId: ana, status: 'online', lastSeenAt: null }]);
});

it('[P1] who leaves while Redis does not answer is offline when it does again, and whoever follows them is told', async () => {
  // Nobody is taken for dead because of it.
  const times = { beatMs: 3_600_000, deadAfterMs: 3_600_000 };
  const [near, far] = [await startNode(times), await startNode(times)];
  const told = follow(far.presence);
  near.presence.arrived(ana);
  await vi.waitUntil(() => told.at(-1)?.status === 'online', WAIT);
  // Silent, not emptied: what was written of her is still there.
  redis.pause();
  await vi.waitUntil(() => !near.joined.link.isUp && !far.joined.link.isUp, WAIT);
  near.elsewhere.departed(ana, '2026-01-01T00:00:30.000000Z');
  redis.resume();
  await vi.waitUntil(async () => {
    await Promise.all([near.joined.registry.beat(), far.joined.registry.beat()]);
    return told.at(-1)?.status === 'offline';
  }, WAIT);
  // Whoever listens may hear of it before the connection that asks is back.
  await vi.waitUntil(() => far.joined.link.isUp, WAIT);
  expect(await far.statusOf(ana)).toBe('offline');
  expect(await redis.client.scard(`${prefix}:present-on:${near.joined.registry.node}`)).toBe(0);
});

it('writes the others again where Redis refuses one of them, as a cluster does that has lost a part', async () => {
  const [near, far] = [await startNode(), await startNode()];
  const many = Array.from({ length: 1_000 }, (_, index) => `0190a1b2-0000-7000-8000-${String(index).padStart(12, '0')}` as UserId);
  const [first, last] = [many[0], many.at(-1)];
  if (!first || !last) throw new Error('unreachable');
  for (const userId of many) near.elsewhere.arrived(userId);
  await vi.waitUntil(async () => (await far.statusOf(last)) === 'online', WAIT);
  await redis.flush();
  const { keys, node } = { keys: near.joined.keys, node: near.joined.registry.node };
  await redis.client.mset(keys.places('presence', first), 'no places', keys.presentOn(node), 'no people');
  await near.joined.registry.beat();
  expect(await far.statusOf(last)).toBe('online');
  await redis.client.del(keys.places('presence', first), keys.presentOn(node));
  await near.joined.registry.beat();
  expect(await far.statusOf(first)).toBe('online');
});

it('[P1] somebody who leaves while a node writes its many people again is not written back', async () => {
  const [near, far] = [await startNode(), await startNode()];
  const many = Array.from({ length: 2_000 }, (_, index) => `0190a1b2-0000-7000-8000-${String(index).padStart(12, '0')}` as UserId);
  for (const userId of many) near.elsewhere.arrived(userId);
  const last = many.at(-1);
  if (!last) throw new Error('unreachable');
  await vi.waitUntil(async () => (await far.statusOf(last)) === 'online', WAIT);
  // Emptied, so that with the next heartbeat everything is written, in several rounds.
  await redis.flush();
  const rewriting = near.joined.registry.beat();
  await vi.waitUntil(async () => (await far.statusOf(many[0] ?? ana)) === 'online', { ...WAIT, interval: 0 });
  near.elsewhere.departed(last, '2026-01-01T00:00:30.000000Z');
  await rewriting;
  expect(await far.statusOf(last)).toBe('offline');
});

it('[P1] what is heard while other nodes are asked again counts, not their older answer', async () => {
  const { promise: online, resolve } = Promise.withResolvers<ReadonlySet<UserId> | null>();
  const elsewhere = { isKnown: true, arrived: () => undefined, stayed: () => undefined, departed: () => undefined, findOnline: () => online, close: () => undefined };
  const presence = new NodePresence({ now: () => 0, onLeft: () => undefined, elsewhere });
  const told = follow(presence);
  const reading = presence.reread();
  presence.hear({ userId: ana, status: 'offline', lastSeenAt: null });
  resolve(new Set([ana]));
  expect(await reading).toBe(true);
  expect(changesIn(told)).toEqual(['offline']);
});
