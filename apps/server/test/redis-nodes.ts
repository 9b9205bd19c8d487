import type { Event, UserId } from '@couplet/protocol';
import type { Delivery } from '../src/fanout/fanout.ts';
import { type FanoutCounts, RedisFanout } from '../src/fanout/redis/redis-fanout.ts';
import { createLog } from '../src/log.ts';
import { type JoinedNodes, joinNodes } from '../src/redis/joined-nodes.ts';
import type { NodeRegistryTimes } from '../src/redis/node-registry.ts';
import { parseRedisAddress } from '../src/redis/redis-address.ts';
import { RedisLink } from '../src/redis/redis-link.ts';

/** A node as far as Redis knows it. */
export interface TestJoinedNode extends JoinedNodes {
  /** As kill -9 leaves it: nothing is taken back. */
  vanish(): Promise<void>;
}

/** Tests beat by hand: a node is dead when it was silent for a quarter of a second. */
const TIMES: NodeRegistryTimes = { beatMs: 3_600_000, deadAfterMs: 250 };

let started = 0;

/** @param prefix of the deployment */
export async function joinTestNode(url: string, prefix: string, times = TIMES): Promise<TestJoinedNode> {
  const address = parseRedisAddress(url);
  if (!address) throw new Error(`${url} is no address`);
  const link = await RedisLink.open({ address, name: 'test', log: createLog('silent', 'test'), onState: () => undefined, onRoundTrip: () => undefined });
  const run = `${(started += 1)}`;
  const joined = joinNodes(link, { prefix, shards: 4, nodeId: 'node', run, times, onError: () => undefined });
  return {
    ...joined,
    async close() {
      await joined.close();
      await link.close();
    },
    vanish: () => link.close(),
  };
}

/** The logs that a test gives to its fan-outs. */
export interface TestLogs {
  events: Map<UserId, Event[]>;
  signals: Delivery[];
}

export interface TestFanout {
  fanout: RedisFanout;
  counts: Record<keyof FanoutCounts, number>;
  /** Lapses declared. */
  lapses: () => number;
}

/** A fan-out over that node, which reads missed events from `logs` and looks again at once. */
export function createTestFanout(joined: JoinedNodes, logs: TestLogs): TestFanout {
  const counts = { sent: 0, received: 0, dropped: 0, rejected: 0, claimed: 0, lookedForMissed: 0 };
  let lapses = 0;
  const end = (userId: UserId) => logs.events.get(userId)?.at(-1)?.position ?? 0;
  const fanout = new RedisFanout({
    ...joined,
    findEnd: async (userId) => end(userId),
    findLonger: async (ends) => new Map([...ends].map(([userId]) => [userId, end(userId)] as const).filter(([userId, last]) => last > (ends.get(userId) ?? 0))),
    readAfter: async (userId, since) => (logs.events.get(userId) ?? []).filter(({ position }) => position > since),
    findSignals: async () => logs.signals,
    schedule(_delayMs, task) {
      const timer = setTimeout(task, 5);
      return () => clearTimeout(timer);
    },
    onError: () => undefined,
    declareLapse: () => void (lapses += 1),
    onClaimed: () => undefined,
    onNodeSignal: () => undefined,
    onClosed: () => undefined,
    count: {
      sent: (n) => void (counts.sent += n),
      received: (n) => void (counts.received += n),
      dropped: (n) => void (counts.dropped += n),
      rejected: (n) => void (counts.rejected += n),
      claimed: (n) => void (counts.claimed += n),
      lookedForMissed: () => void (counts.lookedForMissed += 1),
    },
  });
  return { fanout, counts, lapses: () => lapses };
}
