import {
  type ConversationId,
  CoupletError,
  type EndpointAnswer,
  type ENDPOINTS,
  type Epoch,
  eventReferenceSchema,
  eventSchema,
  type Presence,
  presenceSchema,
  type ReconnectAdvice,
  type SyncPage,
  typingSchema,
  type UserId,
} from '@couplet/protocol';
import type { ClockPort, RandomPort } from '../ports/ports.ts';
import type { ApiClient } from '../session/api-client.ts';
import { Heartbeat } from './heartbeat.ts';
import type { PusherLink, PusherPort } from './pusher-port.ts';
import type { OutgoingMessage, SentMessage, Transport, TransportConnection, TransportListener, WatermarkKind } from './transport.ts';

export interface PusherTransportOptions {
  pusher: PusherPort;
  api: ApiClient;
  clock: ClockPort;
  random: RandomPort;
  /** e.g. `http://127.0.0.1:4000` */
  serverUrl: string;
  viewerId(): UserId;
}

/**
 * Live events over the Pusher protocol, requests over REST: for networks and
 * services that speak it. One channel, `private-user-{me}`, carries everything;
 * the channel of a conversation is joined only to tell that the viewer types there.
 */
export function createPusherTransport(options: PusherTransportOptions): Transport {
  return { connect: (_credentials, listener) => new PusherConnection(options, listener) };
}

class PusherConnection implements TransportConnection {
  readonly #options: PusherTransportOptions;
  readonly #listener: TransportListener;
  readonly #cancelOpenTimer: () => void;
  /** Rejects what waits for an answer when the connection ends. */
  readonly #waiting = new Set<(error: CoupletError) => void>();
  readonly #presences = new Map<UserId, Presence>();
  #status: 'opening' | 'open' | 'closed' = 'opening';
  #link: PusherLink | null = null;
  /** Events come from an app at a hosted service, not from the server. */
  #isHosted = false;
  #heartbeat: Heartbeat | null = null;
  /** What came between the subscription and the end of the log that was read after it. */
  #early: (() => void)[] = [];
  #watched: ReadonlySet<UserId> = new Set();
  #typing: TypingChannels | null = null;

  constructor(options: PusherTransportOptions, listener: TransportListener) {
    this.#options = options;
    this.#listener = listener;
    this.#cancelOpenTimer = options.clock.schedule(OPEN_TIMEOUT_MS, () => this.#end('backoff', 'The server did not answer in time.'));
    void this.#open();
  }

  async send({ conversationId, ...body }: OutgoingMessage): Promise<SentMessage> {
    const message = await this.#answer(this.#options.api.call('sendMessage', { params: { id: conversationId }, body }));
    return {
      clientMsgId: body.clientMsgId,
      messageId: message.id,
      conversationId: message.conversationId,
      seq: message.seq,
      createdAt: message.createdAt,
      message,
    };
  }

  sync({ epoch, since, limit }: { epoch: Epoch; since: number; limit: number }): Promise<SyncPage> {
    return this.#answer(this.#options.api.call('getSync', { query: { epoch, since: String(since), limit: String(limit) } }));
  }

  async advance(watermark: WatermarkKind, conversationId: ConversationId, seq: number): Promise<void> {
    const endpoint = watermark === 'read' ? 'markRead' : 'markDelivered';
    await this.#answer(this.#options.api.call(endpoint, { params: { id: conversationId }, body: { seq } }));
  }

