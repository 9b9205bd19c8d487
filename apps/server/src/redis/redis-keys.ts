import type { UserId } from '@couplet/protocol';

/** The names of everything in Redis, so that no two parts of the server take the same. */
export type RedisKeys = ReturnType<typeof createRedisKeys>;

/**
 * A user's keys and channels carry the user's shard as a hash tag: in a cluster
 * what belongs together is on one node, and shards spread over all of them.
 */
export function createRedisKeys(prefix: string, shards: number) {
  const shardOf = (text: string) => hash(text) % shards;
  const tagged = (kind: string, shard: number) => `${prefix}:${kind}:{${shard}}`;
  return {
    shards: Array.from({ length: shards }, (_, shard) => shard),
    shardOf,
    /** Hash: the user's nodes, each with how often and when. */
    places: (kind: 'connected' | 'presence', userId: UserId) => `${tagged(kind, shardOf(userId))}:${userId}`,
    /** Set: who is present on a node. */
    presentOn: (node: string) => `${prefix}:present-on:${node}`,
    /** Channel: who came and went. */
    presenceChannel: (shard: number) => tagged('presence-changes', shard),
    /** Sorted set: the nodes, by when they were last heard of. */
    nodes: `${prefix}:nodes`,
    /** Whoever sets it sees to what a dead node left. */
    claim: (node: string) => `${prefix}:claim:${node}`,
    /** Stream: deliveries for one node. */
    stream: (node: string) => `${prefix}:stream:${node}`,
    /** Channel: signals for one node. */
    signals: (node: string) => `${prefix}:signals:${node}`,
    /** Channel: what every node must hear. */
    everyNode: `${prefix}:every-node`,
    /** Hash: the connections in a channel of the Pusher dialect. */
    channel: (name: string) => `${tagged('channel', shardOf(name))}:${name}`,
    /** Hash: the users in a presence channel, each with how many connections. */
    members: (name: string) => `${tagged('members', shardOf(name))}:${name}`,
    /** Hash: what others are shown of them. */
    memberInfos: (name: string) => `${tagged('member-infos', shardOf(name))}:${name}`,
    /** Set: the occupied channels of a shard. */
    channels: (shard: number) => tagged('channels', shard),
    /** Hash: of which channels of a shard, and which users in them, a backend was told that they are there. */
    told: (shard: number) => tagged('told', shard),
    /** String: what a cache channel shows. */
    cached: (name: string) => `${tagged('cached', shardOf(name))}:${name}`,
    /** Hash: the signed-in connections of a user of the Pusher dialect. */
    signedIn: (userId: string) => `${tagged('signed-in', shardOf(userId))}:${userId}`,
    /** Set: what a node's connections have entered, so that it can be taken back. */
    enteredOn: (node: string) => `${prefix}:entered-on:${node}`,
    /** Channel: broadcasts of the Pusher dialect. */
    broadcasts: `${prefix}:broadcasts`,
  };
}

/** FNV-1a: the same on every node and in every version. */
function hash(text: string): number {
  let sum = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) sum = Math.imul(sum ^ text.charCodeAt(index), 0x01000193);
  return sum >>> 0;
}
