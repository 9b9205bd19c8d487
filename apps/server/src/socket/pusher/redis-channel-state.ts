import { z } from 'zod';
import type { JoinedNodes } from '../../redis/joined-nodes.ts';
import type { RedisCommand } from '../../redis/redis-link.ts';
import type { Abandoned, Broadcast, ChannelFacts, ChannelMember, ChannelState, Coming, Entered, Left } from './channel-state.ts';
import { ENTER, LEAVE, TELL_ONCE } from './channel-scripts.ts';
import { PUSHER_LIMITS } from './limits.ts';
import { MemoryChannelState } from './memory-channel-state.ts';

export interface RedisChannelStateOptions extends JoinedNodes {
  now: () => number;
  onError(error: unknown): void;
}

/** Entries written or read in one go. */
const AT_ONCE = 500;
/** A frame carries an event of 10 kB with its escapes; ten times that is not ours. */
const LONGEST_BROADCAST = 128 * 1024;

const broadcastSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('channel-event'), channel: z.string(), frame: z.string(), exceptSocketId: z.string().optional() }),
  z.object({ type: z.literal('user-event'), userId: z.string(), frame: z.string() }),
  z.object({ type: z.literal('terminate-user'), userId: z.string() }),
  z.object({ type: z.literal('watchlist'), userId: z.string(), name: z.enum(['online', 'offline']) }),
]);
const toldSchema = z.object({ by: z.string(), broadcast: broadcastSchema });

/**
 * Channel state of a deployment of several nodes. What the connections of this
 * node entered is in memory too: without Redis the channels go on with those,
 * and with it again everything is written anew.
 */
export class RedisChannelState implements ChannelState {
  readonly #options: RedisChannelStateOptions;
  readonly #here: MemoryChannelState;
  #onAbandoned: (abandoned: Abandoned) => Promise<void> = () => Promise.resolve();
  /** Whether anybody asked what is to be told. */
  #isTelling = false;

  constructor(options: RedisChannelStateOptions) {
    this.#options = options;
    this.#here = new MemoryChannelState(options.now);
    const { channels, keys, registry } = options;
    channels.listen(keys.broadcasts, (text) => this.#hear(text));
    registry.onForgotten(() => this.#rewrite());
    registry.onDead(async (node) => {
      await this.#giveUp(node, () => true);
      await this.#findUntold();
    });
  }

  async enter(channel: string, socketId: string, member: ChannelMember | null): Promise<Entered> {
    const here = await this.#here.enter(channel, socketId, member);
    try {
      const [, answer] = await this.#ask([this.#noting(entry({ type: 'channel', channel, socketId })), this.#entering(channel, socketId, member)]);
      const entered = enteredOf(answer, member !== null);
      if (entered.status === 'full') await this.#here.leave(channel, socketId);
      return entered;
    } catch {
      return here;
    }
  }

  async leave(channel: string, socketId: string): Promise<Left | null> {
    const here = await this.#here.leave(channel, socketId);
    try {
      const { keys } = this.#options;
      const [answer] = await this.#ask([
        ['EVAL', LEAVE, 4, keys.channel(channel), keys.members(channel), keys.memberInfos(channel), keys.channels(keys.shardOf(channel)), socketId, channel],
        this.#forgetting(entry({ type: 'channel', channel, socketId })),
      ]);
      if (!Array.isArray(answer)) return null;
      const [count, goneUserId]: unknown[] = answer;
      return { count: Number(count), goneUserId: typeof goneUserId === 'string' ? goneUserId : undefined };
    } catch {
      return here;
    }
  }

  async tellOnce(coming: Coming, isThere: boolean): Promise<boolean> {
    this.#isTelling = true;
    const isNewsHere = await this.#here.tellOnce(coming, isThere);
    try {
      const { keys } = this.#options;
      const { channel, userId } = coming;
      const present = userId === undefined ? keys.channel(channel) : keys.members(channel);
      const [answer] = await this.#ask([['EVAL', TELL_ONCE, 2, keys.told(keys.shardOf(channel)), present, toldField(coming), userId === undefined ? '' : `u${userId}`, isThere ? '1' : '0']]);
      return Number(answer) === 1;
    } catch {
      return isNewsHere;
    }
  }

