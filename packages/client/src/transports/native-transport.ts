import {
  CLOSE_CODES,
  type ConversationId,
  CoupletError,
  decodeDownFrame,
  type DownFrame,
  type DownFrameOf,
  downFrameSchema,
  encodeFrame,
  type Epoch,
  PROTOCOL_VERSION,
  type ReconnectAdvice,
  reconnectAdvice,
  type SendAck,
  type SyncPage,
  type UpFrame,
  type UpFrameOf,
  type UpFrameType,
  type UserId,
} from '@couplet/protocol';
import type { ClockPort, RandomPort, Socket, SocketPort } from '../ports/ports.ts';
import { salvage } from '../salvage.ts';
import { Heartbeat } from './heartbeat.ts';
import { type AnswerType, PendingRequests } from './pending-requests.ts';
import type {
  ConnectionLoss,
  OutgoingMessage,
  Transport,
  TransportConnection,
  TransportCredentials,
  TransportListener,
  WatermarkKind,
} from './transport.ts';

export interface NativeTransportOptions {
  socket: SocketPort;
  clock: ClockPort;
  random: RandomPort;
  /** e.g. `ws://127.0.0.1:4000/ws` */
  url: string;
  deviceId?: string;
}

/** The server's own WebSocket protocol. */
export function createNativeTransport(options: NativeTransportOptions): Transport {
  return { connect: (credentials, listener) => new NativeConnection(options, credentials, listener) };
}

class NativeConnection implements TransportConnection {
  readonly #options: NativeTransportOptions;
  readonly #listener: TransportListener;
  readonly #requests: PendingRequests;
  readonly #socket: Socket;
  #heartbeat: Heartbeat | null = null;
  #status: 'opening' | 'open' | 'closed' = 'opening';
  #isActive = true;
  readonly #cancelOpenTimer: () => void;

