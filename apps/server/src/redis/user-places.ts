import type { UserId } from '@couplet/protocol';
import { attemptInLots } from './attempt-all.ts';
import type { RedisKeys } from './redis-keys.ts';
import type { RedisCommand, RedisLink } from './redis-link.ts';

/** What a node wrote of a user is believed this long. It is written again three times within it. */
const PLACE_TTL_SECONDS = 60;
/** Users whose places are written in one go. */
const WRITTEN_AT_ONCE = 500;
/** What stands in Redis is not trusted: a node's name is taken only if it can be one. */
const NODE = /^[A-Za-z0-9_.-]{1,100}$/;

/** What is said in a channel when the user has no place any more, or the first one comes: in the same step as the change, so that what is said agrees with it. */
export interface Told {
  channel: string;
  text: string;
}

export interface UserPlacesOptions {
  link: RedisLink;
  keys: RedisKeys;
  kind: 'connected' | 'presence';
  publishCommand: 'SPUBLISH' | 'PUBLISH';
}

/**
 * On which nodes users are, with a number for each: one hash per user, whose
 * fields are nodes. Every field carries the time of Redis at which it was
 * written, so that what a node left behind is not believed for ever.
 */
export class UserPlaces {
  readonly #options: UserPlacesOptions;

  constructor(options: UserPlacesOptions) {
    this.#options = options;
  }

  /** @throws when Redis is away */
  async put(userId: UserId, node: string, count: number, told?: Told): Promise<void> {
    const [answer] = await this.#options.link.run([this.#putting(userId, node, count, told)]);
    if (answer instanceof Error) throw answer;
  }

  /** @throws when Redis is away */
  async take(userIds: readonly UserId[], node: string, told?: (userId: UserId) => Told): Promise<void> {
    await this.#run(userIds.map((userId) => {
      const { channel, text } = told?.(userId) ?? NOTHING;
      return ['EVAL', TAKE, 1, this.#key(userId), node, PLACE_TTL_SECONDS, channel, text, this.#options.publishCommand];
    }));
  }

  /**
   * Writes again what is there, or was.
   *
   * @param told of those whose place was gone, and who have no other
   * @param countOf how many there are now, asked right before it is written; `undefined` for who left meanwhile
   * @throws when Redis is away
   */
  async refresh(userIds: readonly UserId[], node: string, countOf: (userId: UserId) => number | undefined, told?: (userId: UserId) => Told): Promise<void> {
    await attemptInLots(userIds, WRITTEN_AT_ONCE, (lot) => this.#run(lot.flatMap((userId) => {
      const count = countOf(userId);
      return count === undefined ? [] : [this.#putting(userId, node, count, told?.(userId))];
    })));
  }

  /** @throws when Redis is away */
  async find(userIds: readonly UserId[]): Promise<Map<UserId, string[]>> {
    return this.read(userIds, await this.#options.link.run(this.lookUps(userIds)));
  }

  /** The commands of `find`, for whoever has more to ask in that round trip. */
  lookUps(userIds: readonly UserId[]): RedisCommand[] {
    return userIds.map((userId) => ['HKEYS', this.#key(userId)]);
  }

  /**
   * @param answers begin with those to `lookUps` of the same users
   * @throws when one of these failed
   */
  read(userIds: readonly UserId[], answers: readonly unknown[]): Map<UserId, string[]> {
    // Not known is not nowhere: what is to be sent would be lost without anybody noticing.
    const failed = answers.slice(0, userIds.length).find((answer) => answer instanceof Error);
    if (failed) throw failed;
    return new Map(userIds.map((userId, index) => [userId, nodesIn(answers[index])]));
  }

  async #run(commands: readonly RedisCommand[]): Promise<void> {
    await attemptInLots(commands, WRITTEN_AT_ONCE, async (lot) => {
      const answers = await this.#options.link.run(lot);
      const failed = answers.find((answer) => answer instanceof Error);
      if (failed) throw failed;
    });
  }

  #putting(userId: UserId, node: string, count: number, { channel, text }: Told = NOTHING): RedisCommand {
    return ['EVAL', PUT, 1, this.#key(userId), node, PLACE_TTL_SECONDS, channel, text, this.#options.publishCommand, count];
  }

  #key(userId: UserId): string {
    return this.#options.keys.places(this.#options.kind, userId);
  }
}

const NOTHING: Told = { channel: '', text: '' };

function nodesIn(answer: unknown): string[] {
  return Array.isArray(answer) ? answer.filter((node): node is string => typeof node === 'string' && NODE.test(node)) : [];
}

/** Forgets the other nodes' fields that are too old, and counts those that are not. */
const COUNT_OTHERS = `
  local now = tonumber(redis.call('TIME')[1])
  local fields = redis.call('HGETALL', KEYS[1])
  local others = 0
  for at = 1, #fields, 2 do
    if fields[at] ~= ARGV[1] then
      local written = tonumber(string.match(fields[at + 1], ':(%d+)$'))
      if written and now - written < tonumber(ARGV[2]) then others = others + 1
      else redis.call('HDEL', KEYS[1], fields[at]) end
    end
  end`;

/** `ARGV`: node, seconds, channel, text, command to publish with, count. */
const PUT = `${COUNT_OTHERS}
  local isNew = redis.call('HSET', KEYS[1], ARGV[1], ARGV[6] .. ':' .. now)
  redis.call('EXPIRE', KEYS[1], ARGV[2])
  if isNew == 1 and others == 0 and ARGV[3] ~= '' then redis.call(ARGV[5], ARGV[3], ARGV[4]) end
  return others`;

/** Told also where the place was gone already, as what expired and what was emptied is without a word. */
const TAKE = `${COUNT_OTHERS}
  redis.call('HDEL', KEYS[1], ARGV[1])
  if others == 0 and ARGV[3] ~= '' then redis.call(ARGV[5], ARGV[3], ARGV[4]) end
  return others`;
