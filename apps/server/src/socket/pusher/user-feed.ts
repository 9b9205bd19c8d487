import type { ConversationId, Event, Presence, UserId } from '@couplet/protocol';
import type { Delivery, Signal } from '../../fanout/fanout.ts';
import { type OwnChannel, ownChannelName } from './channel-name.ts';
import { encodeFrame } from './frames.ts';
import { PUSHER_LIMITS } from './limits.ts';
import type { OwnChannelNeeds, ReceiptEvent, Who } from './own-channels.ts';

/** The connection that a feed feeds. */
export interface FeedOutlet {
  readonly socketId: string;
  isJoined(channel: string): boolean;
  /** A frame for a channel it joined. */
  deliver(channel: string, frame: string): void;
  /** The user's session was ended. */
  revoked(): void;
  /** From now on neither of the two sees the other's presence. */
  severed(peerId: UserId): void;
  /** It cannot keep up. */
  overwhelmed(): void;
  onError(error: unknown): void;
}

/**
 * What the fan-out brings to one user of the messenger, as events of the
 * channels that one connection joined. The same deliveries that the native
 * protocol sends: here they are only written differently.
 */
export class UserFeed {
  readonly who: Who;
  readonly #needs: OwnChannelNeeds;
  readonly #outlet: FeedOutlet;
  readonly #followed = new Set<UserId>();
  readonly #told = new Map<UserId, Presence>();
  readonly #shown = new Set<UserId>();
  #unsubscribe: (() => void) | undefined;
  #isClosed = false;
  #isFollowing = false;
  #followAgain = false;
  /** What waits for a look-up, in order; undefined while nothing does. */
  #tail: Promise<void> | undefined;
  #waiting = 0;

  private constructor(needs: OwnChannelNeeds, who: Who, outlet: FeedOutlet) {
    this.#needs = needs;
    this.who = who;
    this.#outlet = outlet;
  }