  /** The server tells of everybody the viewer talks with; here is chosen who is shown. */
  watchPresence(userIds: readonly UserId[]): Promise<void> {
    if (this.#status !== 'open') return Promise.reject(lost());
    this.#watched = new Set(userIds);
    for (const userId of userIds) {
      const presence = this.#presences.get(userId);
      if (presence !== undefined) this.#listener.signalArrived({ type: 'presence', presence });
    }
    return Promise.resolve();
  }

  /** A subscription outlives the token it was signed with: the server ends it with the session. */
  renew(): Promise<void> {
    return Promise.resolve();
  }

  signalTyping(conversationId: ConversationId, isTyping: boolean): void {
    this.#typing?.tell(conversationId, isTyping);
  }

  /** The server learns nothing from it over this protocol. */
  setActive(): void {}

  probe(): void {
    this.#heartbeat?.beat();
  }

  close(): void {
    this.#shut(lost('The connection was closed.'));
  }

  async #open(): Promise<void> {
    const { api, pusher, serverUrl } = this.#options;
    try {
      const { pusher: app } = await this.#answer(api.call('getConfig'));
      if (this.#isClosed()) return;
      this.#isHosted = app.cluster !== undefined || app.url !== undefined;
      this.#link = pusher.open(
        {
          key: app.key,
          ...(app.cluster === undefined ? {} : { cluster: app.cluster }),
          url: app.url ?? serverUrl,
          authorize: (socketId, channel) => api.call('pusherAuth', { body: { socket_id: socketId, channel_name: channel } }),
          ...(this.#isHosted && { signIn: (socketId: string) => api.call('pusherUserAuth', { body: { socket_id: socketId } }) }),
        },
        {
          connected: (socketId) => this.#join(socketId),
          lost: (reason) => this.#end('backoff', reason),
        },
      );
    } catch (error) {
      this.#fail(error);
    }
  }

  #join(socketId: string): void {
    const { viewerId } = this.#options;
    this.#link?.join(`private-user-${viewerId()}`, {
      joined: () => void this.#joined(socketId),
      // A token that was refused for good shows in the next request, with the right advice.
      refused: (reason) => void this.#learnWhyRefused(reason),
      events: {
        event: (data) => this.#receiveEvent(data),
        presence: (data) => this.#receive('presence', presenceSchema.safeParse(data), (presence) => this.#receivePresence(presence)),
        typing: (data) =>
          this.#receive('typing', typingSchema.safeParse(data), (typing) => this.#listener.signalArrived({ type: 'typing', ...typing })),
      },
    });
  }

  /** From here on every event reaches this connection; only now the end of the log is worth asking for. */
  async #joined(connectionId: string): Promise<void> {
    const { clock, random } = this.#options;
    try {
      const { epoch, position, presences = [] } = await this.#askForEnd(connectionId);
      if (this.#status !== 'opening') return;
      this.#status = 'open';
      this.#cancelOpenTimer();
      if (this.#link !== null) this.#typing = new TypingChannels(this.#link, clock);
      this.#heartbeat = new Heartbeat({
        clock,
        random,
        intervalMs: HEARTBEAT_MS,
        ping: async () => {
          const end = await this.#askForEnd(connectionId);
          if (end.epoch === epoch && this.#status === 'open') this.#listener.logReaches(end.position);
        },
        missed: () => this.#end('backoff', 'The server stopped answering.'),
      });
      this.#listener.opened({ connectionId, epoch, position });
      // Before what came meanwhile, which is newer.
      for (const presence of presences) this.#receivePresence(presence);
      for (const tell of this.#early.splice(0)) tell();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The server does not see a connection to a hosted app: there the question says besides that the viewer is there. */
  #askForEnd(connectionId: string): Promise<EndpointAnswer<(typeof ENDPOINTS)['sendHeartbeat']>> {
    const { api } = this.#options;
    return this.#answer(this.#isHosted ? api.call('sendHeartbeat', { body: { connectionId } }) : api.call('getLogEnd'));
  }

  async #learnWhyRefused(reason: string): Promise<void> {
    try {
      await this.#answer(this.#options.api.call('getLogEnd'));
      this.#end('backoff', `The channel was refused: ${reason}`);
    } catch (error) {
      this.#fail(error);
    }
  }

  #receive<Value>(name: string, parsed: { success: true; data: Value } | { success: false }, tell: (value: Value) => void): void {
    if (this.#isClosed()) return;
    if (!parsed.success) return this.#listener.frameIgnored(`malformed ${name}`);
    if (this.#status === 'open') tell(parsed.data);
    // What is dropped shows as a gap in the log.
    else if (this.#early.length < MAX_EARLY) this.#early.push(() => tell(parsed.data));
  }

  /** A hosted service carries 10 kB an event: of a larger one comes its place in the log alone, and it is fetched. */
  #receiveEvent(data: unknown): void {
    const reference = eventReferenceSchema.safeParse(data);
    if (reference.success) this.#receive('event', reference, ({ position }) => this.#listener.logReaches(position));
    else this.#receive('event', eventSchema.safeParse(data), (event) => this.#listener.eventArrived(event));
  }

  #receivePresence(presence: Presence): void {
    this.#presences.set(presence.userId, presence);
    if (this.#watched.has(presence.userId)) this.#listener.signalArrived({ type: 'presence', presence });
  }

  /** The answer, or `unavailable` as soon as the connection has ended: nobody waits for a dead one. */
  #answer<Answer>(call: Promise<Answer>): Promise<Answer> {
    if (this.#isClosed()) {
      call.catch(() => undefined);
      return Promise.reject(lost());
    }
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      call.then(resolve, reject).finally(() => this.#waiting.delete(reject));
    });
  }

  #fail(error: unknown): void {
    const known = error instanceof CoupletError ? error : null;
    const isRefused = known?.code === 'not_authenticated' || known?.code === 'session_revoked';
    this.#end(isRefused ? 'reauthenticate' : 'backoff', known?.message ?? String(error), known?.retryAfterMs);
  }

  #end(advice: ReconnectAdvice, reason: string, retryAfterMs?: number): void {
    if (this.#isClosed()) return;
    this.#shut(lost(reason));
    this.#listener.closed({ advice, reason, retryAfterMs });
  }

  #shut(error: CoupletError): void {
    if (this.#isClosed()) return;
    this.#status = 'closed';
    this.#cancelOpenTimer();
    this.#heartbeat?.close();
    this.#typing?.close();
    this.#link?.close();
    for (const reject of [...this.#waiting]) reject(error);
  }

  #isClosed(): boolean {
    return this.#status === 'closed';
  }
}

