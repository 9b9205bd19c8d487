import { z } from 'zod';
import { parseJson } from '../../parse-json.ts';
import type { JoinedNodes } from '../../redis/joined-nodes.ts';
import type { RedisCommand } from '../../redis/redis-link.ts';
import type { Abandoned, Broadcast, ChannelFacts, ChannelMember, ChannelState, Coming, Entered, Left, Restored } from './channel-state.ts';
import { type ChannelCommands, createChannelCommands } from './channel-commands.ts';
import { ChannelLeavings } from './channel-leavings.ts';
import { abandonedOf, comingOf, noteOf } from './channel-notes.ts';
import { enteredOf, membersOf, textsOf } from './channel-scripts.ts';
import { PUSHER_LIMITS } from './limits.ts';
import { MemoryChannelState } from './memory-channel-state.ts';

export interface RedisChannelStateOptions extends JoinedNodes {
  now: () => number;
  /** Whether a backend is told who comes and goes. */
  hasWebhooks: boolean;
  onError(error: unknown): void;
}

interface EnteredHere {
  channel: string;
  socketId: string;
  member: ChannelMember | null;
}

/**
 * With this heartbeat after one's own return, or after a gap, all nodes have
 * written who is there, and with one more who left meanwhile.
 */
const BEATS_UNTIL_ALL_WROTE = 2;
/** Entries written or read in one go. */
const AT_ONCE = 500;
/** A frame carries an event of 10 kB with its escapes; ten times that is not ours. */
const LONGEST_BROADCAST = 128 * 1024;

const broadcastSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('channel-event'),
    channel: z.string(),
    frame: z.string(),
    exceptSocketId: z.string().optional(),
    member: z.object({ userId: z.string(), isThere: z.boolean() }).optional(),
  }),
  z.object({ type: z.literal('user-event'), userId: z.string(), frame: z.string() }),
  z.object({ type: z.literal('terminate-user'), userId: z.string() }),
  z.object({ type: z.literal('watchlist'), userId: z.string(), name: z.enum(['online', 'offline']) }),
]);
const frameSchema = z.object({ event: z.string(), channel: z.string() });
const toldSchema = z.object({ by: z.string(), broadcast: broadcastSchema });

/**
 * Channel state of a deployment of several nodes. What the connections of this
 * node entered is in memory too: without Redis the channels go on with those,
 * and with it again everything is written anew.
 */
export class RedisChannelState implements ChannelState {
  readonly #options: RedisChannelStateOptions;
  readonly #commands: ChannelCommands;
  readonly #here: MemoryChannelState;
  readonly #leavings: ChannelLeavings;
  #onAbandoned: (abandoned: Abandoned) => Promise<void> = () => Promise.resolve();
  #onRestored: (restored: Restored) => void = () => undefined;
  #onMissed: () => Promise<void> = () => Promise.resolve();
  /** Until what was missed is looked for; 0 when there is nothing. */
  #beatsUntilLook = 0;
  /** Something of what was entered here is not in Redis. */
  #hasToEnter = false;
  /** Entered anew with an unknown outcome. */
  readonly #untold = new Set<string>();