  constructor(options: NativeTransportOptions, credentials: TransportCredentials, listener: TransportListener) {
    this.#options = options;
    this.#listener = listener;
    this.#requests = new PendingRequests(options.clock);
    this.#cancelOpenTimer = options.clock.schedule(OPEN_TIMEOUT_MS, () => this.#end('backoff', 'The server did not answer in time.'));
    this.#socket = options.socket.open(options.url, {
      onOpen: () => this.#authenticate(credentials),
      onMessage: (text) => this.#receive(text),
      onClose: (code, reason) => this.#end(reconnectAdvice(code), sentenceOf(code, reason)),
    });
  }

  send(message: OutgoingMessage): Promise<SendAck> {
    return this.#request('chat.message.send', message, 'chat.message.ack');
  }

  sync(query: { epoch: Epoch; since: number; limit: number }): Promise<SyncPage> {
    return this.#request('chat.sync', query, 'chat.sync.result');
  }

  async advance(watermark: WatermarkKind, conversationId: ConversationId, seq: number): Promise<void> {
    await this.#request(watermark === 'read' ? 'chat.message.read' : 'chat.message.delivered', { conversationId, seq }, 'ok');
  }

  async watchPresence(userIds: readonly UserId[]): Promise<void> {
    await this.#request('presence.watch', { userIds: [...userIds] }, 'ok');
  }

  async renew(token: string): Promise<void> {
    await this.#request('auth.refresh', { token }, 'auth.ok');
  }

  signalTyping(conversationId: ConversationId, isTyping: boolean): void {
    if (this.#status === 'open') this.#write(this.#requests.nextId(), 'chat.typing', { conversationId, isTyping });
  }

  setActive(isActive: boolean): void {
    if (this.#isActive === isActive) return;
    this.#isActive = isActive;
    this.#heartbeat?.beat();
  }

  probe(): void {
    this.#heartbeat?.beat();
  }

  close(): void {
    this.#shut(new CoupletError('unavailable', 'The connection was closed.'));
  }

  #authenticate({ token, position }: TransportCredentials): void {
    const { deviceId } = this.#options;
    const device = deviceId === undefined ? {} : { deviceId: deviceId as NonNullable<UpFrameOf<'auth'>['data']['deviceId']> };
    this.#request('auth', { token, position, protocolVersion: PROTOCOL_VERSION, ...device }, 'auth.ok').catch((error: CoupletError) =>
      this.#end(adviceFor(error), error.message),
    );
  }

  #opened(opening: DownFrameOf<'auth.ok'>['data']): void {
    this.#status = 'open';
    this.#cancelOpenTimer();
    this.#heartbeat = new Heartbeat({
      clock: this.#options.clock,
      random: this.#options.random,
      intervalMs: opening.heartbeatMs,
      ping: async () => {
        const { position } = await this.#request('presence.ping', { active: this.#isActive }, 'presence.pong', PONG_TIMEOUT_MS);
        if (position !== undefined && this.#status === 'open') this.#listener.logReaches(position);
      },
      missed: () => this.#end('backoff', 'The server stopped answering.'),
    });
    const { connectionId, epoch, position } = opening;
    this.#listener.opened({ connectionId, epoch, position });
  }

  #request<Up extends UpFrameType, Answer extends AnswerType>(
    type: Up,
    data: UpFrameOf<Up>['data'],
    expects: Answer,
    timeoutMs = REQUEST_TIMEOUT_MS,
  ): Promise<DownFrameOf<Answer>['data']> {
    if (this.#status === 'closed') return Promise.reject(new CoupletError('unavailable', 'The connection was lost.'));
    const id = this.#requests.nextId();
    const answer = this.#requests.add(id, expects, timeoutMs);
    this.#write(id, type, data);
    return answer;
  }

  #write<Up extends UpFrameType>(id: string, type: Up, data: UpFrameOf<Up>['data']): void {
    try {
      this.#socket.send(encodeFrame({ type, id, ts: this.#options.clock.now(), data } as UpFrame));
    } catch (error) {
      // A socket that is closing throws in some hosts before it says that it closed.
      this.#end('backoff', `The socket refused a frame: ${String(error)}`);
    }
  }

  #receive(text: string): void {
    if (this.#status === 'closed') return;
    const decoded = decodeDownFrame(text);
    switch (decoded.status) {
      case 'ok':
        this.#dispatch(decoded.frame);
        return;
      case 'unknown':
        this.#listener.frameIgnored(`unknown frame ${decoded.type}`);
        return;
      case 'malformed':
        this.#listener.frameIgnored(`malformed frame: ${decoded.reason}`);
        return;
      case 'invalid':
        this.#receiveInvalid(text, `invalid ${decoded.type}: ${decoded.issues.map(({ path, message }) => `${path} ${message}`).join('; ')}`);
        return;
    }
  }

  /** A page of the log with one bad row is worth its other rows; any other answer is worth failing at once. */
  #receiveInvalid(text: string, reason: string): void {
    this.#listener.frameIgnored(reason);
    const value: unknown = JSON.parse(text);
    const { type, replyTo } = value as { type?: unknown; replyTo?: unknown };
    if (typeof replyTo !== 'string') return;
    const salvaged = type === 'chat.sync.result' ? salvage(downFrameSchema, value) : null;
    if (salvaged?.status === 'parsed') this.#dispatch(salvaged.value);
    else this.#requests.reject(replyTo, new CoupletError('internal', `The server's answer could not be read: ${reason}`));
  }

  #dispatch(frame: DownFrame): void {
    switch (frame.type) {
      case 'auth.ok':
        if (!this.#requests.answer(frame.replyTo, frame)) this.#listener.frameIgnored('late answer auth.ok');
        // At once, not when the request's promise gets its turn: events may
        // follow in the same network packet and need to find it open.
        else if (this.#status === 'opening') this.#opened(frame.data);
        return;
      case 'presence.pong':
      case 'chat.message.ack':
      case 'chat.sync.result':
      case 'ok':
        if (!this.#requests.answer(frame.replyTo, frame)) this.#listener.frameIgnored(`late answer ${frame.type}`);
        return;
      case 'error':
        if (frame.replyTo === undefined || !this.#requests.answer(frame.replyTo, frame)) {
          this.#listener.frameIgnored(`error ${frame.data.code}: ${frame.data.message}`);
        }
        return;
      case 'chat.message.new':
        return this.#listener.eventArrived({ type: frame.type, ...frame.data });
      case 'chat.message.updated':
        return this.#listener.eventArrived({ type: frame.type, ...frame.data });
      case 'chat.message.delivered':
        return this.#listener.eventArrived({ type: frame.type, ...frame.data });
      case 'chat.message.read':
        return this.#listener.eventArrived({ type: frame.type, ...frame.data });
      case 'conversation.updated':
        return this.#listener.eventArrived({ type: frame.type, ...frame.data });
      case 'chat.typing':
        return this.#listener.signalArrived({ type: 'typing', ...frame.data });
      case 'presence.update':
        return this.#listener.signalArrived({ type: 'presence', presence: frame.data });
      case 'auth.expiring':
        return this.#listener.tokenExpiring();
      case 'server.draining':
        return this.#listener.drainAnnounced(frame.data.reconnectInMs);
    }
  }

  /** The one way in which it ends by itself. A half-open socket may never say that it closed, so nobody waits for it. */
  #end(advice: ReconnectAdvice, reason: string): void {
    if (this.#status === 'closed') return;
    const loss: ConnectionLoss = { advice, reason };
    this.#shut(new CoupletError('unavailable', `The connection was lost. ${reason}`));
    this.#listener.closed(loss);
  }

  #shut(error: CoupletError): void {
    if (this.#status === 'closed') return;
    this.#status = 'closed';
    this.#cancelOpenTimer();
    this.#heartbeat?.close();
    try {
      this.#socket.close(NORMAL_CLOSURE);
    } catch {
      // Already closed, or closing: what was wanted.
    }
    this.#requests.rejectAll(error);
  }
}

function sentenceOf(code: number, reason: string): string {
  for (const entry of Object.values(CLOSE_CODES)) if (entry.code === code) return entry.sentence;
  return reason === '' ? `The socket closed with code ${code}.` : `The socket closed with code ${code}: ${reason}`;
}

function adviceFor(error: CoupletError): ReconnectAdvice {
  if (error.code === 'not_authenticated' || error.code === 'session_revoked') return 'reauthenticate';
  return error.code === 'protocol_outdated' ? 'never' : 'backoff';
}

/** From opening the socket to `auth.ok`; the server itself waits 10 s for `auth`. */
const OPEN_TIMEOUT_MS = 15_000;
/** A commit takes milliseconds; past this the answer is not coming, and a retry with the same id is safe. */
const REQUEST_TIMEOUT_MS = 10_000;
/** A pong costs the server nothing: 10 s of silence is a dead network, not a slow one. */
const PONG_TIMEOUT_MS = 10_000;
const NORMAL_CLOSURE = 1_000;