  async describe(channel: string): Promise<ChannelFacts> {
    try {
      const [facts] = await this.#describe([channel]);
      return facts ?? { channel, count: 0, userIds: [] };
    } catch {
      return this.#here.describe(channel);
    }
  }

  async list(prefix: string): Promise<ChannelFacts[]> {
    try {
      const { keys } = this.#options;
      const answers = await this.#ask(keys.shards.map((shard) => ['SMEMBERS', keys.channels(shard)]));
      const names = answers.flatMap(textsOf).filter((name) => name.startsWith(prefix));
      const found: ChannelFacts[] = [];
      for (let start = 0; start < names.length; start += AT_ONCE) found.push(...(await this.#describe(names.slice(start, start + AT_ONCE))));
      return found.filter(({ count }) => count > 0);
    } catch {
      return this.#here.list(prefix);
    }
  }

  async remember(channel: string, frame: string): Promise<void> {
    await this.#here.remember(channel, frame);
    await this.#ask([['SET', this.#options.keys.cached(channel), frame, 'PX', PUSHER_LIMITS.cacheMs]]).catch(() => undefined);
  }

  async remembered(channel: string): Promise<{ frame: string; secondsLeft: number } | null> {
    try {
      const key = this.#options.keys.cached(channel);
      const [frame, ms] = await this.#ask([['GET', key], ['PTTL', key]]);
      return typeof frame === 'string' ? { frame, secondsLeft: Math.max(0, Math.ceil(Number(ms) / 1_000)) } : null;
    } catch {
      return this.#here.remembered(channel);
    }
  }

  async signIn(userId: string, socketId: string): Promise<boolean> {
    const isFirstHere = await this.#here.signIn(userId, socketId);
    try {
      const [, , length] = await this.#ask([this.#noting(entry({ type: 'user', userId, socketId })), ...this.#signingIn(userId, socketId)]);
      return Number(length) === 1;
    } catch {
      return isFirstHere;
    }
  }

  async signOut(userId: string, socketId: string): Promise<boolean> {
    const wasLastHere = await this.#here.signOut(userId, socketId);
    try {
      const key = this.#options.keys.signedIn(userId);
      const [removed, length] = await this.#ask([['HDEL', key, socketId], ['HLEN', key], this.#forgetting(entry({ type: 'user', userId, socketId }))]);
      return Number(removed) === 1 && Number(length) === 0;
    } catch {
      return wasLastHere;
    }
  }

  async whoIsSignedIn(userIds: readonly string[]): Promise<string[]> {
    try {
      const answers = await this.#ask(userIds.map((userId) => ['EXISTS', this.#options.keys.signedIn(userId)]));
      return userIds.filter((_, index) => Number(answers[index]) === 1);
    } catch {
      return this.#here.whoIsSignedIn(userIds);
    }
  }

  broadcast(broadcast: Broadcast): void {
    this.#here.broadcast(broadcast);
    const { channels, keys, registry } = this.#options;
    // Lost without Redis: what is durable of the messenger goes another way.
    this.#ask([channels.publishing(keys.broadcasts, JSON.stringify({ by: registry.node, broadcast }))]).catch(() => undefined);
  }

  listen(listener: (broadcast: Broadcast) => void): () => void {
    return this.#here.listen(listener);
  }

  onAbandoned(listener: (abandoned: Abandoned) => Promise<void>): void {
    this.#onAbandoned = listener;
  }

  #hear(text: string): void {
    const parsed = text.length <= LONGEST_BROADCAST ? toldSchema.safeParse(parseJson(text)) : undefined;
    // One's own were heard when they were said.
    if (parsed?.success && parsed.data.by !== this.#options.registry.node) this.#here.broadcast(parsed.data.broadcast);
  }

  #entering(channel: string, socketId: string, member: ChannelMember | null): RedisCommand {
    const { keys } = this.#options;
    const info = JSON.stringify(member?.userInfo ?? null);
    return [
      'EVAL',
      ENTER,
      4,
      keys.channel(channel),
      keys.members(channel),
      keys.memberInfos(channel),
      keys.channels(keys.shardOf(channel)),
      socketId,
      channel,
      member ? `u${member.userId}` : '',
      info,
      PUSHER_LIMITS.presenceMembers,
    ];
  }

  #signingIn(userId: string, socketId: string): RedisCommand[] {
    const key = this.#options.keys.signedIn(userId);
    return [['HSET', key, socketId, this.#options.registry.node], ['HLEN', key]];
  }

  /** Before it is entered: what a node leaves behind must be known to whoever takes over. */
  #noting(text: string): RedisCommand {
    return ['SADD', this.#options.keys.enteredOn(this.#options.registry.node), text];
  }

  #forgetting(text: string): RedisCommand {
    return ['SREM', this.#options.keys.enteredOn(this.#options.registry.node), text];
  }

  async #describe(names: readonly string[]): Promise<ChannelFacts[]> {
    const { keys } = this.#options;
    const answers = await this.#ask(names.flatMap((name): RedisCommand[] => [['HLEN', keys.channel(name)], ['HKEYS', keys.members(name)]]));
    return names.map((channel, index) => ({ channel, count: Number(answers[index * 2]), userIds: textsOf(answers[index * 2 + 1]) }));
  }

  /** @throws when Redis is away, or one of them failed */
  async #ask(commands: readonly RedisCommand[]): Promise<unknown[]> {
    const answers = await this.#options.link.run(commands);
    const failed = answers.find((answer) => answer instanceof Error);
    if (failed) throw failed;
    return answers;
  }

