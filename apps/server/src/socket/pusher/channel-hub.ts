import type { Abandoned, Broadcast, ChannelMember, ChannelState, Entered, Restored } from './channel-state.ts';
import { channelKind, parseOwnChannel } from './channel-name.ts';
import { encodeClientEvent, encodeFrame } from './frames.ts';
import { PUSHER_LIMITS } from './limits.ts';
import { ShownMembers } from './shown-members.ts';
import type { WebhookEvent } from './webhook-event.ts';

/** A connection, as the hub sees it. */
export interface Subscriber {
  readonly socketId: string;
  /** A frame of a channel it joined. */
  deliver(channel: string, frame: string): void;
  /** A frame for its signed-in user. */
  deliverToUser(frame: string): void;
  /** Its user's connections are ended by the HTTP API. */
  terminate(): void;
  /** Somebody on its watchlist came or went. */
  tellWatched(name: 'online' | 'offline', userIds: readonly string[]): void;
}

/** Channels whose members are read in one go. */
const READ_AT_ONCE = 500;

export interface ChannelHubNeeds {
  state: ChannelState;
  note(event: WebhookEvent): void;
  onError(error: unknown): void;
}

/** The connections of this node by channel and by user, joined to the state of the deployment. */
export class ChannelHub {
  readonly state: ChannelState;
  readonly #needs: ChannelHubNeeds;
  readonly #byChannel = new Map<string, Map<string, Subscriber>>();
  readonly #byUser = new Map<string, Map<string, Subscriber>>();
  readonly #watchers = new Map<string, Map<string, Subscriber>>();
  readonly #countTimers = new Map<string, NodeJS.Timeout>();
  readonly #shown = new ShownMembers();
  readonly #stopListening: () => void;

  constructor(needs: ChannelHubNeeds) {
    this.#needs = needs;
    this.state = needs.state;
    this.#stopListening = needs.state.listen((broadcast) => this.#hear(broadcast));
    needs.state.onAbandoned((abandoned) => this.#takeOver(abandoned));
    needs.state.onRestored((restored) => this.#tellRestored(restored));
    needs.state.onMissed(() => this.#tellMissed());
  }

  /** Takes effect before it resolves: from now on everything published in the channel reaches the subscriber. */
  async join(subscriber: Subscriber, channel: string, member: ChannelMember | null): Promise<Entered> {
    add(this.#byChannel, channel, subscriber);
    const entered = await this.state.enter(channel, subscriber.socketId, member);
    if (entered.status === 'full') {
      this.#remove(subscriber, channel);
      return entered;
    }
    // Not of a connection that was closed meanwhile.
    const isStillHere = this.#byChannel.get(channel)?.has(subscriber.socketId) === true;
    if (member && isStillHere && tellsMembers(channel)) this.#shown.entered(channel, entered.members.map(({ userId }) => userId));
    if (entered.count === 1) this.#needs.note({ name: 'channel_occupied', channel });
    if (member && entered.isNewMember) this.#tellJoined(channel, subscriber.socketId, member);
    this.#tellCount(channel, entered.count);
    return entered;
  }

  #tellJoined(channel: string, socketId: string, member: ChannelMember): void {
    this.#needs.note({ name: 'member_added', channel, user_id: member.userId });
    if (tellsMembers(channel)) this.state.broadcast({ ...memberAdded(channel, member), exceptSocketId: socketId });
  }

  async leave(subscriber: Subscriber, channel: string): Promise<void> {
    this.#remove(subscriber, channel);
    await this.#left(channel, subscriber.socketId);
  }

  #remove(subscriber: Subscriber, channel: string): void {
    remove(this.#byChannel, channel, subscriber);
    if (!this.#byChannel.has(channel)) this.#shown.forget(channel);
  }

  async #takeOver(abandoned: Abandoned): Promise<void> {
    switch (abandoned.type) {
      case 'channel':
        return this.#left(abandoned.channel, abandoned.socketId);
      case 'user':
        return this.#signedOut(abandoned.userId, abandoned.socketId);
      case 'untold': {
        const { channel, userId } = abandoned.coming;
        this.#needs.note(userId === undefined ? { name: 'channel_vacated', channel } : { name: 'member_removed', channel, user_id: userId });
      }
    }
  }

  #tellRestored(restored: Restored): void {
    switch (restored.type) {
      case 'channel':
        // Whether this is news to a backend is decided where it is told.
        this.#needs.note({ name: 'channel_occupied', channel: restored.channel });
        return this.#tellCount(restored.channel, restored.count);
      case 'member':
        return this.#tellJoined(restored.channel, restored.socketId, restored.member);
      case 'user':
        return this.state.broadcast({ type: 'watchlist', userId: restored.userId, name: 'online' });
    }
  }

  /** Who came and went while this node did not hear it: told to its own connections, the others have heard. */
  async #tellMissed(): Promise<void> {
    const channels = this.#shown.channels;
    for (let start = 0; start < channels.length; start += READ_AT_ONCE) {
      const some = channels.slice(start, start + READ_AT_ONCE);
      for (const channel of some) this.#shown.beginReading(channel);
      const members = await this.state.members(some);
      for (const [index, channel] of some.entries()) {
        const { added, removed } = this.#shown.correct(channel, members[index] ?? []);
        for (const userId of removed) this.#hear(memberRemoved(channel, userId));
        for (const member of added) this.#hear(memberAdded(channel, member));
      }
    }
  }

  async #left(channel: string, socketId: string): Promise<void> {
    const left = await this.state.leave(channel, socketId);
    if (!left) return;
    if (left.goneUserId !== undefined) {
      this.#needs.note({ name: 'member_removed', channel, user_id: left.goneUserId });
      if (tellsMembers(channel)) this.state.broadcast(memberRemoved(channel, left.goneUserId));
    }
    if (left.count === 0) this.#needs.note({ name: 'channel_vacated', channel });
    this.#tellCount(channel, left.count);
  }

