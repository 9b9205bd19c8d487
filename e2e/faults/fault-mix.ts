import type { Deployment } from './deployment.ts';

/** On the way between one device and the server. */
const LINK_FAULTS = ['delay', 'throttle', 'silence', 'cut', 'halve', 'duplicate', 'swallow answers', 'lose events', 'refuse', 'unplug'] as const;
const DEVICE_FAULTS = ['kill device', 'close device'] as const;
const SERVER_FAULTS = ['pause server', 'stop server', 'kill server', 'kill PostgreSQL', 'trim log'] as const;
/** Where several nodes are joined by a Redis. */
const CLUSTER_FAULTS = ['roll servers', 'stop Redis', 'kill Redis', 'pause Redis', 'flush Redis', 'pause PostgreSQL', 'slow PostgreSQL', 'upgrade schema'] as const;
/** Where the way of each node to Redis is its own. */
const DIVISIONS = ['divide Redis'] as const;
/** Where Redis has servers that stand in for each other. */
const FAIL_OVERS = ['fail over Redis'] as const;
/** In runs that are long enough to watch more than the rules of messages. */
const WATCHED_FAULTS = ['slow readers'] as const;
/** Where PostgreSQL has a standby: once. */
export const STANDBY_FAULT = 'fail over PostgreSQL';
/** What a deployment was given its stand-ins for: however short the run, it is to happen. */
export const EARLY_FAULTS: readonly ServerFault[] = [...FAIL_OVERS, STANDBY_FAULT];
export type LinkFault = (typeof LINK_FAULTS)[number];
export type DeviceFault = (typeof DEVICE_FAULTS)[number];
export type ServerFault = (typeof SERVER_FAULTS | typeof CLUSTER_FAULTS | typeof DIVISIONS | typeof FAIL_OVERS | typeof WATCHED_FAULTS)[number] | typeof STANDBY_FAULT;

/** What may happen, and how long it is quiet in between, in ms at most. */
export interface FaultMix {
  link: readonly LinkFault[];
  linkQuietMs: number;
  device: readonly DeviceFault[];
  deviceQuietMs: number;
  server: readonly ServerFault[];
  serverQuietMs: number;
}

export const FULL_MIX: FaultMix = {
  link: LINK_FAULTS,
  linkQuietMs: 5_000,
  device: DEVICE_FAULTS,
  deviceQuietMs: 25_000,
  server: SERVER_FAULTS,
  serverQuietMs: 20_000,
};

/** The same for a cluster: one of its nodes or the Redis between them breaks as often as one server alone. */
export const CLUSTER_MIX: FaultMix = { ...FULL_MIX, server: [...SERVER_FAULTS, ...CLUSTER_FAULTS], serverQuietMs: 10_000 };

/** Everything that can break there. @param isWatched whether the run is long enough for the watches of a cluster */
export function mixFor({ nodes, redis, postgres }: Deployment, isWatched: boolean): FaultMix {
  if (nodes.length === 1 || !redis) return FULL_MIX;
  return {
    ...CLUSTER_MIX,
    server: [
      ...CLUSTER_MIX.server,
      ...('failOver' in redis ? FAIL_OVERS : DIVISIONS),
      ...(isWatched ? WATCHED_FAULTS : []),
      ...('failOver' in postgres ? [STANDBY_FAULT] as const : []),
    ],
  };
}
