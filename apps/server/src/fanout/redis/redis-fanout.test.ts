import type { SessionId, UserId } from '@couplet/protocol';
import { describe, expect, it, vi } from 'vitest';
import { createTestFanout, joinTestNode, type TestJoinedNode, type TestLogs } from '../../../test/redis-nodes.ts';
import { redisOfThisFile, untilHeard } from '../../../test/redis-of-this-file.ts';
import type { Delivery, Fanout } from '../fanout.ts';
import { describeFanout } from '../fanout-contract.ts';
import { ana, bo, read } from '../../../test/sample-events.ts';

const { redis, closeAfterTest } = redisOfThisFile();
let deployments = 0;


const event = (position: number): Delivery => ({ to: ana, payload: read(position) });

async function startNode(prefix: string, logs: TestLogs = { events: new Map(), signals: [] }) {
  const joined = await joinTestNode(redis.url, prefix);
  const made = createTestFanout(joined, logs);
  await untilHeard(joined);
  return { ...made, joined, logs };
}

/** Two nodes of one deployment. */
async function twoNodes() {
  const prefix = `test-${(deployments += 1)}`;
  const [near, far] = [await startNode(prefix), await startNode(prefix)];
  let isOver = false;
  const close = async () => {
    if (isOver) return;
    isOver = true;
    for (const { fanout, joined } of [near, far]) {
      await fanout.close();
      await joined.close();
    }
  };
  closeAfterTest(close);
  return { near, far, prefix, close };
}

const WAIT = { timeout: 20_000, interval: 5 };

/** What a listener of Ana's heard. */
async function listen(fanout: Fanout, userId = ana): Promise<Delivery[]> {
  const heard: Delivery[] = [];
  await fanout.subscribe(userId, (delivery) => heard.push(delivery));
  return heard;
}

