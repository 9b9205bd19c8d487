import { type ClientMsgId, CoupletError, type Event, type ReconnectAdvice } from '@couplet/protocol';
import { describe, expect, it } from 'vitest';
import type { ConnectionLoss, Signal, Transport, TransportConnection, TransportListener, TransportOpening } from '../transports/transport.ts';
import { fakeSockets } from './fake-sockets.ts';
import { createScene, type Scene } from './scene.ts';
import { settle } from './settle.ts';
import type { PairedSockets } from './socket-pair.ts';

/** Takes down what a transport tells. */
export class RecordingListener implements TransportListener {
  readonly openings: TransportOpening[] = [];
  readonly events: Event[] = [];
  readonly signals: Signal[] = [];
  readonly losses: ConnectionLoss[] = [];
  readonly drains: number[] = [];
  readonly ignored: string[] = [];
  readonly reaches: number[] = [];
  expiring = 0;

  opened(opening: TransportOpening): void {
    this.openings.push(opening);
  }
  eventArrived(event: Event): void {
    this.events.push(event);
  }
  signalArrived(signal: Signal): void {
    this.signals.push(signal);
  }
  logReaches(position: number): void {
    this.reaches.push(position);
  }
  tokenExpiring(): void {
    this.expiring += 1;
  }
  drainAnnounced(reconnectInMs: number): void {
    this.drains.push(reconnectInMs);
  }
  closed(loss: ConnectionLoss): void {
    this.losses.push(loss);
  }
  frameIgnored(reason: string): void {
    this.ignored.push(reason);
  }
}

export interface TransportFixture {
  scene: Scene;
  sockets: PairedSockets;
  listener: RecordingListener;
  /** Connected as Ana. */
  connect(): Promise<TransportConnection>;
}

export type MakeTransport = (scene: Scene, sockets: PairedSockets, token: string) => Transport;

/**
 * What every transport must do, against the fake server.
 *
 * @param whenDrained the advice when the node says 4503
 */
