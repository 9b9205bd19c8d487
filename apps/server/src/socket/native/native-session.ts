import {
  CoupletError,
  type CloseReason,
  type ConnectionId,
  decodeUpFrame,
  type DownFrame,
  encodeFrame,
  type Epoch,
  LIMITS,
  OLDEST_SERVED_PROTOCOL_VERSION,
  type SessionId,
  type UpFrame,
  type UpFrameOf,
  type UserId,
} from '@couplet/protocol';
import { NodeFullError } from '../../admission/gate.ts';
import type { Delivery, Fanout } from '../../fanout/fanout.ts';
import type { Connection, DialectSession } from '../connection.ts';
import { SOCKET_LIMITS } from '../limits.ts';
import { encodeDelivery } from './encode-delivery.ts';
import { nextFrameId } from './frame-id.ts';
import type { FrameAnswer, FrameHandler, FrameHandlers } from './frame-handlers.ts';

export interface Authenticated {
  userId: UserId;
  sessionId: SessionId;
  /** Epoch milliseconds at which the token ends. */
  expiresAt: number;
}

/** What a session of the native protocol needs of the server; one object for all of them. */
export interface NativeSessionNeeds {
  handlers: FrameHandlers;
  fanout: Fanout;
  now: () => number;
  /** @throws CoupletError `not_authenticated`, `session_revoked` */
  authenticate(token: string): Promise<Authenticated>;
  /** Runs what a frame asks for, and tells whoever listens how it went. */
  trace<T>(type: string, requestId: string, work: () => Promise<T>): Promise<T>;
  /** Runs a sign-in when it is its turn. @throws NodeFullError with the time to wait */
  admit<T>(signIn: () => Promise<T>): Promise<T>;
  endOfLog(userId: UserId): Promise<{ epoch: Epoch; position: number }>;
  /** Never rejects; `undefined` when it cannot be known soon. */
  endOfLogForPong(userId: UserId): Promise<number | undefined>;
  /** False when this user has too many sockets. */
  arrived(userId: UserId): boolean;
  departed(userId: UserId, connectionId: ConnectionId): void;
  onFrame(type: string): void;
  onUnexpectedError(error: unknown, connectionId: ConnectionId, frame: UpFrame): CoupletError;
}

type State =
  | { status: 'waiting'; since: number }
  /** Subscribed or about to be: deliveries wait until auth.ok is out. */
  | { status: 'authenticating'; since: number; held: Delivery[] }
  | { status: 'open'; who: Authenticated; unsubscribe: () => void; isExpiryTold: boolean }
  | { status: 'closed' };

/** One connection of the native protocol, from its first frame to its end. */
export class NativeSession implements DialectSession {
  readonly #needs: NativeSessionNeeds;
  readonly #connection: Connection;
  readonly #id: ConnectionId;
  #state: State;
  #lastPingAt: number;
  #inFlight = 0;
  #onIdle: (() => void) | undefined;

  constructor(needs: NativeSessionNeeds, connection: Connection, id: ConnectionId) {
    this.#needs = needs;
    this.#connection = connection;
    this.#id = id;
    this.#lastPingAt = needs.now();
    this.#state = { status: 'waiting', since: this.#lastPingAt };
  }

  receive(text: string): void {
    const decoded = decodeUpFrame(text);
    switch (decoded.status) {
      case 'ok':
        this.#needs.onFrame(decoded.frame.type);
        this.#route(decoded.frame);
        return;
      case 'malformed':
        this.#needs.onFrame('malformed');
        this.#connection.close('badFrame');
        return;
      case 'unknown':
        this.#needs.onFrame('unknown');
        this.#fail(decoded.id, new CoupletError('validation_failed', `There is no frame of type ${decoded.type}.`));
        return;
      case 'invalid':
        this.#needs.onFrame('invalid');
        this.#fail(decoded.id, new CoupletError('validation_failed', issuesText(decoded.issues)));
        return;
    }
  }

