import { CoupletError } from '@couplet/protocol';
import { describe, expect, it } from 'vitest';
import { Cancellation } from '../cancellation.ts';
import { ApiClient } from '../session/api-client.ts';
import { createFixture, describeTransport } from '../testing/contracts.ts';
import { fakePusher } from '../testing/fake-pusher.ts';
import { type PairedSockets, type Scene, seededRandom, settle } from '../testing/index.ts';
import { createPusherTransport } from './pusher-transport.ts';

function makeTransport(scene: Scene, _sockets: PairedSockets, token: string) {
  const serverUrl = 'http://server.test';
  const api = new ApiClient(
    { http: scene.server.http, serverUrl, report: () => undefined },
    { ending: new Cancellation(), accessToken: async () => token, replaceToken: () => Promise.reject(new CoupletError('not_authenticated')) },
  );
  const { clock } = scene;
  return createPusherTransport({ pusher: fakePusher(scene.server), api, clock, random: seededRandom(1), serverUrl, viewerId: () => scene.ana.id });
}

describeTransport('the Pusher transport', makeTransport, { whenDrained: 'backoff' });

describeTransport(
  'the Pusher transport to a hosted app',
  (scene, sockets, token) => {
    scene.server.hostedAt = 'http://hosted.test';
    return makeTransport(scene, sockets, token);
  },
  { whenDrained: 'backoff' },
);

describe('the Pusher transport', () => {
  it('[P1] says to the server that the viewer is there, as often as the native protocol pings, where a hosted app has its connection', async () => {
    const { scene, connect } = createFixture(makeTransport);
    const { server, clock } = scene;
    server.hostedAt = 'http://hosted.test';
    const beats: number[] = [];
    server.refuseCall = (name) => {
      if (name === 'sendHeartbeat') beats.push(clock.now());
    };
    const connection = await connect();
    expect(server.requests.map(({ name }) => name)).toEqual(['getConfig', 'pusherUserAuth', 'pusherAuth', 'sendHeartbeat']);
    await clock.advance(10 * 60_000);
    const distances = beats.slice(1).map((at, index) => at - (beats[index] ?? 0));
    expect([Math.min(...distances) >= 15_000, Math.max(...distances) <= 25_000]).toEqual([true, true]);
    connection.close();
    const before = beats.length;
    await clock.advance(60_000);
    expect(beats).toHaveLength(before);
  });

  it('[S4] reads the end of the log only when it is subscribed, and tells nothing before', async () => {
    const { scene, listener, connect } = createFixture(makeTransport);
    const order: string[] = [];
    const { server, bo, conversationId } = scene;
    server.refuseCall = (name) => {
      order.push(name);
      // Said between the subscription and the answer: its event must not be lost and not come first.
      if (name === 'getLogEnd') server.world.send(bo.id, { conversationId, clientMsgId: 'in-between' as never, text: 'x' });
    };
    listener.eventArrived = ({ position }) => void order.push(`event ${position}`);
    listener.opened = ({ position }) => void order.push(`opened at ${position}`);
    await connect();
    expect(order).toEqual(['getConfig', 'pusherAuth', 'getLogEnd', 'opened at 2', 'event 2']);
  });

  it('gives up on a server that answers nothing', async () => {
    const { scene, connect, listener } = createFixture(makeTransport);
    scene.server.answersNever = () => true;
    await connect();
    await scene.clock.advance(20_000);
    expect(listener.losses).toEqual([{ advice: 'backoff', reason: 'The server did not answer in time.' }]);
    expect(scene.clock.pendingTimers).toBe(0);
  });

  it('gives up when the server answers no more', async () => {
    const { scene, connect, listener } = createFixture(makeTransport);
    await connect();
    scene.server.isReachable = false;
    await scene.clock.advance(30_000);
    expect(listener.losses).toEqual([{ advice: 'backoff', reason: 'The server stopped answering.' }]);
  });

  it('joins a conversation once to type in it, and leaves the one it typed in longest ago', async () => {
    const { scene, connect } = createFixture(makeTransport);
    const { server, ana, conversationId } = scene;
    const others = ['Cleo', 'Dan', 'Eli', 'Fay'].map((name) => server.world.openConversation(ana.id, server.addUser(name).id));
    const connection = await connect();
    const joins = () => server.requests.flatMap(({ name, body }) => (name === 'pusherAuth' ? [(body as { channel_name: string }).channel_name] : [])).slice(1);
    for (const isTyping of [true, true, false]) {
      connection.signalTyping(conversationId, isTyping);
      await settle();
    }
    expect(joins()).toEqual([`private-chat-${conversationId}`]);
    expect(server.clientEvents.map(({ event, data }) => [event, data])).toEqual([true, true, false].map((isTyping) => ['client-typing', { isTyping }]));
    for (const id of others) connection.signalTyping(id, true);
    await settle();
    connection.signalTyping(conversationId, true);
    await settle();
    expect(joins()).toEqual([conversationId, ...others, conversationId].map((id) => `private-chat-${id}`));
  });

  it('takes a reference to an event that was too large for its place in the log', async () => {
    const { scene, connect, listener } = createFixture(makeTransport);
    await connect();
    scene.server.broadcast(scene.ana.id, { type: 'chat.message.new', id: 'x', ts: 0, data: { position: 2, isReference: true } } as never);
    await settle();
    expect([listener.reaches, listener.events, listener.ignored]).toEqual([[2], [], []]);
  });

  it('says why it cannot read an event, and goes on', async () => {
    const { scene, connect, listener } = createFixture(makeTransport);
    await connect();
    scene.server.broadcast(scene.ana.id, { type: 'chat.message.new', id: 'x', ts: 0, data: { position: 'two' } } as never);
    await settle();
    expect(listener.ignored).toEqual(['malformed event']);
    expect(listener.losses).toEqual([]);
  });
});
