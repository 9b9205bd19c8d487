import { CoupletError, decodeUpFrame, type DownFrame, encodeFrame, type UpFrame, type UserId } from '@couplet/protocol';
import type { FakePeer, FakeServer } from './fake-server.ts';
import { PairedSockets, type SocketPair } from './socket-pair.ts';

/** The native protocol of the fake server. */
export function fakeSockets(server: FakeServer): PairedSockets {
  return new PairedSockets((pair) => {
    const connection = new FakeConnection(server, pair);
    const detach = server.attach(connection);
    return { onMessage: (text) => connection.receive(text), onClose: detach };
  });
}

class FakeConnection implements FakePeer {
  readonly pair: SocketPair;
  userId: UserId | null = null;
  readonly #server: FakeServer;

  constructor(server: FakeServer, pair: SocketPair) {
    this.#server = server;
    this.pair = pair;
  }

  write(frame: DownFrame): void {
    if (this.#server.filterDown(frame)) this.pair.sendToClient(encodeFrame(frame));
  }

  closeByServer(code: number): void {
    this.pair.closeByServer(code);
  }

  receive(text: string): void {
    const decoded = decodeUpFrame(text);
    if (decoded.status !== 'ok') throw new Error(`the client sent a frame that is ${decoded.status}: ${text}`);
    const { frame } = decoded;
    if (!this.#server.filterUp(frame)) return;
    this.#server.frames.push(frame);
    const reply = { id: `down-${frame.id}`, ts: 0, replyTo: frame.id };
    try {
      this.#server.refuse(frame);
      const answer = this.#carryOut(frame);
      if (answer !== null) this.write({ ...answer, ...reply } as DownFrame);
    } catch (error) {
      if (!(error instanceof CoupletError)) throw error;
      const { code, message, retryable, retryAfterMs } = error;
      this.write({ type: 'error', ...reply, data: { code, message, retryable, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) } });
      if (frame.type === 'auth') this.pair.closeByServer(4401);
    }
  }

  #carryOut(frame: UpFrame): { type: DownFrame['type']; data: unknown } | null {
    const { world } = this.#server;
    if (frame.type === 'auth' || frame.type === 'auth.refresh') {
      this.userId = this.#server.authenticate(frame.data.token);
      const limits = { frameBytes: 65_536, textLength: 8_000, attachments: 10 };
      const facts = { connectionId: 'connection-1', epoch: world.epoch, position: world.position(this.userId), heartbeatMs: 20_000, limits };
      return { type: 'auth.ok', data: { userId: this.userId, sessionId: world.newId(), ...facts } };
    }
    const viewer = this.userId;
    if (viewer === null) throw new CoupletError('not_authenticated');
    switch (frame.type) {
      case 'presence.ping':
        return { type: 'presence.pong', data: { serverTime: world.timestamp(), position: world.position(viewer) } };
      case 'chat.message.send': {
        const { conversationId, clientMsgId, text = '', replyToId } = frame.data;
        if (conversationId === undefined) throw new CoupletError('validation_failed');
        this.#server.sending = this;
        try {
          return { type: 'chat.message.ack', data: world.send(viewer, { conversationId, clientMsgId, text: text ?? '', replyToId }) };
        } finally {
          this.#server.sending = null;
        }
      }
      case 'chat.sync':
        if (frame.data.epoch !== undefined && frame.data.epoch !== world.epoch) throw new CoupletError('too_old');
        return { type: 'chat.sync.result', data: world.sync(viewer, frame.data.since, frame.data.limit ?? 500) };
      case 'chat.message.delivered':
      case 'chat.message.read':
        world.advance(viewer, frame.type === 'chat.message.read' ? 'read' : 'delivered', frame.data.conversationId, frame.data.seq ?? 0);
        return { type: 'ok', data: {} };
      case 'presence.watch':
        for (const userId of frame.data.userIds) {
          this.write({ type: 'presence.update', id: world.newId(), ts: 0, data: { userId, status: 'online', lastSeenAt: null } });
        }
        return { type: 'ok', data: {} };
      case 'chat.typing':
        return null;
      case 'chat.message.edit':
      case 'chat.message.delete':
      case 'chat.message.react':
        throw new CoupletError('not_found', 'The client does this by REST.');
    }
  }
}
