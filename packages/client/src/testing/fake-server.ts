import {
  type ClientMsgId,
  type ConversationSettings,
  CoupletError,
  type DownFrame,
  ENDPOINTS,
  type Endpoint,
  type EndpointName,
  ERROR_CODES,
  type Event,
  type MessageId,
  type SessionId,
  type SignedIn,
  type UpFrame,
  type UserId,
  type Viewer,
} from '@couplet/protocol';
import type { ClockPort, HttpPort, HttpRequest, HttpResponse, RandomPort } from '../ports/ports.ts';
import { FakeWorld } from './fake-world.ts';

/**
 * A server in memory that speaks REST; `fakeSockets` and `fakePusher` speak the
 * native protocol and Pusher for it.
 *
 *   const server = new FakeServer(clock, random);
 *   const ana = server.addUser('Ana');             // login: 'ana', any password
 *   createMessenger({ http: server.http, socket: fakeSockets(server), … })
 *   server.world.send(bo.id, …)                    // something happens
 *   server.filterDown = (frame) => …               // lose what goes down: false drops it
 *   server.filterUp = (frame) => …                 // lose what comes up, before it has an effect
 *   server.isReachable = false                     // no REST answers
 *   server.answersNever = (name) => …              // to a REST call that had its effect
 *   server.losesAnswer = (name) => …               // of a REST call that had its effect
 *   server.refuseCall = (name) => …                // throws to refuse a REST call
 *   server.closeAll(4503)                          // every socket ends
 *   server.hostedAt = 'http://hosted.test'         // Pusher events come from there
 */
export class FakeServer {
  readonly world: FakeWorld;
  readonly requests: { name: EndpointName; body: unknown }[] = [];
  readonly frames: UpFrame[] = [];
  readonly clientEvents: { channel: string; event: string; data: unknown }[] = [];
  isReachable = true;
  hostedAt: string | null = null;
  accessLifeMs = 15 * 60_000;
  conversationsInSnapshot = Number.MAX_SAFE_INTEGER;
  /** How many of the newest messages of each. */
  messagesInSnapshot = Number.MAX_SAFE_INTEGER;
  filterDown: (frame: DownFrame) => boolean = () => true;
  filterUp: (frame: UpFrame) => boolean = () => true;
  losesAnswer: (name: EndpointName) => boolean = () => false;
  answersNever: (name: EndpointName) => boolean = () => false;
  refuseCall: (name: EndpointName) => void = () => undefined;
  /** Throws to refuse a frame. */
  refuse: (frame: UpFrame) => void = () => undefined;
  readonly #clock: ClockPort;
  readonly #connections = new Set<FakePeer>();
  readonly #accessTokens = new Map<string, { userId: UserId; expiresAt: number; sessionId: SessionId }>();
  readonly #refreshTokens = new Map<string, { userId: UserId; sessionId: SessionId; replacedBy: SignedIn | null; replacedAt: number }>();
  readonly #revoked = new Set<SessionId>();

  constructor(clock: ClockPort, random: RandomPort) {
    this.#clock = clock;
    this.world = new FakeWorld(clock, random);
    this.world.onEvent = (userId, event, by) => this.#fanOut(userId, event, by);
  }

  readonly http: HttpPort = {
    request: async (request) => {
      const answer = this.#answer(request);
      if (!this.answersNever(this.requests.at(-1)?.name ?? 'logout')) return answer;
      return new Promise((_, reject) => request.signal?.subscribe(() => reject(new Error('cancelled'))));
    },
  };

  addUser(name: string): Viewer {
    return this.world.addUser(name);
  }

  /** Answers the function that takes it out again. */
  attach(peer: FakePeer): () => void {
    this.#connections.add(peer);
    return () => void this.#connections.delete(peer);
  }

  /** An access token without a sign-in. */
  issueToken(userId: UserId): string {
    return this.#open(userId).accessToken;
  }