  /** @param data what the frame carries, as text */
  publish(channel: string, event: string, data: string, exceptSocketId?: string): void {
    this.state.broadcast({ type: 'channel-event', channel, frame: encodeFrame(event, data, channel), exceptSocketId });
  }

  /** The same for an event that came over HTTP, which cache channels remember. */
  async publishRemembered(channel: string, event: string, data: string, exceptSocketId?: string): Promise<void> {
    if (channelKind(channel).isCache) await this.state.remember(channel, encodeFrame(event, data, channel));
    this.publish(channel, event, data, exceptSocketId);
  }

  /** A client's event to all others in the channel. */
  relay(sender: Subscriber, event: string, channel: string, data: unknown, userId: string | undefined): void {
    const frame = encodeClientEvent(event, channel, data, userId);
    this.state.broadcast({ type: 'channel-event', channel, frame, exceptSocketId: sender.socketId });
    const text = typeof data === 'string' ? data : JSON.stringify(data ?? null);
    this.#needs.note({ name: 'client_event', channel, event, data: text, socket_id: sender.socketId, ...(userId === undefined ? {} : { user_id: userId }) });
  }

  /** The event last published in a cache channel. */
  async lastEvent(channel: string): Promise<string | null> {
    const remembered = await this.state.remembered(channel);
    if (!remembered) this.#needs.note({ name: 'cache_miss', channel });
    return remembered?.frame ?? null;
  }

