import { beforeEach, describe, expect, it, vi } from 'vitest';
import { joinTestNode } from '../../test/redis-nodes.ts';
import { redisOfThisFile } from '../../test/redis-of-this-file.ts';
import type { NodeRegistry, NodeRegistryTimes } from './node-registry.ts';

const WAIT = { timeout: 20_000, interval: 5 };

const { redis, closeAfterTest } = redisOfThisFile();
let prefix: string;
let deployments = 0;
beforeEach(() => {
  prefix = `registry-${(deployments += 1)}`;
});

async function startNode(times?: NodeRegistryTimes) {
  const joined = await joinTestNode(redis.url, prefix, times);
  closeAfterTest(() => joined.close());
  const dead: string[] = [];
  joined.registry.onDead(async (node) => void dead.push(node));
  return { ...joined, dead };
}

/** Milliseconds since a node was last heard of, by the clock of Redis. */
async function silenceOf({ registry }: { registry: NodeRegistry }): Promise<number> {
  const [[seconds, micros], heardAt] = await Promise.all([redis.client.time(), redis.client.zscore(`${prefix}:nodes`, registry.node)]);
  return Number(seconds) * 1_000 + Number(micros) / 1_000 - Number(heardAt);
}

/** Beats of that node until something is so. */
async function beatsUntil(registry: NodeRegistry, isSo: () => unknown): Promise<void> {
  await vi.waitUntil(async () => {
    await registry.beat();
    return isSo();
  }, WAIT);
}