  /** Null when the session was ended or the user has too many sockets. */
  static async open(needs: OwnChannelNeeds, who: Who, outlet: FeedOutlet): Promise<UserFeed | null> {
    const feed = new UserFeed(needs, who, outlet);
    // Subscribed before the look-up: a session that ends in between is then heard of.
    const unsubscribe = await needs.fanout.subscribe(who.userId, feed.#receive);
    let isOpen = false;
    try {
      isOpen = (await needs.stands(who)) && needs.arrived(who.userId);
    } finally {
      if (!isOpen) unsubscribe();
    }
    feed.#unsubscribe = unsubscribe;
    return isOpen ? feed : null;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#unsubscribe?.();
    this.#needs.unwatch(this.#outlet.socketId);
    this.#needs.departed(this.who.userId);
  }

  /** The connection has joined it. */
  joined(channel: OwnChannel): void {
    if (channel.type === 'private-user') this.#told.clear();
    else if (channel.type === 'presence-user') this.#followed.add(channel.userId);
    else return;
    this.#follow();
  }

  left(channel: OwnChannel): void {
    if (channel.type !== 'presence-user') return;
    this.#followed.delete(channel.userId);
    this.#shown.delete(channel.userId);
  }

  /** Whether the person whose presence channel is about to be joined is online; changes from now on are told. */
  async isShown(userId: UserId): Promise<boolean> {
    const isOnline = userId !== this.who.userId && (await this.#needs.presenceOf(this.who.userId, userId)).status === 'online';
    if (isOnline) this.#shown.add(userId);
    return isOnline;
  }

  readonly #receive = ({ payload }: Delivery): void => {
    if (this.#isClosed) return;
    switch (payload.type) {
      case 'session.revoked':
        if (payload.sessionId === this.who.sessionId) this.#outlet.revoked();
        return;
      case 'peer.severed':
        this.#outlet.severed(payload.peerId);
        return;
      case 'presence.update': {
        const { userId, status, lastSeenAt } = payload;
        this.#onPresence({ userId, status, lastSeenAt });
        return;
      }
      case 'chat.typing':
        this.#toChat(payload.conversationId, () => encoded(payload, 'chat', () => typingFrame(payload)));
        this.#toUser(payload, 'typing');
        return;
      case 'conversation.updated': {
        const { peer } = payload.conversation;
        this.#toUser(payload, 'event');
        if ((this.#told.get(peer.id)?.status ?? 'unknown') === 'unknown') this.#follow();
        return;
      }
      case 'chat.message.new':
      case 'chat.message.updated':
        this.#toUser(payload, 'event');
        this.#toChat(payload.message.conversationId, () => encoded(payload, 'chat', () => this.#messageFrame(payload)));
        return;
      case 'chat.message.delivered':
      case 'chat.message.read':
        this.#toUser(payload, 'event');
        this.#receiptToChat(payload);
        return;
    }
  };

  /** One encoding for all of the user's connections. */
  #toUser(payload: Event | Signal, event: 'event' | 'typing'): void {
    const channel = ownChannelName({ type: 'private-user', userId: this.who.userId });
    if (!this.#outlet.isJoined(channel)) return;
    this.#outlet.deliver(
      channel,
      encoded(payload, 'user', () => encodeFrame(event, JSON.stringify(payload), channel)),
    );
  }

  #toChat(conversationId: ConversationId, frame: () => string): void {
    const channel = ownChannelName({ type: 'private-chat', conversationId });
    if (!this.#outlet.isJoined(channel)) return;
    if (!this.#tail) return this.#outlet.deliver(channel, frame());
    this.#later(async () => this.#outlet.deliver(channel, frame()));
  }

  #messageFrame(event: Extract<Event, { type: 'chat.message.new' | 'chat.message.updated' }>): string {
    const message = this.#needs.chatMessage(event.message, this.who.userId);
    const channel = ownChannelName({ type: 'private-chat', conversationId: event.message.conversationId });
    return encodeFrame(event.type === 'chat.message.new' ? 'message_created' : 'message_updated', JSON.stringify({ message }), channel);
  }

  /** A receipt changes every message it covers: each is told as updated, looked up once for all of the user's connections. */
  #receiptToChat(receipt: ReceiptEvent): void {
    const channel = ownChannelName({ type: 'private-chat', conversationId: receipt.conversationId });
    if (!this.#outlet.isJoined(channel)) return;
    this.#later(async () => {
      for (const frame of await this.#coveredFrames(receipt, channel)) this.#outlet.deliver(channel, frame);
    });
  }

  #coveredFrames(receipt: ReceiptEvent, channel: string): Promise<string[]> {
    let frames = COVERED.get(receipt);
    if (!frames) {
      frames = this.#needs
        .coveredMessages(receipt, this.who.userId)
        .then((messages) => messages.map((message) => encodeFrame('message_updated', JSON.stringify({ message }), channel)));
      COVERED.set(receipt, frames);
    }
    return frames;
  }

  #later(work: () => Promise<void>): void {
    if (this.#waiting >= PUSHER_LIMITS.waitingDeliveries) return this.#outlet.overwhelmed();
    this.#waiting += 1;
    const tail = (this.#tail ?? Promise.resolve())
      .then(() => (this.#isClosed ? undefined : work()))
      .catch((error: unknown) => this.#outlet.onError(error))
      .finally(() => {
        this.#waiting -= 1;
        if (this.#tail === tail) this.#tail = undefined;
      });
    this.#tail = tail;
  }

  /** Follows whom the joined channels show. One look-up at a time; a change meanwhile is followed by another. */
  #follow(): void {
    this.#followAgain = true;
    if (this.#isFollowing) return;
    this.#isFollowing = true;
    void this.#followUntilSettled()
      .catch((error: unknown) => this.#outlet.onError(error))
      .finally(() => {
        this.#isFollowing = false;
      });
  }

  async #followUntilSettled(): Promise<void> {
    while (this.#followAgain && !this.#isClosed) {
      this.#followAgain = false;
      const { userId } = this.who;
      const peers = this.#outlet.isJoined(ownChannelName({ type: 'private-user', userId })) ? await this.#needs.peersOf(userId) : [];
      const watched = [...new Set([...peers, ...this.#followed])].filter((id) => id !== userId);
      await this.#needs.watchPresence(userId, this.#outlet.socketId, watched, (presence) => this.#onPresence(presence));
    }
    // Closed while the database was asked: what was registered last must not stay.
    if (this.#isClosed) this.#needs.unwatch(this.#outlet.socketId);
  }

  #onPresence(presence: Presence): void {
    if (this.#isClosed) return;
    const { userId } = presence;
    const own = ownChannelName({ type: 'private-user', userId: this.who.userId });
    const before = this.#told.get(userId);
    if (this.#outlet.isJoined(own) && (before?.status !== presence.status || before.lastSeenAt !== presence.lastSeenAt)) {
      this.#told.set(userId, presence);
      this.#outlet.deliver(own, encodeFrame('presence', JSON.stringify(presence), own));
    }
    const theirs = ownChannelName({ type: 'presence-user', userId });
    if (!this.#outlet.isJoined(theirs)) return;
    if (presence.status === 'online' && !this.#shown.has(userId)) {
      this.#shown.add(userId);
      this.#outlet.deliver(theirs, encodeFrame('pusher_internal:member_added', JSON.stringify({ user_id: userId, user_info: {} }), theirs));
    } else if (presence.status !== 'online' && this.#shown.delete(userId)) {
      this.#outlet.deliver(theirs, encodeFrame('pusher_internal:member_removed', JSON.stringify({ user_id: userId }), theirs));
    }
  }
}

function typingFrame(signal: Extract<Signal, { type: 'chat.typing' }>): string {
  const { userId, isTyping, conversationId } = signal;
  return encodeFrame('typing', JSON.stringify({ userId, isTyping }), ownChannelName({ type: 'private-chat', conversationId }));
}

/** Frames by delivery: the connections of one user get the same object, and the text made for the first of them. */
const FRAMES = { user: new WeakMap<object, string>(), chat: new WeakMap<object, string>() };
const COVERED = new WeakMap<object, Promise<string[]>>();

function encoded(payload: Event | Signal, kind: 'user' | 'chat', encode: () => string): string {
  let frame = FRAMES[kind].get(payload);
  if (frame === undefined) {
    frame = encode();
    FRAMES[kind].set(payload, frame);
  }
  return frame;
}