  constructor(options: RedisChannelStateOptions) {
    this.#options = options;
    this.#here = new MemoryChannelState(options.now);
    const { channels, keys, registry } = options;
    this.#commands = createChannelCommands(keys, registry.node);
    this.#leavings = new ChannelLeavings({
      keys,
      node: registry.node,
      commands: this.#commands,
      hasWebhooks: options.hasWebhooks,
      ask: (commands) => this.#ask(commands),
      isHere: (note) => this.#isHere(note),
      takeOut: (abandoned) => this.#onAbandoned(abandoned),
    });
    channels.listen(keys.broadcasts, (text) => this.#hear(text));
    channels.onGap(() => (this.#beatsUntilLook = BEATS_UNTIL_ALL_WROTE));
    registry.onForgotten((wasTakenOver) => this.#rewrite(wasTakenOver));
    registry.onBeat(() => this.#catchUp());
    registry.onDead(async (node) => {
      await this.#leavings.takeOutOf(node);
      await this.#findUntold();
    });
  }

  async enter(channel: string, socketId: string, member: ChannelMember | null): Promise<Entered> {
    const here = await this.#here.enter(channel, socketId, member);
    try {
      const [, answer] = await this.#ask([this.#commands.noting(noteOf({ type: 'channel', channel, socketId })), this.#commands.entering(channel, socketId, member, { isListed: true })]);
      const entered = enteredOf(answer, member !== null);
      if (entered.status === 'full') {
        await this.#here.leave(channel, socketId);
        void this.#leavings.forget(noteOf({ type: 'channel', channel, socketId }));
      }
      return entered;
    } catch {
      this.#hasToEnter = true;
      return here;
    }
  }

  async leave(channel: string, socketId: string): Promise<Left | null> {
    const member = this.#here.memberOf(channel, socketId);
    const here = await this.#here.leave(channel, socketId);
    const note = noteOf({ type: 'channel', channel, socketId });
    const leaving = here && { type: 'channel' as const, channel, socketId, member };
    try {
      const [answer] = await this.#ask([this.#commands.leaving(channel, socketId)]);
      void this.#leavings.forget(note);
      if (!Array.isArray(answer)) {
        // Emptied since it was entered: who else is there is known when all have written again.
        if (leaving) this.#leavings.later(note, leaving);
        return null;
      }
      const [count, goneUserId]: unknown[] = answer;
      const left = { count: Number(count), goneUserId: typeof goneUserId === 'string' ? goneUserId : undefined };
      if (here) this.#leaveToOthers(channel, here, left);
      return left;
    } catch (error) {
      this.#leavings.failed(note, leaving, error);
      return here;
    }
  }

  async tellOnce(coming: Coming, isThere: boolean): Promise<boolean> {
    const isNewsHere = await this.#here.tellOnce(coming, isThere);
    try {
      const [answer] = await this.#ask([this.#commands.tellingOnce(coming, isThere)]);
      return this.#leavings.toldOnce(coming, isThere, Number(answer) === 1);
    } catch {
      return this.#leavings.toldOnce(coming, isThere, isNewsHere);
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
      return isFrameOf(channel, frame) ? { frame, secondsLeft: Math.max(0, Math.ceil(Number(ms) / 1_000)) } : null;
    } catch {
      return this.#here.remembered(channel);
    }
  }

  async signIn(userId: string, socketId: string): Promise<boolean> {
    const isFirstHere = await this.#here.signIn(userId, socketId);
    try {
      const [, , length] = await this.#ask([this.#commands.noting(noteOf({ type: 'user', userId, socketId })), ...this.#commands.signingIn(userId, socketId)]);
      return Number(length) === 1;
    } catch {
      this.#hasToEnter = true;
      return isFirstHere;
    }
  }

  async signOut(userId: string, socketId: string): Promise<boolean> {
    const leaving = this.#here.hasSignedIn(userId, socketId) ? { type: 'user' as const, userId, socketId } : null;
    const wasLastHere = await this.#here.signOut(userId, socketId);
    const note = noteOf({ type: 'user', userId, socketId });
    try {
      const [removed, length] = await this.#ask(this.#commands.signingOut(userId, socketId));
      void this.#leavings.forget(note);
      if (Number(removed) === 0 && leaving) this.#leavings.later(note, leaving);
      return Number(removed) === 1 && Number(length) === 0;
    } catch (error) {
      this.#leavings.failed(note, leaving, error);
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

  onRestored(listener: (restored: Restored) => void): void {
    this.#onRestored = listener;
  }

  onMissed(listener: () => Promise<void>): void {
    this.#onMissed = listener;
  }

  async members(names: readonly string[]): Promise<ChannelMember[][]> {
    const answers = await this.#ask(names.map((name): RedisCommand => ['HGETALL', this.#options.keys.memberInfos(name)]));
    return answers.map(membersOf);
  }

  #hear(text: string): void {
    const parsed = text.length <= LONGEST_BROADCAST ? toldSchema.safeParse(parseJson(text)) : undefined;
    // One's own were heard when they were said.
    if (parsed?.success && parsed.data.by !== this.#options.registry.node) this.#here.broadcast(parsed.data.broadcast);
  }

  async #describe(names: readonly string[]): Promise<ChannelFacts[]> {
    const answers = await this.#ask(names.flatMap(this.#commands.describing));
    return names.map((channel, index) => ({ channel, count: Number(answers[index * 2]), userIds: textsOf(answers[index * 2 + 1]) }));
  }

  /** @throws when Redis is away, or one of them failed */
  async #ask(commands: readonly RedisCommand[]): Promise<unknown[]> {
    const answers = await this.#options.link.run(commands);
    const failed = answers.find((answer) => answer instanceof Error);
    if (failed) throw failed;
    return answers;
  }

  /**
   * Redis was away or emptied, or this node taken for dead: what is here is entered
   * again. What left meanwhile is taken out with the next heartbeat: right now the
   * other nodes may not listen yet.
   */
  async #rewrite(wasTakenOver: boolean): Promise<void> {
    this.#leavings.expect({ wasTakenOver });
    this.#hasToEnter = false;
    this.#beatsUntilLook = BEATS_UNTIL_ALL_WROTE;
    const entered = [...this.#here.entered()];
    for (let start = 0; start < entered.length; start += AT_ONCE) await this.#enterAgain(entered.slice(start, start + AT_ONCE), wasTakenOver);
    const signedIn = [...this.#here.signedIn()];
    for (let start = 0; start < signedIn.length; start += AT_ONCE) await this.#signInAgain(signedIn.slice(start, start + AT_ONCE));
    this.#untold.clear();
  }

  async #enterAgain(entered: readonly EnteredHere[], wasTakenOver: boolean): Promise<void> {
    const isHere = ({ channel, socketId }: EnteredHere) => this.#here.hasEntered(channel, socketId);
    // Of each only if it is still there when its turn comes: what left meanwhile has been taken out.
    const still = entered.filter(isHere).map((each) => ({ ...each, text: noteOf({ type: 'channel', ...each }) }));
    // A backend was told of who was there before, unless it was told since that they are gone.
    const marks = this.#options.hasWebhooks && !wasTakenOver ? still.flatMap(({ channel, member }) => this.#leavings.markingTold(channel, member)) : [];
    const entering = still.flatMap(({ channel, socketId, member, text }) => [this.#commands.noting(text), this.#commands.entering(channel, socketId, member, { isListed: false })]);
    const { answers, isRepeated } = await this.#askAgain(still, [...entering, ...marks]);
    const counts = new Map<string, number>();
    const joined: Restored[] = [];
    for (const [index, each] of still.entries()) {
      const [count, isNewMember, isNew] = textsOf(answers[2 * index + 1]);
      if ((isNew !== '1' && !isRepeated(each)) || !isHere(each)) continue;
      const { channel, socketId, member } = each;
      counts.set(channel, Number(count));
      if (member && (isNewMember === '1' || isRepeated(each))) joined.push({ type: 'member', channel, socketId, member });
    }
    for (const [channel, count] of counts) this.#onRestored({ type: 'channel', channel, count });
    for (const restored of joined) this.#onRestored(restored);
  }

  async #signInAgain(signedIn: readonly { userId: string; socketId: string }[]): Promise<void> {
    const still = signedIn
      .filter(({ userId, socketId }) => this.#here.hasSignedIn(userId, socketId))
      .map((each) => ({ ...each, text: noteOf({ type: 'user', ...each }) }));
    const { answers, isRepeated } = await this.#askAgain(still, still.flatMap(({ userId, socketId, text }) => [this.#commands.noting(text), ...this.#commands.signingIn(userId, socketId)]));
    for (const [index, each] of still.entries()) {
      const [isNew, connections] = answers.slice(3 * index + 1, 3 * index + 3);
      if ((Number(isNew) === 1 && Number(connections) === 1) || isRepeated(each)) this.#onRestored({ type: 'user', userId: each.userId });
    }
  }

  /** What fails may have been done all the same: then the next try finds nothing new, and has to tell of it even so. */
  async #askAgain(entries: readonly { text: string }[], commands: readonly RedisCommand[]) {
    const repeated = new Set(entries.flatMap(({ text }) => (this.#untold.has(text) ? [text] : [])));
    for (const { text } of entries) this.#untold.add(text);
    const answers = await this.#ask(commands);
    for (const { text } of entries) this.#untold.delete(text);
    return { answers, isRepeated: ({ text }: { text: string }) => repeated.has(text) };
  }

  /** As far as a node noted it. */
  #isHere(text: string): boolean {
    const noted = abandonedOf(text);
    if (noted === null) return false;
    return noted.type === 'channel' ? this.#here.hasEntered(noted.channel, noted.socketId) : this.#here.hasSignedIn(noted.userId, noted.socketId);
  }

  /** Who was told of as there and is not: the node that waited to tell it is dead. */
  async #findUntold(): Promise<void> {
    if (!this.#options.hasWebhooks) return;
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

  /** Who is on another node still is that node's to tell of. */
  #leaveToOthers(channel: string, here: Left, left: Left): void {
    if (here.goneUserId !== undefined && left.goneUserId === undefined) void this.#here.tellOnce({ channel, userId: here.goneUserId }, false);
    if (here.count === 0 && left.count > 0) void this.#here.tellOnce({ channel, userId: undefined }, false);
  }

  /** What could not be told to Redis when it came or left: all of it, or a part of a cluster, was away. */
  async #catchUp(): Promise<void> {
    if (this.#hasToEnter) return this.#rewrite(false);
    await this.#leavings.catchUp();
    if (this.#beatsUntilLook > 0 && (this.#beatsUntilLook -= 1) === 0) await this.#lookForMissed();
  }

  async #lookForMissed(): Promise<void> {
    try {
      await this.#onMissed();
    } catch (error) {
      this.#beatsUntilLook = 1;
      throw error;
    }
  }

}

/** What stands in Redis is not trusted. */
function isFrameOf(channel: string, frame: unknown): frame is string {
  return typeof frame === 'string' && frame.length <= LONGEST_BROADCAST && frameSchema.safeParse(parseJson(frame)).data?.channel === channel;
}
