import type { UserId } from '@couplet/protocol';
import type { Connection, DialectSession } from '../connection.ts';
import { SOCKET_LIMITS } from '../limits.ts';
import type { ChannelHub, Subscriber } from './channel-hub.ts';
import { channelKind, isChannelName, type OwnChannel, parseOwnChannel, ownChannelName, USER_CHANNEL_PREFIX } from './channel-name.ts';
import type { ChannelMember } from './channel-state.ts';
import { ClientEventBudget } from './client-event-budget.ts';
import type { PusherCloseReason } from './close-codes.ts';
import {
  channelDataSchema,
  type ClientFrame,
  decodeClientFrame,
  encodeError,
  encodeFrame,
  encodeMembers,
  encodeSubscriptionError,
  parseJson,
  signinSchema,
  sizeOf,
  subscribeSchema,
  unsubscribeSchema,
  userDataSchema,
} from './frames.ts';
import { PUSHER_LIMITS } from './limits.ts';
import { admit, isSamePerson, type OwnChannelNeeds, type Who, whoIs } from './own-channels.ts';
import { channelAuth, isSame, type PusherApp, userAuth } from './signatures.ts';
import { UserFeed } from './user-feed.ts';

/** What a session of the Pusher protocol needs of the server; one object for all of them. */
export interface PusherSessionNeeds extends OwnChannelNeeds {
  app: PusherApp;
  hub: ChannelHub;
  now: () => number;
  isRateLimited: boolean;
  onFrame(type: string): void;
  onError(error: unknown, socketId: string): void;
}

/** A channel of this connection. Until `subscription_succeeded` is out, its frames are held. */
interface Subscription {
  held: string[] | null;
  own: OwnChannel | null;
  /** Whom a channel of ours is shared with. */
  peerId: UserId | undefined;
  /** As whom a presence channel was joined. */
  memberId: string | undefined;
}

interface SignedIn {
  userId: string;
  watchlist: readonly string[];
}

/** One connection of the Pusher protocol, version 7, from its first frame to its end. */
export class PusherSession implements DialectSession, Subscriber {
  readonly socketId: string;
  readonly #needs: PusherSessionNeeds;
  readonly #connection: Connection<PusherCloseReason>;
  readonly #subscriptions = new Map<string, Subscription>();
  /** Frames behind one that waits for the database: they are answered in order. */
  readonly #waiting: ClientFrame[] = [];
  #working: Promise<void> | undefined;
  #signedIn: SignedIn | undefined;
  #feed: UserFeed | undefined;
  #isClosed = false;
  #heardAt: number;
  #pingedAt: number | undefined;
  #sessionCheckedAt: number;
  readonly #clientEvents: ClientEventBudget;

  constructor(needs: PusherSessionNeeds, connection: Connection<PusherCloseReason>, socketId: string) {
    this.#needs = needs;
    this.#connection = connection;
    this.socketId = socketId;
    this.#heardAt = needs.now();
    this.#clientEvents = new ClientEventBudget(this.#heardAt);
    this.#sessionCheckedAt = this.#heardAt;
    const welcome = { socket_id: socketId, activity_timeout: PUSHER_LIMITS.activityTimeoutMs / 1_000 };
    connection.send(encodeFrame('pusher:connection_established', JSON.stringify(welcome)));
  }