/** The channels of the conversations in which the viewer types: a client event may only be sent in a channel that was joined. */
class TypingChannels {
  readonly #link: PusherLink;
  readonly #clock: ClockPort;
  /** Joined or joining, the one used last at the end. */
  readonly #channels = new Map<ConversationId, { isJoined: boolean; untold: { isTyping: boolean; at: number } | null }>();

  constructor(link: PusherLink, clock: ClockPort) {
    this.#link = link;
    this.#clock = clock;
  }

  tell(conversationId: ConversationId, isTyping: boolean): void {
    const channel = this.#channels.get(conversationId) ?? { isJoined: false, untold: null };
    const isNew = !this.#channels.delete(conversationId);
    this.#channels.set(conversationId, channel);
    if (channel.isJoined) return this.#trigger(conversationId, isTyping);
    channel.untold = { isTyping, at: this.#clock.now() };
    if (!isNew) return;
    this.#link.join(channelOf(conversationId), {
      joined: () => {
        channel.isJoined = true;
        const { untold } = channel;
        channel.untold = null;
        if (untold !== null && this.#clock.now() - untold.at < STILL_TYPING_MS) this.#trigger(conversationId, untold.isTyping);
      },
      refused: () => this.#leave(conversationId),
      events: {},
    });
    for (const oldest of this.#channels.keys()) {
      if (this.#channels.size <= TYPING_CHANNELS) break;
      this.#leave(oldest);
    }
  }

  close(): void {
    this.#channels.clear();
  }

  #leave(conversationId: ConversationId): void {
    this.#channels.delete(conversationId);
    this.#link.leave(channelOf(conversationId));
  }

  #trigger(conversationId: ConversationId, isTyping: boolean): void {
    this.#link.trigger(channelOf(conversationId), 'client-typing', { isTyping });
  }
}

function channelOf(conversationId: ConversationId): string {
  return `private-chat-${conversationId}`;
}

function lost(reason?: string): CoupletError {
  return new CoupletError('unavailable', reason === undefined ? 'The connection was lost.' : `The connection was lost. ${reason}`);
}

/** Configuration, socket, subscription and the end of the log: three round trips more than the native protocol. */
const OPEN_TIMEOUT_MS = 20_000;
/** As often as the native protocol pings: a lost last event and a server that is gone show within half a minute. */
const HEARTBEAT_MS = 20_000;
/** One round trip's worth, many times over. */
const MAX_EARLY = 1_000;
/** A person types in one conversation at a time; coming back to the one before costs nothing. */
const TYPING_CHANNELS = 4;
/** Joining took longer than the signal is worth. */
const STILL_TYPING_MS = 3_000;