  closeAll(code: number): void {
    for (const connection of [...this.#connections]) connection.closeByServer(code);
  }

  /** To every connection of this user. */
  broadcast(userId: UserId, frame: DownFrame): void {
    for (const connection of this.#connections) if (connection.userId === userId) connection.write(frame);
  }

  revoke(sessionId: SessionId): void {
    this.#revoked.add(sessionId);
  }

  expireAccessTokens(): void {
    this.#accessTokens.clear();
  }

  /** @throws CoupletError `not_authenticated` or `session_revoked` */
  authenticate(token: string | undefined): UserId {
    const found = this.#accessTokens.get(token ?? '');
    if (!found || found.expiresAt <= this.#clock.now()) throw new CoupletError('not_authenticated');
    if (this.#revoked.has(found.sessionId)) throw new CoupletError('session_revoked');
    return found.userId;
  }

  /** The connection whose send is being carried out: it gets the ack instead of the event. */
  sending: FakePeer | null = null;

  #fanOut(userId: UserId, event: Event, by: UserId): void {
    const { type, ...data } = event;
    for (const connection of this.#connections) {
      if (connection.userId !== userId) continue;
      if (connection === this.sending && type === 'chat.message.new' && by === userId) continue;
      connection.write({ type, id: this.world.newId(), ts: this.#clock.now(), data } as DownFrame);
    }
  }

  #answer(request: HttpRequest): HttpResponse {
    if (!this.isReachable) throw new Error('unreachable');
    const [path = '', query = ''] = request.url.replace(/^https?:\/\/[^/]+/, '').split('?');
    const found = findEndpoint(request.method, path);
    const reply = (status: number, body: unknown, retryAfterMs?: number): HttpResponse => ({
      status,
      headers: { date: new Date(this.#clock.now()).toUTCString(), ...(retryAfterMs === undefined ? {} : { 'retry-after': String(retryAfterMs / 1_000) }) },
      body: body === null ? '' : JSON.stringify(body),
    });
    try {
      if (!found) throw new CoupletError('not_found');
      const body: unknown = request.body === undefined ? undefined : JSON.parse(request.body);
      this.requests.push({ name: found.name, body });
      const viewer = ENDPOINTS[found.name].auth === 'open' ? null : this.authenticate(request.headers.authorization?.slice('Bearer '.length));
      this.refuseCall(found.name);
      const answer = this.#call(found.name, viewer, found.params, parseQuery(query), body ?? {});
      if (this.losesAnswer(found.name)) throw new Error('cut');
      return reply(Number(Object.keys(ENDPOINTS[found.name].responses)[0]), answer);
    } catch (error) {
      if (!(error instanceof CoupletError)) throw error;
      const { status, title } = ERROR_CODES[error.code];
      return reply(status, { type: 'about:blank', title, status, code: error.code, retryable: error.retryable }, error.retryAfterMs);
    }
  }

  #call(name: EndpointName, viewer: UserId | null, params: Record<string, string>, query: Record<string, string>, body: FakeBody): unknown {
    const { world } = this;
    if (name === 'login') return this.#login(body);
    if (name === 'getConfig') {
      return { serverVersion: '1', protocolVersion: 1, oldestServedProtocolVersion: 1, registrationOpen: true, pusher: { key: 'key', ...(this.hostedAt !== null && { url: this.hostedAt }) } };
    }
    if (name === 'register') return this.#open(world.addUser(body.name ?? '').id);
    if (name === 'refresh') return this.#refresh(body.refreshToken);
    if (viewer === null) throw new CoupletError('not_found');
    const id = params.id as never;
    switch (name) {
      case 'logout':
        return null;
      case 'getSnapshot':
        return world.snapshot(viewer, { conversations: this.conversationsInSnapshot, messagesOfEach: this.messagesInSnapshot });
      case 'getConversation':
        return world.conversation(viewer, id);
      case 'createConversation':
        return world.conversation(viewer, world.openConversation(viewer, body.userId ?? viewer));
      case 'updateConversation':
        return world.changeSettings(viewer, id, body);
      case 'listConversations': {
        const from = Number(query.cursor ?? 0);
        const all = world.conversations(viewer);
        const to = from + Number(query.limit ?? 100);
        return { items: all.slice(from, to), nextCursor: to < all.length ? String(to) : null };
      }
      case 'listMessages': {
        const below = world.messages(viewer, id).filter(({ seq }) => seq < Number(query.before ?? Number.MAX_SAFE_INTEGER));
        return { items: below.slice(-Number(query.limit ?? 50)).reverse(), nextCursor: null, prevCursor: null };
      }
      case 'sendMessage': {
        const { clientMsgId, text = '', replyToId } = body;
        if (clientMsgId === undefined) throw new CoupletError('validation_failed');
        const { seq } = world.send(viewer, { conversationId: id, clientMsgId, text, replyToId });
        return world.messages(viewer, id)[seq - 1];
      }
      case 'markRead':
      case 'markDelivered':
        world.advance(viewer, name === 'markRead' ? 'read' : 'delivered', id, body.seq ?? 0);
        return null;
      case 'getSync':
        if (query.epoch !== undefined && query.epoch !== world.epoch) throw new CoupletError('too_old');
        return world.sync(viewer, Number(query.since), Number(query.limit ?? 500));
      case 'getLogEnd':
        return { epoch: world.epoch, position: world.position(viewer) };
      case 'sendHeartbeat': {
        const presences = [...world.viewers.keys()].filter((userId) => userId !== viewer).map((userId) => ({ userId, status: 'online', lastSeenAt: null }));
        return { epoch: world.epoch, position: world.position(viewer), presences };
      }
      case 'pusherUserAuth':
        return { auth: `key:${body.socket_id ?? ''}`, user_data: JSON.stringify({ id: viewer }) };
      case 'pusherAuth':
        if (body.channel_name !== `private-user-${viewer}` && !world.isMember(viewer, body.channel_name ?? '')) throw new CoupletError('forbidden');
        return { auth: `key:${body.socket_id ?? ''}:${body.channel_name ?? ''}`, channel_data: '' };
      case 'editMessage':
        return world.edit(viewer, id, body.text ?? '');
      case 'deleteMessage':
        world.delete(viewer, id);
        return null;
      case 'addReaction':
        return world.react(viewer, id, params.emoji ?? '');
      case 'removeReaction':
        return world.react(viewer, id, null);
      default:
        throw new CoupletError('not_found', `The fake server has no ${name}.`);
    }
  }

  #login({ login }: FakeBody): SignedIn {
    const viewer = [...this.world.viewers.values()].find(({ username }) => username === login);
    if (!viewer) throw new CoupletError('wrong_credentials');
    return this.#open(viewer.id);
  }

  #open(userId: UserId): SignedIn {
    return this.#issue(userId, this.world.newId() as SessionId);
  }

  #issue(userId: UserId, sessionId: SessionId): SignedIn {
    const user = this.world.viewers.get(userId);
    if (!user) throw new CoupletError('not_found');
    const expiresAt = this.#clock.now() + this.accessLifeMs;
    const signedIn: SignedIn = {
      user,
      accessToken: `access-${this.world.newId()}`,
      accessTokenExpiresAt: new Date(expiresAt).toISOString(),
      refreshToken: `refresh-${this.world.newId()}`,
      sessionId,
    };
    this.#accessTokens.set(signedIn.accessToken, { userId, expiresAt, sessionId });
    this.#refreshTokens.set(signedIn.refreshToken, { userId, sessionId, replacedBy: null, replacedAt: 0 });
    return signedIn;
  }

  #refresh(refreshToken: string | undefined): SignedIn {
    const held = this.#refreshTokens.get(refreshToken ?? '');
    if (!held || this.#revoked.has(held.sessionId)) throw new CoupletError('session_revoked');
    if (held.replacedBy !== null) {
      if (this.#clock.now() - held.replacedAt <= REFRESH_GRACE_MS) return held.replacedBy;
      this.revoke(held.sessionId);
      throw new CoupletError('session_revoked');
    }
    held.replacedBy = this.#issue(held.userId, held.sessionId);
    held.replacedAt = this.#clock.now();
    return held.replacedBy;
  }
}

/** The fields of request bodies that the fake reads. */
interface FakeBody extends ConversationSettings {
  name?: string;
  login?: string;
  refreshToken?: string;
  userId?: UserId;
  text?: string;
  clientMsgId?: ClientMsgId;
  replyToId?: MessageId;
  seq?: number;
  socket_id?: string;
  channel_name?: string;
}

/** One connection, of whichever protocol. */
export interface FakePeer {
  readonly userId: UserId | null;
  write(frame: DownFrame): void;
  closeByServer(code: number): void;
}

function findEndpoint(method: string, path: string): { name: EndpointName; params: Record<string, string> } | null {
  for (const [name, endpoint] of Object.entries(ENDPOINTS) as [EndpointName, Endpoint][]) {
    if (endpoint.method !== method) continue;
    const names = [...endpoint.path.matchAll(/:(\w+)/g)].map(([, param]) => param ?? '');
    const match = new RegExp(`^${endpoint.path.replace(/:\w+/g, '([^/]+)')}$`).exec(path);
    if (match) return { name, params: Object.fromEntries(names.map((param, index) => [param, decodeURIComponent(match[index + 1] ?? '')])) };
  }
  return null;
}

function parseQuery(query: string): Record<string, string> {
  return Object.fromEntries(
    query
      .split('&')
      .filter((part) => part !== '')
      .map((part) => part.split('=').map(decodeURIComponent) as [string, string]),
  );
}

const REFRESH_GRACE_MS = 30_000;
