import type pg from 'pg';
import type { EventLogReader } from '../../event-log/event-log-reader.ts';
import { LogEnds } from '../../event-log/log-ends.ts';
import type { Logger } from '../../log.ts';
import type { Metrics } from '../../metrics.ts';
import type { JoinedNodes } from '../../redis/joined-nodes.ts';
import type { Delivery } from '../fanout.ts';
import { LapseWatch } from './lapse-watch.ts';
import { isLapseElsewhere, saveLapse } from './lapses-repository.ts';
import { RedisFanout, type RedisFanoutOptions } from './redis-fanout.ts';

export interface RedisFanoutNeeds extends Pick<RedisFanoutOptions, 'findSignals' | 'onNodeSignal' | 'follow'> {
  pool: pg.Pool;
  eventLog: EventLogReader;
  log: Logger;
  metrics: Metrics;
  /** What a dead node had taken and not read: whether a device was told nobody knows. */
  onClaimed(deliveries: readonly Delivery[]): void;
}

/** The fan-out of a deployment of several nodes. */
export function createRedisFanout(joined: JoinedNodes, { pool, eventLog, log, metrics, findSignals, onNodeSignal, onClaimed, follow }: RedisFanoutNeeds): RedisFanout {
  const { node } = joined.registry;
  const schedule = (delayMs: number, task: () => void) => {
    const timer = setTimeout(task, delayMs).unref();
    return () => clearTimeout(timer);
  };
  const ends = new LogEnds({ lastPositions: (userIds) => eventLog.lastPositions(userIds), schedule });
  const onError = (error: unknown) => log.warn({ err: error }, 'What the fan-out may have missed could not be looked for; it is tried again');
  const lapses = new LapseWatch({
    save: () => saveLapse(pool, node),
    isElsewhere: () => isLapseElsewhere(pool, node),
    onLapse: () => fanout.suspectLoss(),
    onError,
  });
  const fanout = new RedisFanout({
    ...joined,
    schedule,
    onError,
    onClaimed,
    findEnd: (userId) => ends.find(userId),
    findLonger: (known) => eventLog.findLonger(known),
    readAfter: (userId, since, limit) => eventLog.readLive(userId, since, limit),
    findSignals,
    onNodeSignal,
    follow,
    declareLapse: () => lapses.declare(),
    onClosed: () => lapses.close(),
    count: metrics.fanout,
  });
  return fanout;
}
