import type { ClientMsgId } from '@couplet/protocol';
import { describe, expect, it } from 'vitest';
import { createFixture, describeTransport } from '../testing/contracts.ts';
import { type PairedSockets, sampleMessage, type Scene, seededRandom, settle } from '../testing/index.ts';
import { createNativeTransport } from './native-transport.ts';

function makeTransport(scene: Scene, sockets: PairedSockets) {
  return createNativeTransport({ socket: sockets, clock: scene.clock, random: seededRandom(1), url: 'ws://server.test/ws' });
}

describeTransport('the native transport', makeTransport, { whenDrained: 'server-delay' });

describe('the native transport', () => {
  it('gives up on a server that takes the socket and never answers', async () => {
    const { scene, connect, listener } = createFixture(makeTransport);
    scene.server.filterUp = () => false;
    await connect();
    await scene.clock.advance(10_000);
    expect(listener.losses).toEqual([{ advice: 'backoff', reason: 'No answer within 10 s.' }]);
    expect(scene.clock.pendingTimers).toBe(0);
  });

  it('gives up on a socket that never opens', async () => {
    const { scene, sockets, connect, listener } = createFixture(makeTransport);
    sockets.opening = 'manual';
    await connect();
    await scene.clock.advance(15_000);
    expect(listener.losses).toMatchObject([{ advice: 'backoff' }]);
  });

  it('pings every 15 to 25 s', async () => {
    const { scene, connect } = createFixture(makeTransport);
    const pings: number[] = [];
    await connect();
    scene.server.filterUp = (frame) => {
      if (frame.type === 'presence.ping') pings.push(scene.clock.now());
      return true;
    };
    const began = scene.clock.now();
    await scene.clock.advance(10 * 60_000);
    const distances = pings.map((at, index) => at - (pings[index - 1] ?? began));
    expect(distances.length).toBeGreaterThan(20);
    expect(Math.min(...distances)).toBeGreaterThanOrEqual(15_000);
    expect(Math.max(...distances)).toBeLessThanOrEqual(25_000);
    expect(new Set(distances).size).toBeGreaterThan(10);
  });

  it('finds a half-open socket within 10 s of a ping', async () => {
    const { scene, connect, listener, sockets } = createFixture(makeTransport);
    const connection = await connect();
    sockets.latest.flow = 'manual';
    connection.probe();
    await scene.clock.advance(9_999);
    expect(listener.losses).toEqual([]);
    await scene.clock.advance(1);
    expect(listener.losses).toEqual([{ advice: 'backoff', reason: 'The server stopped answering.' }]);
    expect(sockets.latest.isClosed).toBe(true);
  });

  it('tells the server at once when the app goes to the background', async () => {
    const { scene, connect } = createFixture(makeTransport);
    const connection = await connect();
    connection.setActive(false);
    await settle();
    expect(scene.server.frames.at(-1)).toMatchObject({ type: 'presence.ping', data: { active: false } });
  });

  it('times a request out after 10 s and ignores an answer that comes later', async () => {
    const { scene, connect, sockets, listener } = createFixture(makeTransport);
    const connection = await connect();
    sockets.latest.flow = 'manual';
    const sent = connection.send({ conversationId: scene.conversationId, clientMsgId: 'm-1' as ClientMsgId, type: 'text', text: 'x' });
    const outcome = expect(sent).rejects.toMatchObject({ code: 'unavailable' });
    await scene.clock.advance(10_000);
    await outcome;
    sockets.latest.flushToServer();
    sockets.latest.flushToClient();
    expect(listener.ignored).toEqual(['late answer chat.message.ack']);
    expect(listener.losses).toEqual([]);
  });

  it('counts and ignores frames it does not know, and frames that are broken', async () => {
    const { connect, sockets, listener } = createFixture(makeTransport);
    await connect();
    for (const text of ['{"type":"chat.wave","id":"1","ts":0,"data":{}}', 'not json', '{"type":"chat.typing","id":"1","ts":0,"data":{}}', '[]']) {
      sockets.latest.sendToClient(text);
    }
    await settle();
    expect(listener.ignored).toHaveLength(4);
    expect(listener.losses).toEqual([]);
  });

  it('keeps the good rows of a page of the log that holds a broken one', async () => {
    const { scene, connect, sockets, listener } = createFixture(makeTransport);
    const connection = await connect();
    sockets.latest.flow = 'manual';
    const page = connection.sync({ epoch: scene.server.world.epoch, since: 0, limit: 10 });
    const { id } = JSON.parse(sockets.latest.toServer[0] ?? '{}') as { id: string };
    const good = { type: 'chat.message.new', position: 2, unreadCount: 0, message: sampleMessage(1) };
    const events = [{ type: 'chat.wave', position: 1 }, good, { ...good, position: 3, message: { ...good.message, seq: 'three' } }];
    const answer = { epoch: scene.server.world.epoch, events, position: 3, hasMore: false };
    sockets.latest.sendToClient(JSON.stringify({ type: 'chat.sync.result', id: '1', ts: 0, replyTo: id, data: answer }));
    sockets.latest.flushToClient();
    expect(await page).toMatchObject({ position: 3, events: [good] });
    expect(listener.ignored).toHaveLength(1);
  });

  it('fails a request at once when its answer cannot be read', async () => {
    const { connect, sockets, scene } = createFixture(makeTransport);
    const connection = await connect();
    sockets.latest.flow = 'manual';
    const done = connection.advance('read', scene.conversationId, 1);
    const outcome = expect(done).rejects.toMatchObject({ code: 'internal' });
    const { id } = JSON.parse(sockets.latest.toServer[0] ?? '{}') as { id: string };
    sockets.latest.sendToClient(JSON.stringify({ type: 'ok', id: '1', replyTo: id }));
    sockets.latest.flushToClient();
    await outcome;
  });

  it('passes on that the token expires and that the node stops', async () => {
    const { scene, connect, listener } = createFixture(makeTransport);
    await connect();
    scene.server.broadcast(scene.ana.id, { type: 'auth.expiring', id: '1', ts: 0, data: { inMs: 1_000 } });
    scene.server.broadcast(scene.ana.id, { type: 'server.draining', id: '2', ts: 0, data: { reconnectInMs: 1_234 } });
    await settle();
    expect([listener.expiring, listener.drains]).toEqual([1, [1_234]]);
  });
});