  receive(text: string): void {
    this.#heardAt = this.#needs.now();
    this.#pingedAt = undefined;
    const frame = decodeClientFrame(text);
    if (!frame) {
      this.#needs.onFrame('malformed');
      return this.#fail('A frame is a JSON object with the name of an event');
    }
    if (!this.#working) return this.#take(frame);
    if (this.#waiting.length >= PUSHER_LIMITS.waitingFrames) return this.#connection.close('tooMany');
    this.#waiting.push(frame);
  }

  sweep(now: number): void {
    if (this.#pingedAt !== undefined) {
      if (now - this.#pingedAt < PUSHER_LIMITS.pongTimeoutMs - SOCKET_LIMITS.sweepEveryMs) return;
      this.#connection.close('noPong');
      // A dead peer answers no closing handshake either.
      this.#connection.terminate();
      return;
    }
    if (now - this.#heardAt >= PUSHER_LIMITS.activityTimeoutMs) {
      this.#pingedAt = now;
      this.#connection.send(encodeFrame('pusher:ping', '{}'));
    }
    if (this.#feed && now - this.#sessionCheckedAt >= PUSHER_LIMITS.sessionCheckMs) {
      this.#sessionCheckedAt = now;
      this.#needs.stands(this.#feed.who).then((stands) => (stands ? undefined : this.revoked()), this.onError);
    }
  }

  /** The protocol cannot tell a client when to come back: its moment is when it is closed. */
  async draining(reconnectInMs: number): Promise<void> {
    await this.#working;
    await new Promise<void>((resolve) => setTimeout(resolve, reconnectInMs * DRAIN_SHARE).unref());
  }

  closed(): void {
    this.#isClosed = true;
    this.#waiting.length = 0;
    this.#feed?.close();
    for (const channel of this.#subscriptions.keys()) this.#leave(channel);
    const signedIn = this.#signedIn;
    if (signedIn) this.#needs.hub.signOut(this, signedIn.userId, signedIn.watchlist).catch(this.onError);
  }

  deliver(channel: string, frame: string): void {
    const subscription = this.#subscriptions.get(channel);
    if (!subscription) return;
    if (subscription.held) subscription.held.push(frame);
    else this.#connection.send(frame);
  }

  deliverToUser(frame: string): void {
    this.#connection.send(frame);
  }

  terminate(): void {
    this.#connection.close('notAuthorised');
  }

  tellWatched(name: 'online' | 'offline', userIds: readonly string[]): void {
    this.#connection.send(encodeFrame('pusher_internal:watchlist_events', JSON.stringify({ events: [{ name, user_ids: userIds }] })));
  }

  isJoined(channel: string): boolean {
    return this.#subscriptions.has(channel);
  }

  revoked(): void {
    this.#connection.close('notAuthorised');
  }

  overwhelmed(): void {
    this.#connection.close('tooMany');
  }

  /** A block: the channels that show the one to the other end here, whatever was signed. */
  severed(peerId: UserId): void {
    for (const [channel, { own, peerId: sharedWith }] of this.#subscriptions) {
      if (sharedWith !== peerId || (own?.type !== 'presence-user' && own?.type !== 'presence-chat')) continue;
      if (own.type === 'presence-chat') this.deliver(channel, encodeFrame('pusher_internal:member_removed', JSON.stringify({ user_id: peerId }), channel));
      this.#leave(channel);
      this.#connection.send(encodeSubscriptionError(channel, 'You may no longer follow this channel', 403));
    }
  }

  readonly onError = (error: unknown): void => {
    this.#needs.onError(error, this.socketId);
  };

  #take(frame: ClientFrame): void {
    const working = this.#answer(frame);
    if (!working) return;
    this.#working = working
      .catch((error: unknown) => {
        this.onError(error);
        this.#fail('The server could not do this right now');
      })
      .finally(() => {
        this.#working = undefined;
        // Those that can be answered at once go on until one has to wait again.
        while (this.#waiting.length > 0 && !this.#working) this.#take(this.#waiting.shift() as ClientFrame);
      });
  }

  /** A promise where the answer waits for something. */
  #answer(frame: ClientFrame): Promise<void> | undefined {
    const { event, data } = frame;
    if (event.startsWith('client-')) {
      this.#needs.onFrame('client-event');
      return this.#clientEvent(frame);
    }
    switch (event) {
      case 'pusher:ping':
        this.#needs.onFrame(event);
        this.#connection.send(encodeFrame('pusher:pong', '{}'));
        return undefined;
      case 'pusher:pong':
        this.#needs.onFrame(event);
        return undefined;
      case 'pusher:subscribe':
        this.#needs.onFrame(event);
        return this.#subscribe(data);
      case 'pusher:unsubscribe': {
        this.#needs.onFrame(event);
        const given = unsubscribeSchema.safeParse(data);
        if (!given.success) this.#fail('Name the channel to unsubscribe from');
        else this.#leave(given.data.channel);
        return undefined;
      }
      case 'pusher:signin':
        this.#needs.onFrame(event);
        return this.#signIn(data);
      default:
        this.#needs.onFrame('unknown');
        this.#fail('Clients send no event of this name');
        return undefined;
    }
  }

  #subscribe(data: unknown): Promise<void> | undefined {
    const given = subscribeSchema.safeParse(data);
    if (!given.success) return this.#failed('Name the channel to subscribe to');
    const { channel, channel_data: channelData } = given.data;
    const auth = given.data.auth ?? '';
    if (channel.startsWith(USER_CHANNEL_PREFIX)) return this.#subscribeToUser(channel);
    if (!isChannelName(channel)) return this.#failed('That is not a name of a channel');
    if (this.#subscriptions.has(channel)) return this.#failed(`Existing subscription to channel ${channel}`);
    if (this.#subscriptions.size >= PUSHER_LIMITS.channelsPerConnection) return this.#refused(channel, 'Too many channels on one connection', 429);
    const kind = channelKind(channel);
    if (kind.access === 'public') return this.#join(channel, null, null, undefined);
    if (!isSame(auth, channelAuth(this.#needs.app, this.socketId, channel, channelData ?? undefined))) {
      return this.#refused(channel, 'The signature does not fit this connection and channel', 401);
    }
    const claims = channelData == null ? undefined : parseJson(channelDataSchema, channelData);
    if (claims === null) return this.#refused(channel, 'channel_data needs a user_id of 128 characters at most, and user_info of 1 kB', 400);
    const own = parseOwnChannel(channel);
    if (own) return this.#joinOwn(channel, own, claims);
    if (kind.access === 'private') return this.#join(channel, null, null, undefined);
    const userId = claims?.user_id ?? this.#signedIn?.userId;
    if (userId === undefined) return this.#refused(channel, 'A presence channel needs channel_data with a user_id', 401);
    return this.#join(channel, { userId, userInfo: claims?.user_info }, null, undefined);
  }

  #subscribeToUser(channel: string): undefined {
    // Events of a signed-in user come anyway; a client that asks for them is told that they will.
    if (this.#signedIn && channel === USER_CHANNEL_PREFIX + this.#signedIn.userId) {
      this.#connection.send(encodeFrame('pusher_internal:subscription_succeeded', '{}', channel));
      return undefined;
    }
    return this.#refused(channel, 'Only the signed-in user has this channel', 403);
  }

  /** A channel of the messenger: whoever asks must be a user of it, and may join at this moment. */
  async #joinOwn(channel: string, own: OwnChannel, claims: { user_id: string; user_info?: unknown; session_id?: string | undefined } | undefined): Promise<void> {
    if (channel !== ownChannelName(own)) return this.#refused(channel, 'Ids are written in lower case', 403);
    const who = claims ? whoIs(claims.user_id, claims.session_id) : this.#feed?.who;
    // Signed by a backend of the app, which names no session: it gets what backends and clients publish, nothing of a user's.
    if (!who) {
      const member = memberOf(channel, claims);
      if (channelKind(channel).access === 'presence' && !member) return this.#refused(channel, 'A presence channel needs channel_data with a user_id', 401);
      return this.#join(channel, member, null, undefined);
    }
    if (claims && this.#feed && !isSamePerson(who, this.#feed.who)) return this.#refused(channel, 'This channel is for one signed-in user', 403);
    if (!(await this.#identify(who))) return this.#refused(channel, 'The session was ended, or has too many connections', 401);
    const admission = await admit(this.#needs, who.userId, own);
    if (!admission) return this.#refused(channel, 'This channel is not yours', 403);
    await this.#join(channel, memberOf(channel, { user_id: who.userId, user_info: claims?.user_info }), own, admission.peerId);
  }

  /** Joins this connection to its user: from here on it counts as present and ends with its session. */
  async #identify(who: Who): Promise<boolean> {
    if (this.#feed) return this.#needs.stands(who);
    const feed = await UserFeed.open(this.#needs, who, this);
    if (!feed) return false;
    if (this.#isClosed) feed.close();
    else this.#feed = feed;
    return !this.#isClosed;
  }

  async #join(channel: string, member: ChannelMember | null, own: OwnChannel | null, peerId: UserId | undefined): Promise<void> {
    if (this.#isClosed) return;
    const subscription: Subscription = { held: [], own, peerId, memberId: member?.userId };
    this.#subscriptions.set(channel, subscription);
    const entered = await this.#needs.hub.join(this, channel, member);
    if (entered.status === 'full') {
      this.#subscriptions.delete(channel);
      return this.#refused(channel, 'The channel has as many members as it takes', 403);
    }
    const success = member ? await this.#presenceOf(own, member, entered.members) : '{}';
    const cached = channelKind(channel).isCache ? await this.#needs.hub.lastEvent(channel) : undefined;
    // Closed or severed while others were asked: what was entered has been left.
    if (this.#subscriptions.get(channel) !== subscription) return;
    this.#connection.send(encodeFrame('pusher_internal:subscription_succeeded', success, channel));
    if (cached !== undefined) this.#connection.send(cached ?? JSON.stringify({ event: 'pusher:cache_miss', channel }));
    for (const frame of subscription.held ?? []) this.#connection.send(frame);
    subscription.held = null;
    if (own) this.#feed?.joined(own);
  }

  /** Of a person's own presence channel only that person is shown, and only while online. */
  async #presenceOf(own: OwnChannel | null, joiner: ChannelMember, all: readonly ChannelMember[]): Promise<string> {
    if (own?.type !== 'presence-user') return encodeMembers(all);
    const isOnline = (await this.#feed?.isShown(own.userId)) === true;
    return encodeMembers(isOnline ? [joiner, { userId: own.userId, userInfo: {} }] : [joiner]);
  }

  #signIn(data: unknown): Promise<void> | undefined {
    const given = signinSchema.safeParse(data);
    const userData = given.success && Buffer.byteLength(given.data.user_data) <= PUSHER_LIMITS.userDataBytes ? parseJson(userDataSchema, given.data.user_data) : null;
    if (!given.success || !userData || !isSame(given.data.auth, userAuth(this.#needs.app, this.socketId, given.data.user_data))) {
      this.#connection.send(encodeError('The sign-in is not signed for this connection', 4009));
      this.#connection.close('notAuthorised');
      return undefined;
    }
    if (this.#signedIn) return this.#failed('This connection is signed in already');
    return this.#signInAs(given.data.user_data, userData);
  }

  async #signInAs(text: string, userData: { id: string; watchlist?: string[] | undefined; session_id?: string | undefined }): Promise<void> {
    const who = whoIs(userData.id, userData.session_id);
    if (who && !((this.#feed === undefined || isSamePerson(who, this.#feed.who)) && (await this.#identify(who)))) {
      return this.#connection.close('notAuthorised');
    }
    if (this.#isClosed) return;
    this.#signedIn = { userId: userData.id, watchlist: userData.watchlist ?? [] };
    this.#connection.send(encodeFrame('pusher:signin_success', JSON.stringify({ user_data: text })));
    await this.#needs.hub.signIn(this, this.#signedIn.userId, this.#signedIn.watchlist);
  }

  #clientEvent({ event, channel, data }: ClientFrame): Promise<void> | undefined {
    if (typeof channel !== 'string') return this.#failed('Name the channel of the event');
    if (event.length > PUSHER_LIMITS.eventNameLength) return this.#failed('The name of the event is too long');
    const subscription = this.#subscriptions.get(channel);
    const { access, isEncrypted } = channelKind(channel);
    if (!subscription || subscription.held || access === 'public' || isEncrypted) {
      return this.#failed('Client events are for private and presence channels that this connection has joined');
    }
    const bytes = sizeOf(data);
    if (bytes === null || bytes > PUSHER_LIMITS.eventBytes) return this.#failed(`The data of an event is at most ${PUSHER_LIMITS.eventBytes} bytes`, 413);
    if (this.#needs.isRateLimited && !this.#clientEvents.take(this.#needs.now())) return this.#failed(`At most ${PUSHER_LIMITS.clientEventsPerSecond} client events a second`, 4301);
    if (!subscription.own) {
      this.#needs.hub.relay(this, event, channel, data, subscription.memberId);
      return undefined;
    }
    return this.#ownClientEvent(event, channel, data, subscription.own);
  }

  /** Of the messenger's own channels one event can be triggered: typing, which becomes the signal that every client gets. */
  #ownClientEvent(event: string, channel: string, data: unknown, own: OwnChannel): Promise<void> | undefined {
    const feed = this.#feed;
    if (event !== 'client-typing' || own.type !== 'private-chat' || !feed) return this.#failed('This channel takes client-typing only');
    const isTyping = !(typeof data === 'object' && data !== null && 'isTyping' in data && data.isTyping === false);
    return this.#needs.setTyping(feed.who.userId, own.conversationId, isTyping).then((isTold) => {
      if (isTold && !this.#isClosed) this.#needs.hub.relay(this, event, channel, data, undefined);
    });
  }

  #leave(channel: string): void {
    const subscription = this.#subscriptions.get(channel);
    if (!subscription) return;
    this.#subscriptions.delete(channel);
    if (subscription.own) this.#feed?.left(subscription.own);
    this.#needs.hub.leave(this, channel).catch(this.onError);
  }

  #refused(channel: string, reason: string, status: number): undefined {
    this.#connection.send(encodeSubscriptionError(channel, reason, status));
    return undefined;
  }

  #failed(reason: string, code: number | null = null): undefined {
    this.#fail(reason, code);
    return undefined;
  }

  #fail(reason: string, code: number | null = null): void {
    this.#connection.send(encodeError(reason, code));
  }
}

function memberOf(channel: string, claims: { user_id: string; user_info?: unknown } | undefined): ChannelMember | null {
  return claims && channelKind(channel).access === 'presence' ? { userId: claims.user_id, userInfo: claims.user_info } : null;
}

/** Of the time in which clients are asked back: the rest is for the closing handshakes. */
const DRAIN_SHARE = 0.6;