export function describeTransport(name: string, makeTransport: MakeTransport, { whenDrained }: { whenDrained: ReconnectAdvice }): void {
  describe(`${name} as a transport`, () => {
    it('opens with the position of the log, then brings events in order', async () => {
      const { scene, listener, connect } = createFixture(makeTransport);
      await connect();
      expect(listener.openings).toEqual([{ connectionId: expect.any(String), epoch: scene.server.world.epoch, position: 1 }]);
      const { conversationId, bo } = scene;
      for (const text of ['one', 'two']) scene.server.world.send(bo.id, { conversationId, clientMsgId: text as ClientMsgId, text });
      await settle();
      expect(listener.events.map(({ type, position }) => [type, position])).toEqual([
        ['chat.message.new', 2],
        ['chat.message.new', 3],
      ]);
    });

    it('tells within half a minute how far the log reaches, also when the last event was lost', async () => {
      const { scene, listener, connect } = createFixture(makeTransport);
      await connect();
      scene.server.filterDown = (frame) => frame.type !== 'chat.message.new';
      scene.server.world.send(scene.bo.id, { conversationId: scene.conversationId, clientMsgId: 'lost' as ClientMsgId, text: 'lost' });
      await scene.clock.advance(30_000);
      expect(listener.events).toEqual([]);
      expect(listener.reaches.at(-1)).toBe(2);
    });

    it('sends, with the same answer for a repeated client message id', async () => {
      const { scene, connect, listener } = createFixture(makeTransport);
      const connection = await connect();
      const message = { conversationId: scene.conversationId, clientMsgId: 'm-1' as ClientMsgId, type: 'text' as const, text: 'hello' };
      const first = await connection.send(message);
      expect(first).toMatchObject({ clientMsgId: 'm-1', seq: 1 });
      const again = await connection.send(message);
      expect([again.messageId, again.seq, again.createdAt]).toEqual([first.messageId, first.seq, first.createdAt]);
      await settle();
      // Its place in the log is told once: with the answer, or by the event.
      expect([...(first.position === undefined ? [] : [first.position]), ...listener.events.map(({ position }) => position)]).toEqual([2]);
    });

    it('reads the log from a position', async () => {
      const { scene, connect } = createFixture(makeTransport);
      const connection = await connect();
      const page = await connection.sync({ epoch: scene.server.world.epoch, since: 0, limit: 10 });
      expect(page).toMatchObject({ position: 1, hasMore: false, events: [{ type: 'conversation.updated', position: 1 }] });
    });

    it('rejects a request with the code the server answered', async () => {
      const { scene, connect } = createFixture(makeTransport);
      const slower = new CoupletError('rate_limited', 'slower', { retryAfterMs: 7_000 });
      scene.server.refuse = (frame) => {
        if (frame.type === 'chat.message.send') throw slower;
      };
      scene.server.refuseCall = (name) => {
        if (name === 'sendMessage') throw slower;
      };
      const connection = await connect();
      const sent = connection.send({ conversationId: scene.conversationId, clientMsgId: 'm-1' as ClientMsgId, type: 'text', text: 'x' });
      await expect(sent).rejects.toMatchObject({ code: 'rate_limited', retryAfterMs: 7_000 });
    });

    it('rejects open requests as unavailable when the connection ends, and says once why it ended', async () => {
      const { scene, connect, listener } = createFixture(makeTransport);
      scene.server.filterDown = (frame) => frame.type !== 'chat.message.ack';
      scene.server.answersNever = (name) => name === 'sendMessage';
      const connection = await connect();
      const sent = connection.send({ conversationId: scene.conversationId, clientMsgId: 'm-1' as ClientMsgId, type: 'text', text: 'x' });
      const outcome = expect(sent).rejects.toMatchObject({ code: 'unavailable' });
      await settle();
      scene.server.closeAll(4503);
      await outcome;
      expect(listener.losses).toEqual([{ advice: whenDrained, reason: expect.any(String) }]);
      await expect(connection.sync({ epoch: scene.server.world.epoch, since: 0, limit: 1 })).rejects.toMatchObject({ code: 'unavailable' });
    });

    it('rejects open requests and tells nothing when it is closed from here', async () => {
      const { connect, listener, scene } = createFixture(makeTransport);
      const connection = await connect();
      const sent = connection.send({ conversationId: scene.conversationId, clientMsgId: 'm-1' as ClientMsgId, type: 'text', text: 'x' });
      const outcome = expect(sent).rejects.toMatchObject({ code: 'unavailable' });
      connection.close();
      await outcome;
      await settle();
      expect(listener.losses).toEqual([]);
      expect(scene.clock.pendingTimers).toBe(0);
    });

    it('tells that the viewer types, and who else does', async () => {
      const { scene, connect, listener } = createFixture(makeTransport);
      const { server, conversationId, ana, bo } = scene;
      const connection = await connect();
      connection.signalTyping(conversationId, true);
      await settle();
      const told = [...server.frames.filter(({ type }) => type === 'chat.typing').map(({ data }) => data), ...server.clientEvents.map(({ data }) => data)];
      expect(told).toMatchObject([{ isTyping: true }]);
      const typing = { conversationId, userId: bo.id, isTyping: true, expiresAt: server.world.timestamp() };
      server.broadcast(ana.id, { type: 'chat.typing', id: 't', ts: 0, data: typing });
      await settle();
      expect(listener.signals).toEqual([{ type: 'typing', ...typing }]);
    });

    it('raises watermarks and follows presence', async () => {
      const { scene, connect, listener } = createFixture(makeTransport);
      const { server, conversationId, ana, bo } = scene;
      const connection = await connect();
      server.world.send(bo.id, { conversationId, clientMsgId: 'm-1' as ClientMsgId, text: 'x' });
      await connection.advance('delivered', conversationId, 1);
      await connection.advance('read', conversationId, 1);
      expect(server.world.conversation(ana.id, conversationId)).toMatchObject({ readSeq: 1, unreadCount: 0 });
      await connection.watchPresence([bo.id]);
      expect(listener.signals).toEqual([{ type: 'presence', presence: { userId: bo.id, status: 'online', lastSeenAt: null } }]);
    });

    it('ends with the advice to authenticate anew when the token is refused', async () => {
      const { scene, connect, listener } = createFixture(makeTransport);
      scene.server.authenticate = () => {
        throw new CoupletError('not_authenticated');
      };
      await connect();
      expect(listener.openings).toEqual([]);
      expect(listener.losses).toMatchObject([{ advice: 'reauthenticate' }]);
    });
  });
}

export function createFixture(makeTransport: MakeTransport): TransportFixture {
  const scene = createScene();
  const sockets = fakeSockets(scene.server);
  const listener = new RecordingListener();
  return {
    scene,
    sockets,
    listener,
    async connect() {
      const token = scene.server.issueToken(scene.ana.id);
      const connection = makeTransport(scene, sockets, token).connect({ token, position: 0 }, listener);
      await settle();
      return connection;
    },
  };
}
