import type { ConnectionId, Presence, UserId } from '@couplet/protocol';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { NodePresence } from '../src/domains/presence/node-presence.ts';
import { RedisPresence } from '../src/domains/presence/redis-presence.ts';
import type { Delivery } from '../src/fanout/fanout.ts';
import { describeFanout } from '../src/fanout/fanout-contract.ts';
import { describeChannelState } from '../src/socket/pusher/channel-state-contract.ts';
import { RedisChannelState } from '../src/socket/pusher/redis-channel-state.ts';
import { startClusterRedis, startSentinelRedis, type TestRedisGroup } from './redis-groups.ts';
import { createTestFanout, joinTestNode, type TestJoinedNode, type TestLogs } from './redis-nodes.ts';
import { ana, bo, read } from './sample-events.ts';

const WAIT = { timeout: 30_000, interval: 5 };
const nobody = '0190a1b2-0000-7000-8000-0000000000ff' as UserId;

describe.each([
  { kind: 'Sentinel', start: startSentinelRedis },
  { kind: 'Cluster', start: startClusterRedis },
])('several nodes with a Redis $kind', ({ kind, start }) => {
  let redis: TestRedisGroup;
  let deployments = 0;
  const closing: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    redis = await start();
  });
  afterAll(() => redis.close());
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  /** Two nodes of one deployment, each with what `make` builds on it before anything is heard. */
  async function joinTwo<Made>(make: (joined: TestJoinedNode) => Made): Promise<{ near: Made; far: Made; nodes: readonly TestJoinedNode[] }> {
    const prefix = `group-${(deployments += 1)}`;
    const join = async () => {
      const joined = await joinTestNode(redis.url, prefix);
      closing.push(() => joined.close());
      const made = make(joined);
      await joined.registry.beat();
      await vi.waitUntil(() => joined.channels.isListening, WAIT);
      return { joined, made };
    };
    const [near, far] = [await join(), await join()];
    return { near: near.made, far: far.made, nodes: [near.joined, far.joined] };
  }

  async function twoFanouts(logs: TestLogs = { events: new Map(), signals: [] }) {
    const { near, far, nodes } = await joinTwo((joined) => createTestFanout(joined, logs));
    let isOver = false;
    const close = async () => {
      if (isOver) return;
      isOver = true;
      await near.fanout.close();
      await far.fanout.close();
    };
    closing.push(close);
    return { near, far, nodes, close };
  }

  // A primary of Sentinel's gets the commands that one server gets, which have these suites elsewhere.
  if (kind === 'Cluster') {
    describe('fan-out', () => {
      describeFanout(async () => {
        const { near, far, close } = await twoFanouts();
        const heard: Delivery[][] = [[], []];
        await near.fanout.subscribe(nobody, (delivery) => heard[0]?.push(delivery));
        await far.fanout.subscribe(nobody, (delivery) => heard[1]?.push(delivery));
        let rounds = 0;
        const settled = async () => {
          rounds += 1;
          const marker: Delivery = { to: nobody, payload: { type: 'presence.update', userId: nobody, status: 'online', lastSeenAt: `2026-01-01T00:00:00.${String(rounds).padStart(6, '0')}Z` } };
          // Behind everything that was published before it, on both ways.
          near.fanout.publish([marker]);
          far.fanout.publish([marker]);
          await vi.waitUntil(() => heard.every(({ length }) => length === rounds * 2), WAIT);
        };
        return { near: near.fanout, far: far.fanout, settled, close };
      });
    });

    describe('channel state', () => {
      describeChannelState(async () => {
        const { near, far, nodes } = await joinTwo((joined) => new RedisChannelState({ ...joined, now: () => 0, hasWebhooks: true, onError: (error) => expect.unreachable(String(error)) }));
        const [first] = nodes;
        if (!first) throw new Error('unreachable');
        let rounds = 0;
        const settled = async () => {
          rounds += 1;
          const heard = new Set<string>();
          const stops = [near, far].map((state, index) => state.listen((told) => told.type === 'user-event' && told.frame === `marker ${rounds}` && heard.add(`${index} ${told.userId}`)));
          near.broadcast({ type: 'user-event', userId: 'near', frame: `marker ${rounds}` });
          far.broadcast({ type: 'user-event', userId: 'far', frame: `marker ${rounds}` });
          await vi.waitUntil(() => heard.size === 4, WAIT);
          for (const stop of stops) stop();
        };
        const pass = async (ms: number) => {
          const key = first.keys.cached('cache-x');
          const [left] = await first.link.run([['PTTL', key]]);
          if (Number(left) > 0) await first.link.run([['PEXPIRE', key, Number(left) - ms]]);
        };
        return { near, far, settled, pass };
      });
    });

    it('[X2] is heard in every channel again after another server took over, and tells that there was a gap', async () => {
      // As many as lie in all parts of a cluster.
      const channels = Array.from({ length: 12 }, (_, index) => `channel-${index}`);
      const heard = new Set<string>();
      const { near, nodes } = await joinTwo(({ channels: own }) => own);
      const [, far] = nodes;
      if (!far) throw new Error('unreachable');
      let gaps = 0;
      near.onGap(() => (gaps += 1));
      for (const channel of channels) near.listen(channel, (text) => heard.add(`${channel} ${text}`));
      const saidInAll = async (text: string) => {
        await far.link.run(channels.map((channel) => far.channels.publishing(channel, text))).catch(() => undefined);
        return channels.every((channel) => heard.has(`${channel} ${text}`));
      };
      // What is heard before it counts as listening was not missed; until then it is looked for elsewhere.
      await vi.waitUntil(async () => (await saidInAll('before')) && near.isListening, WAIT);
      const gapsBefore = gaps;
      await redis.failOver();
      await vi.waitUntil(async () => (await saidInAll('after')) && near.isListening, WAIT);
      expect(gaps).toBeGreaterThan(gapsBefore);
      await redis.start();
    });
  }

  it('tells those who follow somebody on another node that they came and went', async () => {
    const { near, far } = await joinTwo((joined) => {
      const elsewhere = new RedisPresence({
        ...joined,
        rewrittenWithinMs: 0,
        schedule: (delayMs, task) => {
          const timer = setTimeout(task, delayMs);
          return () => clearTimeout(timer);
        },
        onLeft: () => undefined,
        onError: (error) => expect.unreachable(String(error)),
      });
      const presence = new NodePresence({ now: () => 0, onLeft: () => undefined, elsewhere });
      elsewhere.attach(presence);
      closing.push(async () => presence.close());
      return { elsewhere, presence };
    });
    const told: Presence[] = [];
    far.presence.watch({ viewerId: bo, connectionId: 'c' as ConnectionId, notify: (news) => told.push(news) }, [ana]);
    near.presence.arrived(ana);
    await vi.waitUntil(() => told.at(-1)?.status === 'online', WAIT);
    expect((await far.presence.find([ana])).get(ana)).toBe('online');
    near.elsewhere.departed(ana, '2026-01-01T00:00:30.000000Z');
    await vi.waitUntil(() => told.at(-1)?.status === 'offline', WAIT);
  });

  it('[P2] leaves nobody waiting for it when all of its servers fall silent', { timeout: 40_000 }, async () => {
    const { nodes } = await joinTwo(() => null);
    const [{ link }] = nodes as [TestJoinedNode];
    const answers: Promise<unknown>[] = [];
    redis.pause();
    try {
      await vi.waitUntil(() => {
        answers.push(link.run([['GET', `key-${answers.length}`]]).catch(() => null));
        return !link.isUp;
      }, WAIT);
      // The library alone takes 100 s, which is more than this test may.
      await Promise.all(answers);
    } finally {
      redis.resume();
    }
    await vi.waitUntil(() => link.isUp, WAIT);
  });

  it('[P2] brings everything that is published while another server takes over, later and without loss', async () => {
    const logs: TestLogs = { events: new Map(), signals: [] };
    const { near, far, nodes } = await twoFanouts(logs);
    // As a device does it: what is missing before an event is a gap that it sees, and fetches.
    let reached = 0;
    let heard = 0;
    await far.fanout.subscribe(ana, ({ payload }) => {
      if (!('position' in payload)) return;
      heard += 1;
      reached = Math.max(reached, payload.position);
    });
    let last = 0;
    const publish = () => {
      last += 1;
      // Committed first, as the write path does it.
      logs.events.set(ana, [...(logs.events.get(ana) ?? []), read(last)]);
      near.fanout.publish([{ to: ana, payload: read(last) }]);
    };
    // What the server's own timers do: heartbeats, and looking where another node says that it lapsed.
    let lapses = 0;
    const beat = async () => {
      await Promise.all(nodes.map(({ registry }) => registry.beat()));
      if (near.lapses() > lapses) far.fanout.suspectLoss();
      lapses = near.lapses();
    };
    const traffic = setInterval(publish, 10);
    try {
      await vi.waitUntil(() => heard > 10, WAIT);
      await redis.failOver();
      const took = last;
      await vi.waitUntil(async () => {
        await beat();
        return reached > took + 50;
      }, WAIT);
    } finally {
      clearInterval(traffic);
    }
    await vi.waitUntil(async () => {
      await beat();
      return reached === last;
    }, WAIT);
    // And by Redis again: what is dropped is not heard without anybody looking.
    await vi.waitUntil(async () => {
      await beat();
      const { dropped } = near.counts;
      publish();
      await near.fanout.flushed();
      return near.counts.dropped === dropped;
    }, WAIT);
    await vi.waitUntil(() => reached === last, WAIT);
    await redis.start();
  });
});