  async signIn(subscriber: Subscriber, userId: string, watchlist: readonly string[]): Promise<void> {
    add(this.#byUser, userId, subscriber);
    for (const watched of watchlist) add(this.#watchers, watched, subscriber);
    const isFirst = await this.state.signIn(userId, subscriber.socketId);
    if (isFirst) this.state.broadcast({ type: 'watchlist', userId, name: 'online' });
    const online = await this.state.whoIsSignedIn(watchlist);
    if (online.length > 0) subscriber.tellWatched('online', online);
  }

  async signOut(subscriber: Subscriber, userId: string, watchlist: readonly string[]): Promise<void> {
    remove(this.#byUser, userId, subscriber);
    for (const watched of watchlist) remove(this.#watchers, watched, subscriber);
    await this.#signedOut(userId, subscriber.socketId);
  }

  async #signedOut(userId: string, socketId: string): Promise<void> {
    const wasLast = await this.state.signOut(userId, socketId);
    if (wasLast) this.state.broadcast({ type: 'watchlist', userId, name: 'offline' });
  }

  publishToUser(userId: string, channel: string, event: string, data: string): void {
    this.state.broadcast({ type: 'user-event', userId, frame: encodeFrame(event, data, channel) });
  }

  terminateUser(userId: string): void {
    this.state.broadcast({ type: 'terminate-user', userId });
  }

  close(): void {
    this.#stopListening();
    for (const timer of this.#countTimers.values()) clearTimeout(timer);
  }

  #hear(broadcast: Broadcast): void {
    switch (broadcast.type) {
      case 'channel-event':
        if (broadcast.member) this.#shown.told(broadcast.channel, broadcast.member.userId, broadcast.member.isThere);
        for (const subscriber of this.#byChannel.get(broadcast.channel)?.values() ?? []) {
          if (subscriber.socketId !== broadcast.exceptSocketId) subscriber.deliver(broadcast.channel, broadcast.frame);
        }
        return;
      case 'user-event':
        for (const subscriber of this.#byUser.get(broadcast.userId)?.values() ?? []) subscriber.deliverToUser(broadcast.frame);
        return;
      case 'terminate-user':
        for (const subscriber of [...(this.#byUser.get(broadcast.userId)?.values() ?? [])]) subscriber.terminate();
        return;
      case 'watchlist':
        for (const subscriber of this.#watchers.get(broadcast.userId)?.values() ?? []) subscriber.tellWatched(broadcast.name, [broadcast.userId]);
        return;
    }
  }

  /** Small channels at once; large ones at intervals, with the number as it is then. */
  #tellCount(channel: string, count: number): void {
    if (!tellsCount(channel)) return;
    if (count <= PUSHER_LIMITS.countToldAtOnce) return this.#publishCount(channel, count);
    if (this.#countTimers.has(channel)) return;
    const later = () => {
      this.#countTimers.delete(channel);
      this.state.describe(channel).then((facts) => this.#publishCount(channel, facts.count), this.#needs.onError);
    };
    this.#countTimers.set(channel, setTimeout(later, PUSHER_LIMITS.countIntervalMs).unref());
  }

  #publishCount(channel: string, count: number): void {
    this.#needs.note({ name: 'subscription_count', channel, subscription_count: count });
    if (count > 0) this.publish(channel, 'pusher_internal:subscription_count', JSON.stringify({ subscription_count: count }));
  }
}

function memberAdded(channel: string, { userId, userInfo }: ChannelMember) {
  const data = JSON.stringify({ user_id: userId, user_info: userInfo ?? {} });
  return { type: 'channel-event', channel, frame: encodeFrame('pusher_internal:member_added', data, channel), member: { userId, isThere: true } } as const;
}

function memberRemoved(channel: string, userId: string) {
  const data = JSON.stringify({ user_id: userId });
  return { type: 'channel-event', channel, frame: encodeFrame('pusher_internal:member_removed', data, channel), member: { userId, isThere: false } } as const;
}

/** Not on presence channels, which tell their members; and not on our own, where it would tell whether the peer is there. */
function tellsCount(channel: string): boolean {
  return channelKind(channel).access !== 'presence' && parseOwnChannel(channel) === null;
}

/** Whoever follows a person in `presence-user-…` must not learn who else does. */
function tellsMembers(channel: string): boolean {
  return parseOwnChannel(channel)?.type !== 'presence-user';
}

function add(index: Map<string, Map<string, Subscriber>>, key: string, subscriber: Subscriber): void {
  const entries = index.get(key) ?? new Map<string, Subscriber>();
  index.set(key, entries.set(subscriber.socketId, subscriber));
}

function remove(index: Map<string, Map<string, Subscriber>>, key: string, subscriber: Subscriber): void {
  const entries = index.get(key);
  entries?.delete(subscriber.socketId);
  if (entries?.size === 0) index.delete(key);
}
