import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PUSHER_LIMITS } from '../src/socket/pusher/limits.ts';
import { channelAuth, userAuth } from '../src/socket/pusher/signatures.ts';
import { pusherLibrary } from './pusher-backend.ts';
import { RawPusher } from './raw-pusher.ts';
import { startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
let clock = Date.now();
beforeAll(async () => {
  server = await startTestServer({ now: () => clock });
});
afterAll(() => server.close());

const app = () => server.server.context.pusherApp;
const connect = (to: TestServer = server) => RawPusher.connect(to.server.url, to.server.context.pusherApp.key);
const joined = async (socket: RawPusher, channel: string, channelData?: string, to: TestServer = server) => {
  socket.send({
    event: 'pusher:subscribe',
    data: { channel, auth: channelAuth(to.server.context.pusherApp, socket.socketId, channel, channelData), ...(channelData === undefined ? {} : { channel_data: channelData }) },
  });
  await socket.settled();
};

describe('a handshake', () => {
  it.each([
    ['/app/wrong?protocol=7', 4001],
    ['/app/KEY', 4008],
    ['/app/KEY?protocol=', 4008],
    ['/app/KEY?protocol=seven', 4006],
    ['/app/KEY?protocol=4', 4007],
  ])('%s is accepted, told why, and closed with %i', async (path, code) => {
    const socket = new RawPusher(server.server.url, path.replace('KEY', app().key));
    expect(await socket.untilClosed()).toBe(code);
    expect(socket.frames).toEqual([{ event: 'pusher:error', data: { message: expect.any(String), code } }]);
  });

  it('is answered first of all with a socket id that the libraries take, new for every connection', async () => {
    const sockets = await Promise.all([connect(), connect(), connect()]);
    for (const socket of sockets) {
      expect(socket.frames[0]).toEqual({ event: 'pusher:connection_established', data: expect.any(String) });
      expect(socket.socketId).toMatch(/^\d+\.\d+$/);
      socket.close();
    }
    expect(new Set(sockets.map((socket) => socket.socketId)).size).toBe(3);
  });

  it('without an upgrade is told to upgrade', async () => {
    expect((await fetch(`${server.server.url}/app/${app().key}`)).status).toBe(426);
  });
});

describe('signatures', () => {
  it('are of one connection: replayed on another they open nothing', async () => {
    const [one, other] = [await connect(), await connect()];
    const auth = channelAuth(app(), one.socketId, 'private-room');
    other.send({ event: 'pusher:subscribe', data: { channel: 'private-room', auth } });
    expect((await other.until('pusher:subscription_error'))[0]).toMatchObject({ channel: 'private-room', data: { type: 'AuthError', status: 401 } });
    const userData = JSON.stringify({ id: '7' });
    other.send({ event: 'pusher:signin', data: { auth: userAuth(app(), one.socketId, userData), user_data: userData } });
    expect(await other.untilClosed()).toBe(4009);
    one.close();
  });

  it('cover channel_data byte for byte, and a number and its text are one member', async () => {
    const socket = await connect();
    const auth = channelAuth(app(), socket.socketId, 'presence-room', '{"user_id":7}');
    socket.send({ event: 'pusher:subscribe', data: { channel: 'presence-room', auth, channel_data: '{"user_id": 7}' } });
    await socket.until('pusher:subscription_error');
    await joined(socket, 'presence-room', '{"user_id":7}');
    const other = await connect();
    await joined(other, 'presence-room', '{"user_id":"7"}');
    expect(JSON.parse(String(other.all('pusher_internal:subscription_succeeded')[0]?.data))).toEqual({ presence: { ids: ['7'], hash: { 7: {} }, count: 1 } });
    await socket.settled();
    expect(socket.all('pusher_internal:member_added')).toEqual([]);
    for (const each of [socket, other]) each.close();
  });

  it('open the channel of a signed-in user to that user alone', async () => {
    const socket = await connect();
    socket.send({ event: 'pusher:subscribe', data: { channel: '#server-to-user-7', auth: '' } });
    await socket.until('pusher:subscription_error');
    const userData = JSON.stringify({ id: '7' });
    socket.send({ event: 'pusher:signin', data: { auth: userAuth(app(), socket.socketId, userData), user_data: userData } });
    expect((await socket.until('pusher:signin_success'))[0]?.data).toBe(JSON.stringify({ user_data: userData }));
    socket.send({ event: 'pusher:subscribe', data: { channel: '#server-to-user-7', auth: '' } });
    expect((await socket.until('pusher_internal:subscription_succeeded'))[0]?.channel).toBe('#server-to-user-7');
    socket.close();
  });
});

describe('limits', () => {
  it('take 100 members of a presence channel, and more connections of those', async () => {
    const userIds = Array.from({ length: PUSHER_LIMITS.presenceMembers }, (_, n) => `u${n}`);
    const sockets = await Promise.all(userIds.map(() => connect()));
    await Promise.all(sockets.map((each, n) => joined(each, 'presence-full', JSON.stringify({ user_id: userIds[n] }))));
    const socket = await connect();
    await joined(socket, 'presence-full', '{"user_id":"one too many"}');
    expect(socket.all('pusher:subscription_error')).toHaveLength(1);
    await joined(socket, 'presence-full', '{"user_id":"u0"}');
    expect(socket.all('pusher_internal:subscription_succeeded')).toHaveLength(1);
    for (const each of [socket, ...sockets]) each.close();
  });

  it('let ten client events a second through, tell 4301 for more, and stay open', async () => {
    let second = Date.now();
    const limited = await startTestServer({ now: () => second, env: { RATE_LIMITS: 'on' } });
    const [sender, other] = [await connect(limited), await connect(limited)];
    await joined(sender, 'private-busy', undefined, limited);
    await joined(other, 'private-busy', undefined, limited);
    for (let n = 0; n < 15; n += 1) sender.send({ event: 'client-n', channel: 'private-busy', data: { n } });
    await sender.settled();
    await other.settled();
    expect(other.all('client-n')).toHaveLength(10);
    expect(sender.all('pusher:error').map((frame) => (frame.data as { code: number }).code)).toEqual([4301, 4301, 4301, 4301, 4301]);
    second += 1_000;
    sender.send({ event: 'client-n', channel: 'private-busy', data: 'a text stays one' });
    expect((await other.until('client-n', 11)).at(-1)).toEqual({ event: 'client-n', channel: 'private-busy', data: 'a text stays one' });
    for (const each of [sender, other]) each.close();
    await limited.close();
  });

  it('measure a client event in bytes', async () => {
    const [sender, other] = [await connect(), await connect()];
    await joined(sender, 'private-big');
    await joined(other, 'private-big');
    sender.send({ event: 'client-x', channel: 'private-big', data: '👍'.repeat(2_561) });
    sender.send({ event: 'client-x', channel: 'private-big', data: '👍'.repeat(2_560) });
    expect((await other.until('client-x'))[0]?.data).toHaveLength(5_120);
    expect(sender.all('pusher:error')).toHaveLength(1);
    for (const each of [sender, other]) each.close();
  });

  it('close what is too large with 1009 and bytes with 1003, which clients come back from', async () => {
    const [large, bytes] = [await connect(), await connect()];
    large.raw(`{"event":"pusher:ping","data":"${'x'.repeat(70_000)}"}`);
    bytes.raw(new Uint8Array([1, 2, 3]));
    expect([await large.untilClosed(), await bytes.untilClosed()]).toEqual([1009, 1003]);
  });
});

describe('a heartbeat', () => {
  it('is asked of a silent client, and without an answer the connection ends', async () => {
    const [silent, alive] = [await connect(), await connect()];
    clock += PUSHER_LIMITS.activityTimeoutMs + 1;
    await silent.until('pusher:ping');
    await alive.until('pusher:ping');
    alive.send({ event: 'pusher:pong', data: {} });
    await alive.settled();
    clock += PUSHER_LIMITS.pongTimeoutMs;
    expect(await silent.untilClosed()).toSatisfy((code: number) => code === 4201 || code === 1006);
    await alive.settled();
    alive.close();
  });
});

const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom('', null, -1, 1e309, '__proto__', 'constructor', '\u0000', 'private-x', 'presence-x', '#server-to-user-1', 'a'.repeat(300), `private-chat-${'0'.repeat(36)}`, 'presence-user-0190a1b2-0000-7000-8000-000000000000'),
);
const EVENTS = ['pusher:ping', 'pusher:pong', 'pusher:subscribe', 'pusher:unsubscribe', 'pusher:signin', 'client-x', 'client-typing', 'pusher_internal:member_added', 'pusher:error', '__proto__'];