  sweep(now: number): void {
    const state = this.#state;
    switch (state.status) {
      case 'waiting':
      case 'authenticating':
        if (now - state.since > SOCKET_LIMITS.authWithinMs) this.#connection.close('notAuthenticated');
        return;
      case 'open':
        if (now >= state.who.expiresAt) return this.#connection.close('notAuthenticated');
        if (now - this.#lastPingAt > SOCKET_LIMITS.heartbeatTtlMs - SOCKET_LIMITS.sweepEveryMs) {
          this.#connection.close('heartbeatMissed');
          // A dead peer answers no closing handshake either.
          this.#connection.terminate();
          return;
        }
        if (!state.isExpiryTold && state.who.expiresAt - now <= SOCKET_LIMITS.expiryNoticeMs) {
          state.isExpiryTold = true;
          this.#send({ type: 'auth.expiring', id: nextFrameId(), ts: now, data: { inMs: state.who.expiresAt - now } });
        }
        return;
      case 'closed':
        return;
    }
  }

  draining(reconnectInMs: number): Promise<void> {
    this.#send({ type: 'server.draining', id: nextFrameId(), ts: this.#needs.now(), data: { reconnectInMs } });
    if (this.#inFlight === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onIdle = resolve;
    });
  }

  closed(): void {
    const state = this.#state;
    this.#state = { status: 'closed' };
    if (state.status !== 'open') return;
    state.unsubscribe();
    this.#needs.departed(state.who.userId, this.#id);
  }

  #route(frame: UpFrame): void {
    const state = this.#state;
    if (frame.type === 'auth') {
      if (state.status === 'waiting') void this.#authenticate(frame);
      else this.#fail(frame.id, new CoupletError('conflict', 'This connection is authenticated already.'));
      return;
    }
    if (state.status !== 'open') {
      if (state.status === 'waiting') this.#connection.close('badFrame');
      else this.#fail(frame.id, new CoupletError('not_authenticated', 'Wait for auth.ok.'));
      return;
    }
    if (frame.type === 'presence.ping') {
      this.#lastPingAt = this.#needs.now();
      void this.#pong(frame.id, state.who.userId);
      return;
    }
    if (this.#inFlight >= SOCKET_LIMITS.requestsInFlight) {
      this.#fail(frame.id, new CoupletError('rate_limited', 'Too many requests at once.', { retryAfterMs: 1_000 }));
      return;
    }
    void this.#request(frame, state);
  }

  async #pong(replyTo: string, userId: UserId): Promise<void> {
    const position = await this.#needs.endOfLogForPong(userId);
    const serverTime = new Date(this.#needs.now()).toISOString();
    this.#answer(replyTo, { type: 'presence.pong', data: { serverTime, ...(position === undefined ? {} : { position }) } });
  }

  async #request(frame: UpFrame, state: State & { status: 'open' }): Promise<void> {
    this.#inFlight += 1;
    try {
      if (frame.type === 'auth.refresh') await this.#refresh(frame, state);
      else if (frame.type !== 'auth' && frame.type !== 'presence.ping') {
        // The table's types say that the handler under a type takes that type's data.
        const handle = this.#needs.handlers[frame.type] as FrameHandler<typeof frame.type>;
        const { userId, sessionId } = state.who;
        const sender = { userId, sessionId, connectionId: this.#id, frameId: frame.id, notify: this.#notify };
        const answer = await this.#needs.trace(frame.type, `${this.#id}/${frame.id}`, () => handle(frame.data, sender));
        if (answer) this.#answer(frame.id, answer);
      }
    } catch (error) {
      const known = error instanceof CoupletError ? error : this.#needs.onUnexpectedError(error, this.#id, frame);
      this.#fail(frame.id, known, frame.type === 'chat.message.send' ? frame.data.clientMsgId : undefined);
    } finally {
      this.#inFlight -= 1;
      if (this.#inFlight === 0) this.#onIdle?.();
    }
  }

  /** Subscribe first, read the end of the log after: what is published in between is held, not lost. */
  async #authenticate(frame: UpFrameOf<'auth'>): Promise<void> {
    if (frame.data.protocolVersion < OLDEST_SERVED_PROTOCOL_VERSION) {
      this.#fail(frame.id, new CoupletError('protocol_outdated'));
      this.#connection.close('protocolOutdated');
      return;
    }
    const held: Delivery[] = [];
    this.#state = { status: 'authenticating', since: this.#needs.now(), held };
    let unsubscribe: (() => void) | undefined;
    try {
      const { who, stop, end } = await this.#needs.admit(async () => {
        const found = await this.#needs.authenticate(frame.data.token);
        const stopped = await this.#needs.fanout.subscribe(found.userId, this.#deliver);
        unsubscribe = stopped;
        return { who: found, stop: stopped, end: await this.#needs.endOfLog(found.userId) };
      });
      if (this.#isClosed()) return stop();
      if (!this.#needs.arrived(who.userId)) return this.#refuse(frame.id, stop, new CoupletError('rate_limited', 'Too many sockets.'), 'tooMany');
      this.#state = { status: 'open', who, unsubscribe: stop, isExpiryTold: false };
      this.#welcome(frame.id, who, end);
      for (const delivery of held) this.#deliver(delivery);
    } catch (error) {
      if (error instanceof NodeFullError) return void this.#connection.drain(error.retryAfterMs);
      const known = error instanceof CoupletError ? error : this.#needs.onUnexpectedError(error, this.#id, frame);
      this.#refuse(frame.id, unsubscribe, known, known.retryable ? 'internal' : 'notAuthenticated');
    }
  }

  #refuse(replyTo: string, unsubscribe: (() => void) | undefined, error: CoupletError, reason: CloseReason): void {
    unsubscribe?.();
    this.#fail(replyTo, error);
    this.#connection.close(reason);
  }

  async #refresh(frame: UpFrameOf<'auth.refresh'>, state: State & { status: 'open' }): Promise<void> {
    const who = await this.#needs.authenticate(frame.data.token);
    if (who.userId !== state.who.userId || who.sessionId !== state.who.sessionId) throw new CoupletError('forbidden', 'This token is of another session.');
    const end = await this.#needs.endOfLog(who.userId);
    state.who = who;
    state.isExpiryTold = false;
    this.#welcome(frame.id, who, end);
  }

  #welcome(replyTo: string, who: Authenticated, end: { epoch: Epoch; position: number }): void {
    this.#answer(replyTo, {
      type: 'auth.ok',
      data: {
        userId: who.userId,
        sessionId: who.sessionId,
        connectionId: this.#id,
        epoch: end.epoch,
        position: end.position,
        heartbeatMs: SOCKET_LIMITS.heartbeatMs,
        limits: { frameBytes: LIMITS.frameBytes, textLength: LIMITS.textLength, attachments: 0 },
      },
    });
  }

  readonly #deliver = (delivery: Delivery): void => {
    const state = this.#state;
    if (state.status === 'authenticating') {
      state.held.push(delivery);
      return;
    }
    if (state.status !== 'open' || delivery.exceptConnection === this.#id) return;
    if (delivery.payload.type === 'session.revoked') {
      if (delivery.payload.sessionId === state.who.sessionId) this.#connection.close('notAuthenticated');
      return;
    }
    // The watchers of presence have told it already.
    if (delivery.payload.type === 'peer.severed') return;
    this.#connection.send(encodeDelivery(delivery.payload, this.#needs.now()));
  };

  readonly #notify = (presence: Parameters<Parameters<FrameHandler<'presence.watch'>>[1]['notify']>[0]): void => {
    this.#send({ type: 'presence.update', id: nextFrameId(), ts: this.#needs.now(), data: presence });
  };

  #answer(replyTo: string, answer: NonNullable<FrameAnswer>): void {
    this.#send({ type: answer.type, id: nextFrameId(), ts: this.#needs.now(), replyTo, data: answer.data } as DownFrame);
  }

  #fail(replyTo: string, error: CoupletError, clientMsgId?: UpFrameOf<'chat.message.send'>['data']['clientMsgId']): void {
    const { code, message, retryable, retryAfterMs } = error;
    this.#answer(replyTo, {
      type: 'error',
      data: { code, message, retryable, ...(retryAfterMs === undefined ? {} : { retryAfterMs }), ...(clientMsgId ? { clientMsgId } : {}) },
    });
  }

  #send(frame: DownFrame): void {
    this.#connection.send(encodeFrame(frame));
  }

  #isClosed(): boolean {
    return this.#state.status === 'closed';
  }
}

function issuesText(issues: readonly { path: string; message: string }[]): string {
  return issues.map((issue) => `${issue.path}: ${issue.message}`).join('; ');
}
