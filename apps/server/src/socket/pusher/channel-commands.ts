import type { RedisKeys } from '../../redis/redis-keys.ts';
import type { RedisCommand } from '../../redis/redis-link.ts';
import { toldField } from './channel-notes.ts';
import { ENTER, LEAVE, TELL_ONCE } from './channel-scripts.ts';
import type { ChannelMember, Coming } from './channel-state.ts';
import { PUSHER_LIMITS } from './limits.ts';

export type ChannelCommands = ReturnType<typeof createChannelCommands>;

/** What a node says to Redis of channels and who is in them. */
export function createChannelCommands(keys: RedisKeys, node: string) {
  const channelKeys = (channel: string) => [keys.channel(channel), keys.members(channel), keys.memberInfos(channel), keys.channels(keys.shardOf(channel))] as const;
  return {
    /**
     * @param isListed whether all users of the channel are answered
     * @returns a command that is answered as `ENTER` says
     */
    entering: (channel: string, socketId: string, member: ChannelMember | null, { isListed }: { isListed: boolean }): RedisCommand => [
      'EVAL',
      ENTER,
      4,
      ...channelKeys(channel),
      socketId,
      channel,
      member ? `u${member.userId}` : '',
      JSON.stringify(member?.userInfo ?? null),
      PUSHER_LIMITS.presenceMembers,
      isListed ? '1' : '0',
    ],

    leaving: (channel: string, socketId: string): RedisCommand => ['EVAL', LEAVE, 4, ...channelKeys(channel), socketId, channel],

    /** Answered whether the connection is new, and how many the user has. */
    signingIn: (userId: string, socketId: string): RedisCommand[] => [['HSET', keys.signedIn(userId), socketId, node], ['HLEN', keys.signedIn(userId)]],

    /** Answered whether the connection was there, and how many the user has. */
    signingOut: (userId: string, socketId: string): RedisCommand[] => [['HDEL', keys.signedIn(userId), socketId], ['HLEN', keys.signedIn(userId)]],

    /** Before it is entered: what a node leaves behind must be known to whoever takes over. */
    noting: (note: string): RedisCommand => ['SADD', keys.enteredOn(node), note],

    forgetting: (note: string): RedisCommand => ['SREM', keys.enteredOn(node), note],

    tellingOnce({ channel, userId }: Coming, isThere: boolean): RedisCommand {
      const present = userId === undefined ? keys.channel(channel) : keys.members(channel);
      return ['EVAL', TELL_ONCE, 2, keys.told(keys.shardOf(channel)), present, toldField({ channel, userId }), userId === undefined ? '' : `u${userId}`, isThere ? '1' : '0'];
    },

    /** A backend was told of it before. */
    markingTold: (coming: Coming): RedisCommand => ['HSETNX', keys.told(keys.shardOf(coming.channel)), toldField(coming), '1'],

    /** Answered how many connections, and which users. */
    describing: (channel: string): RedisCommand[] => [['HLEN', keys.channel(channel)], ['HKEYS', keys.members(channel)]],
  };
}