describe('[X3] odd frames', () => {
  it('[X3] never end the node or another connection', async () => {
    const frame = fc.record(
      {
        event: fc.oneof(fc.constantFrom(...EVENTS), anything),
        channel: anything,
        data: fc.oneof(anything, fc.dictionary(fc.constantFrom('channel', 'auth', 'channel_data', 'user_data', 'isTyping'), anything)),
      },
      { requiredKeys: [] },
    );
    const text = fc.oneof(frame.map((value) => JSON.stringify(value)), fc.string({ unit: 'binary', maxLength: 200 }).map((value) => value.toWellFormed()));
    const bystander = await connect();
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 12 }), async (texts) => {
        const socket = await connect();
        for (const each of texts) socket.raw(each);
        const outcome = await Promise.race([socket.settled().then(() => 'answers'), socket.untilClosed()]).catch(() => socket.untilClosed());
        // 4009: a sign-in that is not signed.
        expect(['answers', 4009]).toContain(outcome);
        socket.close();
      }),
      { numRuns: 100 },
    );
    await bystander.settled();
    bystander.close();
  });

  it.each<[string, string]>([
    ['without data', '{"event":"pusher:subscribe"}'],
    ['with a channel that is no text', '{"event":"pusher:subscribe","data":{"channel":{}}}'],
    ['for a client event with a channel that is no text', '{"event":"client-x","channel":[1],"data":{}}'],
    ['nested 10,000 deep', `{"event":"pusher:subscribe","data":${'['.repeat(10_000)}${']'.repeat(10_000)}}`],
    ['with a huge name', JSON.stringify({ event: 'x'.repeat(40_000) })],
    ['with a huge channel', JSON.stringify({ event: 'pusher:subscribe', data: { channel: 'x'.repeat(40_000) } })],
    ['that is a list', '[]'],
    ['that is null', 'null'],
  ])('[X3] a frame %s is told as an error, and the connection goes on', async (_, raw) => {
    const socket = await connect();
    socket.raw(raw);
    await socket.until('pusher:error');
    await socket.settled();
    socket.close();
  });

  it('[X3] a client event nested 20,000 deep hurts neither its sender nor the others', async () => {
    const [sender, other] = [await connect(), await connect()];
    await joined(sender, 'private-deep');
    await joined(other, 'private-deep');
    sender.raw(`{"event":"client-x","channel":"private-deep","data":${'['.repeat(20_000)}${']'.repeat(20_000)}}`);
    await sender.until('pusher:error');
    await Promise.all([sender.settled(), other.settled()]);
    expect(other.all('client-x')).toEqual([]);
    for (const each of [sender, other]) each.close();
  });

  it('JSON nested 50,000 deep is refused by the HTTP API as well', async () => {
    const library = pusherLibrary(server);
    const body = `{"name":"n","channel":"c","data":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
    const now = Date.now;
    Date.now = () => clock;
    const query = library.createSignedQueryString({ method: 'POST', path: `/apps/${app().id}/events`, body });
    Date.now = now;
    expect((await fetch(`${server.server.url}/apps/${app().id}/events?${query}`, { method: 'POST', body })).status).toBe(400);
  });
});

describe('a node that stops', () => {
  it('[X8] closes its Pusher connections with 4200, from which clients come back at once', async () => {
    const other = await startTestServer();
    const sockets = await Promise.all(Array.from({ length: 4 }, () => RawPusher.connect(other.server.url, other.server.context.pusherApp.key)));
    const drained = other.server.drain();
    expect(await Promise.all(sockets.map((socket) => socket.untilClosed()))).toEqual([4200, 4200, 4200, 4200]);
    await drained;
    await other.close();
  });
});
