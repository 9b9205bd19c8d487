import { LRUCache } from 'lru-cache';
import type { Broadcast, ChannelFacts, ChannelMember, ChannelState, Coming, Entered, Left } from './channel-state.ts';
import { PUSHER_LIMITS } from './limits.ts';

interface Channel {
  /** By socket; the user where it is a presence channel. Maps throughout: a channel or user may be called `__proto__`. */
  sockets: Map<string, string | null>;
  /** By user, with the number of their connections here. */
  members: Map<string, { member: ChannelMember; connections: number }>;
}

/** Channel state of a deployment of one node. */
export class MemoryChannelState implements ChannelState {
  readonly #channels = new Map<string, Channel>();
  readonly #signedIn = new Map<string, Set<string>>();
  readonly #told = new Set<string>();
  readonly #listeners = new Set<(broadcast: Broadcast) => void>();
  readonly #cache: LRUCache<string, string>;

  /** @param now epoch milliseconds */
  constructor(now: () => number) {
    this.#cache = new LRUCache({ max: PUSHER_LIMITS.cachedEvents, ttl: PUSHER_LIMITS.cacheMs, ttlResolution: 0, perf: { now } });
  }

  enter(name: string, socketId: string, member: ChannelMember | null): Promise<Entered> {
    const channel = this.#channels.get(name) ?? { sockets: new Map(), members: new Map() };
    const isHere = channel.sockets.has(socketId);
    const known = member ? channel.members.get(member.userId) : undefined;
    if (member && !known && channel.members.size >= PUSHER_LIMITS.presenceMembers) return Promise.resolve({ status: 'full' });
    this.#channels.set(name, channel);
    channel.sockets.set(socketId, member?.userId ?? null);
    if (member && !isHere) {
      if (known) known.connections += 1;
      else channel.members.set(member.userId, { member, connections: 1 });
    }
    const members = [...channel.members.values()].map((entry) => entry.member);
    return Promise.resolve({ status: 'entered', count: channel.sockets.size, members, isNewMember: member !== null && !known });
  }

  leave(name: string, socketId: string): Promise<Left | null> {
    const channel = this.#channels.get(name);
    const userId = channel?.sockets.get(socketId);
    if (!channel || userId === undefined) return Promise.resolve(null);
    channel.sockets.delete(socketId);
    if (channel.sockets.size === 0) this.#channels.delete(name);
    const entry = userId === null ? undefined : channel.members.get(userId);
    if (entry) entry.connections -= 1;
    const isGone = entry?.connections === 0;
    if (isGone) channel.members.delete(entry.member.userId);
    return Promise.resolve({ count: channel.sockets.size, goneUserId: isGone ? entry.member.userId : undefined });
  }

  tellOnce({ channel, userId }: Coming, isThere: boolean): Promise<boolean> {
    const key = JSON.stringify([channel, userId]);
    const isNews = this.#told.has(key) !== isThere;
    if (isThere) this.#told.add(key);
    else {
      const present = this.#channels.get(channel);
      if (userId === undefined ? present : present?.members.has(userId)) return Promise.resolve(false);
      this.#told.delete(key);
    }
    return Promise.resolve(isNews);
  }

  describe(name: string): Promise<ChannelFacts> {
    return Promise.resolve(facts(name, this.#channels.get(name)));
  }

  list(prefix: string): Promise<ChannelFacts[]> {
    const found = [...this.#channels].filter(([name]) => name.startsWith(prefix));
    return Promise.resolve(found.map(([name, channel]) => facts(name, channel)));
  }

  remember(channel: string, frame: string): Promise<void> {
    this.#cache.set(channel, frame);
    return Promise.resolve();
  }

  remembered(channel: string): Promise<{ frame: string; secondsLeft: number } | null> {
    const frame = this.#cache.get(channel);
    return Promise.resolve(frame === undefined ? null : { frame, secondsLeft: Math.ceil(this.#cache.getRemainingTTL(channel) / 1_000) });
  }

  signIn(userId: string, socketId: string): Promise<boolean> {
    const sockets = this.#signedIn.get(userId) ?? new Set();
    this.#signedIn.set(userId, sockets.add(socketId));
    return Promise.resolve(sockets.size === 1);
  }

  signOut(userId: string, socketId: string): Promise<boolean> {
    const sockets = this.#signedIn.get(userId);
    const wasLast = sockets?.delete(socketId) === true && sockets.size === 0;
    if (wasLast) this.#signedIn.delete(userId);
    return Promise.resolve(wasLast);
  }

  whoIsSignedIn(userIds: readonly string[]): Promise<string[]> {
    return Promise.resolve(userIds.filter((userId) => this.#signedIn.has(userId)));
  }

  broadcast(broadcast: Broadcast): void {
    for (const listener of this.#listeners) listener(broadcast);
  }

  /** With the node everything is gone that it knew. */
  onAbandoned(): void {}

  onRestored(): void {}

  /** It hears everything. */
  onMissed(): void {}

  members(names: readonly string[]): Promise<ChannelMember[][]> {
    return Promise.resolve(names.map((name) => [...(this.#channels.get(name)?.members.values() ?? [])].map(({ member }) => member)));
  }

  /** Everything entered. */
  *entered(): Generator<{ channel: string; socketId: string; member: ChannelMember | null }> {
    for (const [channel, { sockets, members }] of this.#channels) {
      for (const [socketId, userId] of sockets) yield { channel, socketId, member: userId === null ? null : (members.get(userId)?.member ?? null) };
    }
  }

  memberOf(name: string, socketId: string): ChannelMember | null {
    const channel = this.#channels.get(name);
    const userId = channel?.sockets.get(socketId);
    return (typeof userId === 'string' && channel?.members.get(userId)?.member) || null;
  }

  hasEntered(channel: string, socketId: string): boolean {
    return this.#channels.get(channel)?.sockets.has(socketId) === true;
  }

  hasSignedIn(userId: string, socketId: string): boolean {
    return this.#signedIn.get(userId)?.has(socketId) === true;
  }

  /** Every signed-in connection. */
  *signedIn(): Generator<{ userId: string; socketId: string }> {
    for (const [userId, sockets] of this.#signedIn) for (const socketId of sockets) yield { userId, socketId };
  }

  listen(listener: (broadcast: Broadcast) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

function facts(name: string, channel: Channel | undefined): ChannelFacts {
  return { channel: name, count: channel?.sockets.size ?? 0, userIds: [...(channel?.members.keys() ?? [])] };
}