  /** Redis was away or emptied: what is here is entered again, and what left meanwhile is taken out. */
  async #rewrite(): Promise<void> {
    const entered = [...this.#here.entered()];
    const signedIn = [...this.#here.signedIn()];
    const current = new Set([
      ...entered.map(({ channel, socketId }) => entry({ type: 'channel', channel, socketId })),
      ...signedIn.map(({ userId, socketId }) => entry({ type: 'user', userId, socketId })),
    ]);
    await this.#giveUp(this.#options.registry.node, (text) => !current.has(text));
    // Of each only if it is still there when its turn comes: what left meanwhile has been taken out.
    await this.#writeAll(entered, ({ channel, socketId, member }) =>
      this.#here.hasEntered(channel, socketId)
        ? [
            this.#noting(entry({ type: 'channel', channel, socketId })),
            this.#entering(channel, socketId, member),
            // Who was there before was told of.
            ...(this.#isTelling ? this.#markingTold(channel, member) : []),
          ]
        : [],
    );
    await this.#writeAll(signedIn, ({ userId, socketId }) =>
      this.#here.hasSignedIn(userId, socketId) ? [this.#noting(entry({ type: 'user', userId, socketId })), ...this.#signingIn(userId, socketId).slice(0, 1)] : [],
    );
  }

