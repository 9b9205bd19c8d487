import { randomBytes } from 'node:crypto';
import type { UserId } from '@couplet/protocol';
import type { Config } from './config.ts';
import type { Authenticator } from './domains/auth/authenticate.ts';
import { findRecentlyRevoked } from './domains/auth/sessions-repository.ts';
import { NodePresence } from './domains/presence/node-presence.ts';
import { RedisPresence } from './domains/presence/redis-presence.ts';
import { findRecentBlocks } from './domains/users/blocks-repository.ts';
import type { EventLogReader } from './event-log/event-log-reader.ts';
import type { Delivery, Fanout } from './fanout/fanout.ts';
import { MemoryFanout } from './fanout/memory-fanout.ts';
import { createRedisFanout } from './fanout/redis/create-redis-fanout.ts';
import { type Logger, subsystemLog } from './log.ts';
import type { Metrics } from './metrics.ts';
import { type JoinedNodes, joinNodes } from './redis/joined-nodes.ts';
import { NODE_TIMES } from './redis/node-registry.ts';
import type { RedisLink } from './redis/redis-link.ts';
import { followRoundTrips } from './tracing/follow-messages.ts';
import type { Traces } from './tracing/traces.ts';
import type pg from 'pg';

export interface ManyNodesNeeds {
  config: Config;
  redis: RedisLink | null;
  pool: pg.Pool;
  eventLog: EventLogReader;
  authenticator: Authenticator;
  log: Logger;
  metrics: Metrics;
  traces: Traces;
  /** Epoch milliseconds. */
  now: () => number;
  /** A user's last connection is gone since `at`. */
  onLeft(userId: UserId, at: string): void;
  /** Instead of the fan-out that the configuration asks for. */
  fanout: Fanout | undefined;
}

/** What a node has in memory when it is alone, and shares through Redis when it is one of several. */
export interface NodeState {
  /** Null on a deployment of one node. */
  joined: JoinedNodes | null;
  fanout: Fanout;
  presence: NodePresence;
}

/** Resolves when the other nodes know of this one, or Redis is away. */
export async function createNodeState(needs: ManyNodesNeeds): Promise<NodeState> {
  const { redis, config, now, onLeft, log } = needs;
  if (!redis) return { joined: null, fanout: needs.fanout ?? new MemoryFanout(), presence: new NodePresence({ now, onLeft, elsewhere: null }) };
  const redisLog = subsystemLog(log, 'redis');
  const joined = joinNodes(redis, {
    prefix: config.redisPrefix,
    shards: config.shards,
    nodeId: config.nodeId,
    run: randomBytes(RUN_BYTES).toString('hex'),
    onError: (error) => redisLog.warn({ err: error }, 'A heartbeat of this node failed; the next one tries again'),
  });
  const presenceLog = subsystemLog(log, 'presence');
  const elsewhere = new RedisPresence({
    ...joined,
    rewrittenWithinMs: NODE_TIMES.beatMs,
    schedule(delayMs, task) {
      const timer = setTimeout(task, delayMs).unref();
      return () => clearTimeout(timer);
    },
    onLeft,
    onError: (error) => presenceLog.warn({ err: error }, 'Presence could not be read from Redis'),
  });
  const presence = new NodePresence({ now, onLeft, elsewhere });
  elsewhere.attach(presence);
  const fanout = needs.fanout ?? joinedFanout(joined, presence, needs);
  await joined.registry.beat();
  return { joined, fanout, presence };
}

/** Enough that no two starts of a node take the same. */
const RUN_BYTES = 5;

function joinedFanout(joined: JoinedNodes, presence: NodePresence, { pool, eventLog, authenticator, log, metrics, traces }: ManyNodesNeeds): Fanout {
  const fanoutLog = subsystemLog(log, 'fanout');
  return createRedisFanout(joined, {
    pool,
    eventLog,
    metrics,
    log: fanoutLog,
    follow: followRoundTrips(traces),
    async findSignals(userIds) {
      const [revoked, blocks] = await Promise.all([findRecentlyRevoked(pool, userIds), findRecentBlocks(pool, userIds)]);
      return [
        ...revoked.map(({ userId, sessionId }): Delivery => ({ to: userId, payload: { type: 'session.revoked', sessionId } })),
        ...blocks.map(({ userId, peerId }): Delivery => ({ to: userId, payload: { type: 'peer.severed', peerId } })),
      ];
    },
    onNodeSignal({ to, payload }) {
      if (payload.type === 'session.revoked') authenticator.forget(payload.sessionId);
      else if (payload.type === 'peer.severed') presence.sever(to, payload.peerId);
    },
    // Pushes need nothing of this: they come due in the database unless a device acknowledges.
    onClaimed: (deliveries) => fanoutLog.info({ deliveries: deliveries.length }, 'Took over what a dead node had not read'),
  });
}