describe('the nodes of a deployment', () => {
  it('[P1] take over from one that fell silent, once, and hear of no other', async () => {
    const [near, far, silent] = [await startNode(), await startNode(), await startNode()];
    await silent.registry.beat();
    await vi.waitUntil(async () => {
      await Promise.all([near.registry.beat(), far.registry.beat()]);
      return near.dead.length + far.dead.length > 0;
    }, WAIT);
    await vi.waitUntil(async () => (await redis.client.zscore(`${prefix}:nodes`, silent.registry.node)) === null, WAIT);
    await Promise.all([near.registry.beat(), far.registry.beat()]);
    expect([...near.dead, ...far.dead]).toEqual([silent.registry.node]);
  });

  it('are heard of while they take over, however long that takes, and nobody else begins with it', async () => {
    const [near, far, silent] = [await startNode(), await startNode(), await startNode()];
    const { promise: isOver, resolve: end } = Promise.withResolvers<void>();
    closeAfterTest(async () => end());
    for (const { registry } of [near, far]) registry.onDead(() => isOver);
    await silent.registry.beat();
    const bothBeat = () => Promise.all([near.registry.beat(), far.registry.beat()]);
    await vi.waitUntil(async () => {
      await bothBeat();
      return near.dead.length + far.dead.length > 0;
    }, WAIT);
    const taker = near.dead.length > 0 ? near : far;
    const heardOf = async () => Number(await redis.client.zscore(`${prefix}:nodes`, taker.registry.node));
    const heardAt = await heardOf();
    const claim = `${prefix}:claim:${silent.registry.node}`;
    await redis.client.pexpire(claim, 5_000);
    await vi.waitUntil(async () => {
      await bothBeat();
      return (await heardOf()) > heardAt;
    }, WAIT);
    expect(await redis.client.pttl(claim)).toBeGreaterThan(5_000);
    expect([...near.dead, ...far.dead]).toEqual([silent.registry.node]);
    end();
    await vi.waitUntil(async () => (await redis.client.get(claim))?.startsWith('taken over'), WAIT);
  });

  it('take nobody for dead because Redis was away', async () => {
    const times = { beatMs: 3_600_000, deadAfterMs: 1_000 };
    const [near, far] = [await startNode(times), await startNode(times)];
    await Promise.all([near.registry.beat(), far.registry.beat()]);
    const heardAt = performance.now();
    redis.pause();
    await vi.waitUntil(() => !near.link.isUp && !far.link.isUp && performance.now() - heardAt > 2 * times.deadAfterMs, WAIT);
    redis.resume();
    await vi.waitUntil(() => near.link.isUp, WAIT);
    // The other one has not come back yet, and was silent for longer than the living are.
    await near.registry.beat();
    expect(await redis.client.exists(`${prefix}:claim:${far.registry.node}`)).toBe(0);
    // Had it been dead, it would be found so once there was time to say otherwise.
    await beatsUntil(near.registry, () => near.dead.length > 0);
    expect(near.dead).toEqual([far.registry.node]);
  });

  it('take nobody for dead after a time in which they did not speak themselves', async () => {
    const times = { beatMs: 3_600_000, deadAfterMs: 1_000 };
    const [near, far] = [await startNode(times), await startNode(times)];
    await far.registry.beat();
    await beatsUntil(near.registry, async () => (await silenceOf(far)) > times.deadAfterMs / 2);
    // As when all of them were stopped at once.
    await vi.waitUntil(async () => (await silenceOf(near)) > times.deadAfterMs, WAIT);
    await near.registry.beat();
    expect(await redis.client.exists(`${prefix}:claim:${far.registry.node}`)).toBe(0);
    await beatsUntil(near.registry, () => near.dead.length > 0);
  });

  it('take nobody for dead after a time in which nobody answered them, though Redis took what they said last', async () => {
    const times = { beatMs: 3_600_000, deadAfterMs: 1_000 };
    const [near, far] = [await startNode(times), await startNode(times)];
    await Promise.all([near.registry.beat(), far.registry.beat()]);
    await vi.waitUntil(async () => (await silenceOf(far)) > times.deadAfterMs, WAIT);
    // As when it stood in the buffer of a Redis that was paused, and its connection was given up meanwhile.
    await redis.client.zadd(`${prefix}:nodes`, Date.now(), near.registry.node);
    await near.registry.beat();
    expect(await redis.client.exists(`${prefix}:claim:${far.registry.node}`)).toBe(0);
    await beatsUntil(near.registry, () => near.dead.length > 0);
  });

  it('are heard of while they say everything again, however long that takes', async () => {
    const node = await startNode();
    const { promise: isSaid, resolve: end } = Promise.withResolvers<void>();
    closeAfterTest(async () => end());
    node.registry.onForgotten(() => isSaid);
    const first = node.registry.beat();
    await vi.waitUntil(async () => (await silenceOf(node)) > 5, WAIT);
    const before = await silenceOf(node);
    const second = node.registry.beat();
    await vi.waitUntil(async () => (await silenceOf(node)) < before, WAIT);
    end();
    await Promise.all([first, second]);
  });

  it('take over from several beside each other', async () => {
    const [near, one, other] = [await startNode(), await startNode(), await startNode()];
    const { promise: isOver, resolve: end } = Promise.withResolvers<void>();
    closeAfterTest(async () => end());
    near.registry.onDead((node) => (node === one.registry.node ? isOver : Promise.resolve()));
    await Promise.all([one.registry.beat(), other.registry.beat()]);
    await beatsUntil(near.registry, async () => (await redis.client.get(`${prefix}:claim:${other.registry.node}`))?.startsWith('taken over'));
    expect(near.dead.toSorted()).toEqual([one.registry.node, other.registry.node].toSorted());
  });

  it('write what Redis takes though it refuses one thing, as a cluster does that has lost a part', async () => {
    const near = await startNode();
    const written: string[] = [];
    const refuse = () => redis.client.lpush('no-list', 'x').then(() => undefined);
    await redis.client.set('no-list', 'a string');
    near.registry.onForgotten(refuse);
    near.registry.onForgotten(async () => void written.push('everything'));
    await redis.client.lpush(`${prefix}:claim:${near.registry.node}`, 'no claim');
    await near.registry.beat();
    expect(written).toEqual(['everything']);
    // What was refused is written with the next beat.
    await redis.client.del('no-list');
    await near.registry.beat();
    expect(written).toEqual(['everything', 'everything']);
    await redis.client.set('no-list', 'a string');
    near.registry.onBeat(refuse);
    near.registry.onBeat(async () => void written.push('what expires'));
    await near.registry.beat();
    expect(written).toEqual(['everything', 'everything', 'what expires']);
  });

  it('tell one that was only cut off that others took over, once', async () => {
    const [near, far] = [await startNode(), await startNode()];
    const reasons: boolean[] = [];
    far.registry.onForgotten(async (wasTakenOver) => void reasons.push(wasTakenOver));
    await far.registry.beat();
    await beatsUntil(near.registry, () => near.dead.length > 0);
    await vi.waitUntil(async () => (await redis.client.zscore(`${prefix}:nodes`, far.registry.node)) === null, WAIT);
    await far.registry.beat();
    await redis.client.zrem(`${prefix}:nodes`, far.registry.node);
    await far.registry.beat();
    expect(reasons).toEqual([false, true, false]);
    // It can be taken over again.
    await beatsUntil(near.registry, () => near.dead.length > 1);
  });

  it('say everything again while they are taken over, and once after, whether that was done or given up', async () => {
    // Longer than a busy machine takes between two beats: silence alone is a reason, too.
    const times = { beatMs: 3_600_000, deadAfterMs: 1_000 };
    const [near, far] = [await startNode(times), await startNode(times)];
    const { promise: isOver, reject: fail } = Promise.withResolvers<void>();
    near.registry.onDead(() => isOver);
    const reasons: boolean[] = [];
    far.registry.onForgotten(async (wasTakenOver) => void reasons.push(wasTakenOver));
    await far.registry.beat();
    await beatsUntil(near.registry, () => near.dead.length > 0);
    await far.registry.beat();
    await far.registry.beat();
    fail(new Error('It was not possible'));
    // As time does.
    await redis.client.del(`${prefix}:claim:${far.registry.node}`);
    await far.registry.beat();
    expect(reasons).toEqual([false, true, true, true]);
    const refreshed = vi.fn(async () => undefined);
    far.registry.onBeat(refreshed);
    await far.registry.beat();
    expect([reasons.length, refreshed.mock.calls.length]).toEqual([4, 1]);
  });

  it('leave what they began to the others when they stop', async () => {
    const [near, far, silent] = [await startNode(), await startNode(), await startNode()];
    const { promise: isOver, resolve: end } = Promise.withResolvers<void>();
    near.registry.onDead(() => isOver);
    const after: string[] = [];
    near.registry.onDead(async (node) => void after.push(node));
    await silent.registry.beat();
    await beatsUntil(near.registry, () => near.dead.length > 0);
    const retired = near.registry.retire();
    end();
    await retired;
    expect(after).toEqual([]);
    await vi.waitUntil(async () => {
      await Promise.all([near.registry.beat(), far.registry.beat()]);
      return far.dead.length > 0;
    }, WAIT);
    expect(far.dead).toEqual([silent.registry.node]);
  });

  it('leave to another what it began with while they stood still in the middle of it', async () => {
    const [near, silent] = [await startNode(), await startNode()];
    const { promise: isOver, resolve: end } = Promise.withResolvers<void>();
    near.registry.onDead(() => isOver);
    await silent.registry.beat();
    await beatsUntil(near.registry, () => near.dead.length > 0);
    const claim = `${prefix}:claim:${silent.registry.node}`;
    await redis.client.set(claim, 'another', 'PX', 60_000);
    await near.registry.beat();
    expect(await redis.client.pttl(claim)).toBeGreaterThan(30_000);
    end();
    await near.registry.retire();
    expect(await redis.client.get(claim)).toBe('another');
    expect(await redis.client.zscore(`${prefix}:nodes`, silent.registry.node)).not.toBeNull();
  });

  it('[X8] have their whole time after a stop in order', async () => {
    const [near, stopped] = [await startNode(), await joinTestNode(redis.url, prefix)];
    await stopped.registry.beat();
    await vi.waitUntil(async () => (await silenceOf(stopped)) > 100, WAIT);
    await stopped.close();
    expect(await silenceOf(stopped)).toBeLessThan(100);
    expect(near.dead).toEqual([]);
  });
});