describe('fan-out over Redis', () => {
  describeFanout(async () => {
    const { near, far, close } = await twoNodes();
    const barrier = '0190a1b2-0000-7000-8000-0000000000ff' as UserId;
    const heard = { near: await listen(near.fanout, barrier), far: await listen(far.fanout, barrier) };
    let rounds = 0;
    const settled = async () => {
      rounds += 1;
      const marker: Delivery = { to: barrier, payload: { type: 'presence.update', userId: barrier, status: 'online', lastSeenAt: `2026-01-01T00:00:00.${String(rounds).padStart(6, '0')}Z` } };
      // Behind everything that was published before it, on both ways.
      near.fanout.publish([marker]);
      far.fanout.publish([marker]);
      await vi.waitUntil(() => heard.near.length === rounds * 2 && heard.far.length === rounds * 2, WAIT);
    };
    return { near: near.fanout, far: far.fanout, settled, close };
  });

  it('keeps only so much for a node that does not read', async () => {
    const { near, prefix } = await twoNodes();
    const deaf = await startNode(prefix);
    await listen(deaf.fanout);
    await deaf.joined.vanish();
    const stream = near.joined.keys.stream(deaf.joined.registry.node);
    for (let position = 1; position <= 4_500; position += 1) {
      near.fanout.publish([event(position)]);
      await near.fanout.flushed();
    }
    const length = await redis.client.xlen(stream);
    expect(length).toBeGreaterThan(4_000);
    // Cut by whole pages of a hundred.
    expect(length).toBeLessThan(4_200);
  });

  it('brings events to other nodes in order, and to this one without waiting for Redis', async () => {
    const { near, far } = await twoNodes();
    const [here, there] = [await listen(near.fanout), await listen(far.fanout)];
    const sent = Array.from({ length: 300 }, (_, index) => event(index + 1));
    for (const delivery of sent) near.fanout.publish([delivery]);
    expect(here).toEqual(sent);
    await vi.waitUntil(() => there.length >= sent.length, WAIT);
    expect(there).toEqual(sent);
    expect(near.counts).toMatchObject({ sent: 300, dropped: 0 });
  });

  it('finds a user who came to another node since they were last looked for', async () => {
    const { near, far, prefix } = await twoNodes();
    const there = await listen(far.fanout);
    near.fanout.publish([event(1)]);
    await near.fanout.flushed();
    const third = await startNode(prefix);
    closeAfterTest(async () => {
      await third.fanout.close();
      await third.joined.close();
    });
    const elsewhere = await listen(third.fanout);
    near.fanout.publish([event(2)]);
    near.fanout.publish([event(3)]);
    await vi.waitUntil(() => elsewhere.length >= 2 && there.length >= 3, WAIT);
    expect(elsewhere).toEqual([event(2), event(3)]);
    expect(there).toEqual([event(1), event(2), event(3)]);
  });

  it('reads again what was given out with an answer that was lost on the way', async () => {
    const { near, far, prefix } = await twoNodes();
    const there = await listen(far.fanout);
    const { node } = far.joined.registry;
    const stream = `${prefix}:stream:${node}`;
    // In one step the entry is there, is given out to somebody else in the node's name, and the node's own read is cut off.
    const script = `redis.call('XADD', KEYS[1], '*', 'd', ARGV[1]) redis.call('XREADGROUP', 'GROUP', 'node', ARGV[2], 'STREAMS', KEYS[1], '>')`;
    await redis.client.eval(script, 1, stream, JSON.stringify([event(1)]), node);
    await redis.client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await vi.waitUntil(() => there.length > 0, WAIT);
    expect(there).toEqual([event(1)]);
    await vi.waitUntil(() => near.joined.link.isUp && far.joined.link.isUp, WAIT);
  });

  it('asks nothing of nodes on which the user is not', async () => {
    const { near, far } = await twoNodes();
    await listen(near.fanout);
    await listen(far.fanout, bo);
    near.fanout.publish([event(1)]);
    await near.fanout.flushed();
    expect(near.counts.sent).toBe(0);
  });

  it('[X7] leaves out and counts what is no delivery, whatever came out of Redis', async () => {
    const { near, far, prefix } = await twoNodes();
    const there = await listen(far.fanout);
    const stream = `${prefix}:stream:${far.joined.registry.node}`;
    const garbage = ['', 'null', '{"to":1}', '[{}]', '[[]]', JSON.stringify([{ to: ana, payload: { type: 'chat.message.new', position: 1 } }]), 'x'.repeat(2_000_000)];
    for (const text of garbage) await redis.client.xadd(stream, '*', 'd', text);
    await redis.client.xadd(stream, '*', 'other', 'field');
    await redis.client.publish(`${prefix}:signals:${far.joined.registry.node}`, '[{"to":"nobody"}]');
    await redis.client.hset(`${prefix}:connected:{0}:${ana}`, 'not a node\r\n', '1:1');
    near.fanout.publish([event(1)]);
    await vi.waitUntil(() => there.length === 1, WAIT);
    await vi.waitUntil(() => far.counts.rejected >= garbage.length + 2, WAIT);
    expect(there).toEqual([event(1)]);
  });

  it('[P2] brings what was lost with Redis from the event log, and goes back to Redis when it is there again', async () => {
    const { near, far } = await twoNodes();
    const there = await listen(far.fanout);
    far.logs.events.set(ana, [read(1)]);
    await redis.kill();
    near.fanout.publish([event(1)]);
    // The other node is told by way of the database; here it notices itself.
    await vi.waitUntil(() => there.length >= 1, WAIT);
    expect(there[0]).toEqual(event(1));
    await vi.waitUntil(() => near.lapses() > 0, WAIT);
    await redis.start();
    await vi.waitUntil(() => near.joined.link.isUp && far.joined.link.isUp && far.joined.channels.isListening, WAIT);
    await Promise.all([near.joined.registry.beat(), far.joined.registry.beat()]);
    near.fanout.publish([event(2)]);
    await vi.waitUntil(() => there.some(({ payload }) => 'position' in payload && payload.position === 2), WAIT);
  });

  it('[P2] says to the others that they may miss what it gave to a Redis that went away', async () => {
    const { near } = await twoNodes();
    near.fanout.publish([event(1)]);
    await near.fanout.flushed();
    expect(near.lapses()).toBe(0);
    await redis.kill();
    await vi.waitUntil(() => !near.joined.link.isUp, WAIT);
    await redis.start();
    await vi.waitUntil(() => near.lapses() > 0, WAIT);
    expect(near.counts.dropped).toBe(0);
  });

  it('[P2] goes on after Redis was emptied, with the next heartbeat, and looks for what went by meanwhile', async () => {
    const { near, far } = await twoNodes();
    const there = await listen(far.fanout);
    await redis.flush();
    far.logs.events.set(ana, [read(1)]);
    near.fanout.publish([event(1)]);
    await near.fanout.flushed();
    await far.joined.registry.beat();
    await vi.waitUntil(() => there.length >= 1, WAIT);
    near.fanout.publish([event(2)]);
    await vi.waitUntil(() => there.some(({ payload }) => 'position' in payload && payload.position === 2), WAIT);
  });

  it('[X2] ends a session on every node, also one whose place is not known, and also without Redis', async () => {
    const { near, far } = await twoNodes();
    const there = await listen(far.fanout);
    const revoked: Delivery = { to: ana, payload: { type: 'session.revoked', sessionId: '0190a1b2-0000-7000-8000-0000000000aa' as SessionId } };
    await redis.flush();
    near.fanout.publish([revoked]);
    await vi.waitUntil(() => there.length > 0, WAIT);
    expect(there).toEqual([revoked]);
    there.length = 0;
    await redis.kill();
    far.logs.signals.push(revoked);
    await vi.waitUntil(() => there.length > 0, WAIT);
    expect(there[0]).toEqual(revoked);
    await redis.start();
  });

  it('[X2] looks for ended sessions for as long as its channels are not heard, though Redis answers', async () => {
    const joined = await joinTestNode(redis.url, `test-${(deployments += 1)}`);
    closeAfterTest(() => joined.close());
    let isListening = true;
    const told: (() => void)[] = [];
    const { publishCommand } = joined.channels;
    const channels = { publishCommand, listen: () => undefined, publishing: () => ['PING'], onGap: () => undefined, onDeaf: (listener: () => void) => void told.push(listener), get isListening() { return isListening; } };
    const logs: TestLogs = { events: new Map(), signals: [] };
    const { fanout } = createTestFanout({ ...joined, channels: channels as unknown as TestJoinedNode['channels'] }, logs);
    closeAfterTest(() => fanout.close());
    const here = await listen(fanout);
    await vi.waitUntil(() => joined.link.isUp, WAIT);
    isListening = false;
    for (const tell of told) tell();
    const revoked: Delivery = { to: ana, payload: { type: 'session.revoked', sessionId: '0190a1b2-0000-7000-8000-0000000000aa' as SessionId } };
    // Again and again, not only once: each session ends after the last look.
    for (let count = 1; count <= 5; count += 1) {
      here.length = 0;
      logs.signals = [revoked];
      await vi.waitUntil(() => here.length > 0, WAIT);
      logs.signals = [];
    }
    expect(joined.link.isUp).toBe(true);
  });

  it('takes over what a dead node did not read, and brings it to where its user is now', async () => {
    const { near, far, prefix } = await twoNodes();
    await vi.waitUntil(() => near.joined.link.isUp, WAIT);
    const dead: TestJoinedNode = await joinTestNode(redis.url, prefix);
    await dead.registry.beat();
    const stream = `${prefix}:stream:${dead.registry.node}`;
    await redis.client.xgroup('CREATE', stream, 'node', '0', 'MKSTREAM');
    await redis.client.xadd(stream, '*', 'd', JSON.stringify([event(1)]));
    await redis.client.xreadgroup('GROUP', 'node', dead.registry.node, 'STREAMS', stream, '>');
    await redis.client.xadd(stream, '*', 'd', JSON.stringify([event(2)]));
    await dead.vanish();
    const there = await listen(far.fanout);
    await vi.waitUntil(async () => {
      await Promise.all([near.joined.registry.beat(), far.joined.registry.beat()]);
      return there.length >= 2;
    }, WAIT);
    expect(there).toEqual([event(1), event(2)]);
    expect(near.counts.claimed + far.counts.claimed).toBe(2);
    expect(await redis.client.exists(stream)).toBe(0);
  });
});