  async #writeAll<Item>(items: readonly Item[], commandsOf: (item: Item) => RedisCommand[]): Promise<void> {
    for (let start = 0; start < items.length; start += AT_ONCE) await this.#ask(items.slice(start, start + AT_ONCE).flatMap(commandsOf));
  }

  #markingTold(channel: string, member: ChannelMember | null): RedisCommand[] {
    const { keys } = this.#options;
    const comings: Coming[] = [{ channel, userId: undefined }, ...(member ? [{ channel, userId: member.userId }] : [])];
    return comings.map((coming) => ['HSETNX', keys.told(keys.shardOf(channel)), toldField(coming), '1']);
  }

  /** Who was told of as there and is not: the node that waited to tell it is dead. */
  async #findUntold(): Promise<void> {
    if (!this.#isTelling) return;
    const { keys, onError } = this.#options;
    for (const shard of keys.shards) {
      const [fields] = await this.#ask([['HKEYS', keys.told(shard)]]);
      const comings = textsOf(fields).flatMap((field) => comingOf(field) ?? []);
      for (let start = 0; start < comings.length; start += AT_ONCE) {
        const some = comings.slice(start, start + AT_ONCE);
        const facts = await this.#describe(some.map(({ channel }) => channel));
        for (const [index, coming] of some.entries()) {
          const fact = facts[index];
          const isThere = coming.userId === undefined ? fact?.count !== 0 : fact?.userIds.includes(coming.userId);
          if (isThere === false) await this.#onAbandoned({ type: 'untold', coming }).catch(onError);
        }
      }
    }
  }

  /** Takes out what a node noted and does not have (any longer), as if each connection had left. */
  async #giveUp(node: string, isGone: (text: string) => boolean): Promise<void> {
    const { keys, registry, onError } = this.#options;
    const key = keys.enteredOn(node);
    for (let cursor = '0'; ; ) {
      const [answer] = await this.#ask([['SSCAN', key, cursor, 'COUNT', AT_ONCE]]);
      const [next, texts]: unknown[] = Array.isArray(answer) ? answer : [];
      for (const text of textsOf(texts).filter(isGone)) {
        const abandoned = abandonedOf(text);
        if (abandoned) await this.#onAbandoned(abandoned).catch(onError);
        await this.#ask([['SREM', key, text]]);
      }
      if (typeof next !== 'string' || next === '0') break;
      cursor = next;
    }
    if (node !== registry.node) await this.#ask([['DEL', key]]);
  }
}

/** Names of channels have no spaces, ids of users may. */
function toldField({ channel, userId }: Coming): string {
  return userId === undefined ? `c ${channel}` : `m ${channel} ${userId}`;
}

function comingOf(field: string): Coming | null {
  const [, kind, channel = '', userId] = /^([cm]) (\S+)(?: ([^]*))?$/.exec(field) ?? [];
  if (kind === 'c') return { channel, userId: undefined };
  return kind === 'm' && userId !== undefined ? { channel, userId } : null;
}

/** One connection in one channel, or of one user, as a node notes it. Socket ids have no spaces. */
function entry(abandoned: Exclude<Abandoned, { type: 'untold' }>): string {
  return abandoned.type === 'channel' ? `c ${abandoned.socketId} ${abandoned.channel}` : `u ${abandoned.socketId} ${abandoned.userId}`;
}

function abandonedOf(text: string): Abandoned | null {
  const [, kind, socketId = '', name = ''] = /^([cu]) (\d+\.\d+) ([^]+)$/.exec(text) ?? [];
  if (kind === 'c') return { type: 'channel', channel: name, socketId };
  return kind === 'u' ? { type: 'user', userId: name, socketId } : null;
}

function enteredOf(answer: unknown, isPresence: boolean): Entered {
  const [count, isNewMember, infos]: unknown[] = Array.isArray(answer) ? answer : [];
  if (count === 'full') return { status: 'full' };
  const pairs = textsOf(infos);
  const members: ChannelMember[] = [];
  for (let at = 0; isPresence && at + 1 < pairs.length; at += 2) {
    // Written by a node of this deployment, and bounded there; what cannot be read is shown as nothing.
    members.push({ userId: pairs[at] ?? '', userInfo: parseJson(pairs[at + 1] ?? '') ?? undefined });
  }
  return { status: 'entered', count: Number(count), members, isNewMember: Number(isNewMember) === 1 };
}

function textsOf(answer: unknown): string[] {
  return Array.isArray(answer) ? answer.filter((text) => typeof text === 'string') : [];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
