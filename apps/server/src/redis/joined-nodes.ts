import { NODE_TIMES, NodeRegistry, type NodeRegistryTimes } from './node-registry.ts';
import { RedisChannels } from './redis-channels.ts';
import { createRedisKeys, type RedisKeys } from './redis-keys.ts';
import type { RedisLink } from './redis-link.ts';

/** What joins a node to the others of its deployment. */
export interface JoinedNodes {
  link: RedisLink;
  keys: RedisKeys;
  channels: RedisChannels;
  registry: NodeRegistry;
  close(): Promise<void>;
}

export interface JoinOptions {
  /** What the names of keys and channels begin with. */
  prefix: string;
  shards: number;
  nodeId: string;
  /** Distinguishes this run of the node from its earlier ones. */
  run: string;
  times?: NodeRegistryTimes;
  onError(error: unknown): void;
}

/** The link stays its owner's. Nothing is said before the first `registry.beat()`. */
export function joinNodes(link: RedisLink, { prefix, shards, nodeId, run, times = NODE_TIMES, onError }: JoinOptions): JoinedNodes {
  const keys = createRedisKeys(prefix, shards);
  const channels = new RedisChannels(link);
  const registry = new NodeRegistry({ link, keys, node: `${nodeId}-${run}`, times, onError });
  return {
    link,
    keys,
    channels,
    registry,
    async close() {
      channels.close();
      await registry.close();
    },
  };
}
