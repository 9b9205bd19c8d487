import { createHash } from 'node:crypto';
import { WebSocket } from 'ws';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PUSHER_LIMITS } from '../src/socket/pusher/limits.ts';
import { channelAuth, sign, userAuth } from '../src/socket/pusher/signatures.ts';
import { pusherLibrary } from './pusher-backend.ts';
import { RawPusher } from './raw-pusher.ts';
import { startTestServer, type TestServer } from './test-server.ts';

/** The protocol's rules, frame by frame, where a client of the library would hide whether they hold. */
const ORIGIN = 'https://app.example.org';
let server: TestServer;
let clock = Date.now();
const open: RawPusher[] = [];

beforeAll(async () => {
  server = await startTestServer({ now: () => clock, env: { ALLOWED_ORIGINS: ORIGIN } });
});
afterAll(() => server.close());
afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});

const app = () => server.server.context.pusherApp;

async function connect(): Promise<RawPusher> {
  const socket = await RawPusher.connect(server.server.url, app().key);
  open.push(socket);
  return socket;
}

function subscribe(socket: RawPusher, channel: string, channelData?: string): void {
  const auth = channel.startsWith('private-') || channel.startsWith('presence-') ? channelAuth(app(), socket.socketId, channel, channelData) : '';
  socket.send({ event: 'pusher:subscribe', data: { channel, auth, ...(channelData === undefined ? {} : { channel_data: channelData }) } });
}

async function joined(channel: string, channelData?: string): Promise<RawPusher> {
  const socket = await connect();
  subscribe(socket, channel, channelData);
  await socket.until('pusher_internal:subscription_succeeded');
  return socket;
}

function signIn(socket: RawPusher, userData: string): void {
  socket.send({ event: 'pusher:signin', data: { auth: userAuth(app(), socket.socketId, userData), user_data: userData } });
}

/** A request to the HTTP API, signed. */
async function call(method: 'GET' | 'POST', path: string, body?: unknown, parameters: Record<string, string> = {}): Promise<{ status: number; body: unknown }> {
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  const all: Record<string, string> = {
    ...parameters,
    auth_key: app().key,
    auth_timestamp: String(Math.floor(clock / 1_000)),
    auth_version: '1.0',
    ...(text === '' ? {} : { body_md5: createHash('md5').update(text).digest('hex') }),
  };
  const wirePath = `/apps/${app().id}${path}`;
  const signed = Object.keys(all).sort().map((name) => `${name}=${all[name] ?? ''}`).join('&');
  const query = new URLSearchParams({ ...all, auth_signature: sign(app(), `${method}\n${wirePath}\n${signed}`) }).toString().replaceAll('+', '%20');
  const response = await fetch(`${server.server.url}${wirePath}?${query}`, { method, ...(text === '' ? {} : { body: text }) });
  return { status: response.status, body: await response.json() };
}

describe('connecting', () => {
  it.each(['5', '6', '7'])('takes protocol %s, and parameters nobody knows', async (protocol) => {
    const socket = new RawPusher(server.server.url, `/app/${app().key}?protocol=${protocol}&client=js&version=8.6.0&flash=false&whatever=1`);
    open.push(socket);
    const [welcome] = await socket.until('pusher:connection_established');
    expect(JSON.parse(String(welcome?.data))).toEqual({ socket_id: expect.stringMatching(/^\d+\.\d+$/), activity_timeout: expect.toSatisfy((seconds: number) => seconds > 0) });
  });

  it('anywhere else is refused with 404, and nothing is compressed', async () => {
    const statusOf = (path: string) =>
      new Promise<number | string>((resolve) => {
        const socket = new WebSocket(server.server.url.replace('http', 'ws') + path, { perMessageDeflate: true });
        socket.on('unexpected-response', (request, response) => {
          resolve(response.statusCode ?? 0);
          request.destroy();
        });
        socket.on('open', () => {
          resolve(socket.extensions);
          socket.terminate();
        });
        socket.on('error', () => undefined);
      });
    expect(await statusOf('/app/')).toBe(404);
    expect(await statusOf(`/app/${app().key}/more`)).toBe(404);
    expect(await statusOf(`/app/${app().key}?protocol=7`)).toBe('');
  });
});

describe('frames', () => {
  it('from the server carry their data as a string that holds JSON, errors theirs as an object', async () => {
    const ana = await joined('presence-strings', '{"user_id":"ana"}');
    const bo = await joined('presence-strings', '{"user_id":"bo","user_info":{"name":"Bo"}}');
    subscribe(ana, 'counted');
    signIn(ana, '{"id":"ana","watchlist":["bo"]}');
    signIn(bo, '{"id":"bo"}');
    await ana.until('pusher_internal:watchlist_events');
    await call('POST', '/events', { name: 'said', channel: 'presence-strings', data: '{"n":1}' });
    await ana.until('said');
    bo.close();
    await ana.until('pusher_internal:member_removed');
    ana.send({ event: 'no such event' });
    await ana.settled();
    for (const { event, data } of ana.frames) {
      if (event === 'pusher:error') expect(data).toEqual({ message: expect.any(String), code: null });
      else expect(typeof data === 'string' && JSON.parse(data), event).toBeTypeOf('object');
    }
    expect(new Set(ana.frames.map(({ event }) => event))).toEqual(
      new Set([
        'pusher:connection_established', 'pusher_internal:subscription_succeeded', 'pusher_internal:member_added', 'pusher_internal:subscription_count',
        'pusher:signin_success', 'pusher_internal:watchlist_events', 'said', 'pusher_internal:member_removed', 'pusher:error', 'pusher:pong',
      ]),
    );
  });

  it.each(['{"a":  1.0, "b":"\\u00e9"}', '', 'not JSON', '"a text"', '0', '{"__proto__":{"x":1}}'])('published over HTTP carry %j byte for byte', async (data) => {
    const socket = await joined('exact');
    expect(await call('POST', '/events', { name: 'said', channel: 'exact', data })).toEqual({ status: 200, body: {} });
    expect((await socket.until('said'))[0]).toEqual({ event: 'said', channel: 'exact', data });
  });

  it('are answered in order: a pong comes after the subscription that was asked for first', async () => {
    const socket = await connect();
    subscribe(socket, 'private-order');
    socket.send({ event: 'pusher:ping', data: {} });
    socket.send({ event: 'pusher:pong', data: {} });
    expect((await socket.until('pusher:pong'))[0]).toEqual({ event: 'pusher:pong', data: '{}' });
    expect(socket.frames.map(({ event }) => event)).toEqual(['pusher:connection_established', 'pusher_internal:subscription_succeeded', 'pusher_internal:subscription_count', 'pusher:pong']);
  });

  it('of any kind count as activity: whoever sends one is not asked for a pong', async () => {
    const [quiet, busy] = [await connect(), await connect()];
    clock += PUSHER_LIMITS.activityTimeoutMs - 1;
    busy.send({ event: 'pusher:unsubscribe', data: { channel: 'never-joined' } });
    await busy.settled();
    clock += 2;
    await quiet.until('pusher:ping');
    expect(busy.all('pusher:ping')).toEqual([]);
  });
});

describe('channels', () => {
  it.each([
    ['A-Za-z0-9_-=@,.;', true],
    ['__proto__', true],
    ['constructor', true],
    ['x'.repeat(200), true],
    ['x'.repeat(201), false],
    ['with space', false],
    ['a:b', false],
    ['a/b', false],
    ['é', false],
    ['', false],
    ['#server-to-user-', false],
  ])('called %s may be joined: %s', async (channel, isFine) => {
    const socket = await connect();
    socket.send({ event: 'pusher:subscribe', data: { channel, auth: '' } });
    await socket.settled();
    expect(socket.all('pusher_internal:subscription_succeeded').map((frame) => frame.channel)).toEqual(isFine ? [channel] : []);
    if (!isFine) expect(socket.all('pusher:error').length + socket.all('pusher:subscription_error').length).toBe(1);
  });

  it('are told apart by case, and by a prefix with its hyphen', async () => {
    const socket = await connect();
    for (const channel of ['privateer-x', 'presences', 'Private-x', 'News']) subscribe(socket, channel);
    await socket.until('pusher_internal:subscription_succeeded', 4);
    await call('POST', '/events', { name: 'said', channel: 'news', data: '' });
    await socket.settled();
    expect(socket.all('said')).toEqual([]);
    for (const channel of ['private-x', 'presence-x', 'private-encrypted-x', 'private-cache-x', 'presence-cache-x', 'private-encrypted-cache-x']) {
      socket.send({ event: 'pusher:subscribe', data: { channel, auth: '' } });
    }
    expect(new Set((await socket.until('pusher:subscription_error', 6)).map(({ data }) => (data as { status: number }).status))).toEqual(new Set([401]));
  });

  it('joined twice are joined once: one delivery, one member, one unsubscription ends it', async () => {
    const socket = await joined('presence-twice', '{"user_id":"ana"}');
    subscribe(socket, 'presence-twice', '{"user_id":"ana"}');
    await socket.until('pusher:error');
    await call('POST', '/events', { name: 'said', channel: 'presence-twice', data: '' });
    await socket.settled();
    expect(socket.all('said')).toHaveLength(1);
    socket.send({ event: 'pusher:unsubscribe', data: { channel: 'presence-twice' } });
    await socket.settled();
    expect((await call('GET', '/channels/presence-twice')).body).toEqual({ occupied: false });
  });

  it('leave no ghost of whoever was gone before the answer', async () => {
    for (let n = 0; n < 20; n += 1) {
      const socket = await connect();
      subscribe(socket, 'presence-ghosts', `{"user_id":"ghost ${n}"}`);
      if (n % 2 === 0) socket.send({ event: 'pusher:unsubscribe', data: { channel: 'presence-ghosts' } });
      else socket.close();
    }
    const last = await joined('presence-ghosts', '{"user_id":"alive"}');
    const users = async () => JSON.stringify((await call('GET', '/channels/presence-ghosts/users')).body);
    while ((await users()) !== '{"users":[{"id":"alive"}]}') await last.settled();
  });
});

describe('signatures', () => {
  it('include channel_data wherever it is given, and are not of another channel or secret', async () => {
    const socket = await connect();
    const send = (channel: string, auth: string, channelData?: string) => socket.send({ event: 'pusher:subscribe', data: { channel, auth, ...(channelData === undefined ? {} : { channel_data: channelData }) } });
    send('private-a', channelAuth(app(), socket.socketId, 'private-a'), '{"user_id":"1"}');
    send('private-a', channelAuth(app(), socket.socketId, 'private-b'));
    send('private-a', channelAuth({ ...app(), secret: 'another' }, socket.socketId, 'private-a'));
    send('private-a', channelAuth(app(), socket.socketId, 'private-a').toUpperCase());
    send('private-a', sign(app(), `${socket.socketId}:private-a`));
    expect(await socket.until('pusher:subscription_error', 5)).toHaveLength(5);
    send('private-a', channelAuth(app(), socket.socketId, 'private-a', '{"user_id":"1"}'), '{"user_id":"1"}');
    await socket.until('pusher_internal:subscription_succeeded');
  });

  it('are given to pages of allowed origins, refusals too, so that a page can read why', async () => {
    const { accessToken } = await server.signUp('Page');
    const path = `${server.server.url}/api/pusher/auth`;
    const preflight = await fetch(path, { method: 'OPTIONS', headers: { origin: ORIGIN, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type' } });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toBe('authorization, content-type, x-request-id');
    const ask = (token: string, channel: string, origin = ORIGIN) =>
      fetch(path, { method: 'POST', headers: { origin, authorization: `Bearer ${token}` }, body: new URLSearchParams({ socket_id: '1.1', channel_name: channel }) });
    for (const [token, channel, status] of [[accessToken, 'private-nothing', 403], ['made up', 'private-nothing', 401], [accessToken, '#server-to-user-1', 400]] as const) {
      const answer = await ask(token, channel);
      expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([status, ORIGIN]);
    }
    expect((await ask(accessToken, 'private-nothing', 'https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('presence', () => {
  it('tells the joiner everybody, itself included, and everybody else the joiner once', async () => {
    const ana = await joined('presence-hall', '{"user_id":"ana"}');
    const bo = await joined('presence-hall', '{"user_id":2,"user_info":{"name":"Bo"}}');
    expect(JSON.parse(String(bo.all('pusher_internal:subscription_succeeded')[0]?.data))).toEqual({ presence: { ids: ['2', 'ana'], hash: { 2: { name: 'Bo' }, ana: {} }, count: 2 } });
    expect((await ana.until('pusher_internal:member_added')).map(({ data }) => JSON.parse(String(data)) as unknown)).toEqual([{ user_id: '2', user_info: { name: 'Bo' } }]);
    await joined('presence-hall', '{"user_id":"2"}');
    await Promise.all([ana.settled(), bo.settled()]);
    expect([ana.all('pusher_internal:member_added').length, bo.all('pusher_internal:member_added').length]).toEqual([1, 0]);
    expect([...ana.all('pusher_internal:subscription_count'), ...bo.all('pusher_internal:subscription_count')]).toEqual([]);
  });

  it.each([
    ['no user_id', '{}'],
    ['an empty user_id', '{"user_id":""}'],
    ['a user_id of 129 characters', JSON.stringify({ user_id: 'x'.repeat(129) })],
    ['user_info over 1 kB', JSON.stringify({ user_id: '1', user_info: { about: '👍'.repeat(256) } })],
    ['channel_data that is no JSON', 'user 1'],
  ])('refuses %s', async (_, channelData) => {
    const socket = await connect();
    subscribe(socket, 'presence-picky', channelData);
    expect((await socket.until('pusher:subscription_error'))[0]).toMatchObject({ channel: 'presence-picky', data: { type: 'AuthError', status: 400 } });
  });

  it('takes a signed-in connection as its user without channel_data, and nobody else', async () => {
    const [known, unknown] = [await connect(), await connect()];
    signIn(known, '{"id":"known"}');
    subscribe(known, 'presence-signed-in');
    subscribe(unknown, 'presence-signed-in');
    expect(JSON.parse(String((await known.until('pusher_internal:subscription_succeeded'))[0]?.data))).toMatchObject({ presence: { ids: ['known'] } });
    await unknown.until('pusher:subscription_error');
  });
});

describe('client events', () => {
  it('are rebuilt: nothing but event, channel, data, and on presence channels the member who sent it', async () => {
    const [sender, other] = [await joined('presence-wave', '{"user_id":"ana"}'), await joined('presence-wave', '{"user_id":"bo"}')];
    sender.send({ event: 'client-wave', channel: 'presence-wave', data: { n: 1 }, user_id: 'bo', extra: true, socket_id: '1.1' });
    expect((await other.until('client-wave'))[0]).toEqual({ event: 'client-wave', channel: 'presence-wave', data: { n: 1 }, user_id: 'ana' });
    const [a, b] = [await joined('private-wave'), await joined('private-wave')];
    a.send({ event: 'client-wave', channel: 'private-wave', data: 'text', user_id: 'bo' });
    expect((await b.until('client-wave'))[0]).toEqual({ event: 'client-wave', channel: 'private-wave', data: 'text' });
  });

  it('reach the sender\'s other connections and nobody who left, and never the sending one', async () => {
    const [sending, tablet, left] = [await joined('presence-own', '{"user_id":"ana"}'), await joined('presence-own', '{"user_id":"ana"}'), await joined('presence-own', '{"user_id":"bo"}')];
    left.send({ event: 'pusher:unsubscribe', data: { channel: 'presence-own' } });
    await left.settled();
    sending.send({ event: 'client-x', channel: 'presence-own', data: {} });
    await tablet.until('client-x');
    left.send({ event: 'client-x', channel: 'presence-own', data: {} });
    await left.until('pusher:error');
    await Promise.all([sending.settled(), left.settled(), tablet.settled()]);
    expect([sending.all('client-x').length, left.all('client-x').length, tablet.all('client-x').length]).toEqual([0, 0, 1]);
  });

  it.each([
    ['on a public channel', 'public', 'client-x'],
    ['on an encrypted channel', 'private-encrypted-y', 'client-x'],
    ['with the name in capitals', 'private-y', 'Client-x'],
    ['under a name of the server', 'private-y', 'pusher_internal:member_added'],
    ['under any other name', 'private-y', 'said'],
    ['with a name of 201 characters', 'private-y', `client-${'x'.repeat(194)}`],
  ])('%s are dropped and told as an error', async (_, channel, event) => {
    const [sender, other] = [await joined(channel), await joined(channel)];
    sender.send({ event, channel, data: {} });
    await sender.until('pusher:error');
    await Promise.all([sender.settled(), other.settled()]);
    expect(other.all(event)).toEqual([]);
  });
});

describe('users', () => {
  it.each([
    ['a number as id', '{"id":7}'],
    ['an empty id', '{"id":""}'],
    ['no id', '{}'],
    ['no JSON', 'ana'],
    ['101 on the watchlist', JSON.stringify({ id: '7', watchlist: Array.from({ length: 101 }, String) })],
    ['over 10 kB', JSON.stringify({ id: '7', user_info: 'x'.repeat(10_240) })],
  ])('who sign in with %s are told 4009 and closed with it', async (_, userData) => {
    const socket = await connect();
    signIn(socket, userData);
    expect(await socket.untilClosed()).toBe(4009);
    expect(socket.all('pusher:error').at(-1)?.data).toMatchObject({ code: 4009 });
  });

  it('get an event once on each connection, subscribed or not, and nobody else does', async () => {
    const [one, two, other] = [await connect(), await connect(), await connect()];
    for (const socket of [one, two]) signIn(socket, '{"id":"ana"}');
    signIn(other, '{"id":"bo"}');
    one.send({ event: 'pusher:subscribe', data: { channel: '#server-to-user-ana', auth: '' } });
    await Promise.all([one.until('pusher_internal:subscription_succeeded'), two.until('pusher:signin_success'), other.until('pusher:signin_success')]);
    await Promise.all([two.settled(), other.settled()]);
    expect((await call('POST', '/events', { name: 'letter', channel: '#server-to-user-ana', data: '{"n":1}' })).status).toBe(200);
    for (const socket of [one, two]) expect(await socket.until('letter')).toEqual([{ event: 'letter', channel: '#server-to-user-ana', data: '{"n":1}' }]);
    await Promise.all([one.settled(), other.settled()]);
    expect([one.all('letter').length, other.all('letter').length]).toEqual([1, 0]);
  });

  it('are told of whom they watch: at once who is there, then the first to come and the last to go', async () => {
    const bo = await connect();
    signIn(bo, '{"id":"watched"}');
    await bo.settled();
    const watcher = await connect();
    signIn(watcher, '{"id":"watcher","watchlist":["watched","absent"]}');
    const events = async (count: number) => (await watcher.until('pusher_internal:watchlist_events', count)).map(({ data }) => (JSON.parse(String(data)) as { events: unknown[] }).events);
    expect(await events(1)).toEqual([[{ name: 'online', user_ids: ['watched'] }]]);
    const again = await connect();
    signIn(again, '{"id":"watched"}');
    await again.settled();
    bo.close();
    await again.settled();
    again.close();
    expect(await events(2)).toEqual([[{ name: 'online', user_ids: ['watched'] }], [{ name: 'offline', user_ids: ['watched'] }]]);
  });

  it('whose connections a backend ends are closed with 4009, also with an id that needs escaping, and only signed-in ones', async () => {
    const [signed, anonymous] = [await connect(), await connect()];
    signIn(signed, '{"id":"ana@example.org, the first"}');
    await signed.settled();
    const now = Date.now;
    Date.now = () => clock;
    const ended = pusherLibrary(server).terminateUserConnections('ana@example.org, the first');
    Date.now = now;
    await ended;
    expect(await signed.untilClosed()).toBe(4009);
    await anonymous.settled();
  });
});

describe('cache channels', () => {
  it('show what was last published over HTTP after the success, for half an hour, and no client event', async () => {
    const early = await joined('private-cache-sky');
    expect((await early.until('pusher:cache_miss'))[0]).toEqual({ event: 'pusher:cache_miss', channel: 'private-cache-sky' });
    await call('POST', '/events', { name: 'now', channel: 'private-cache-sky', data: '{"sky":"blue"}' });
    early.send({ event: 'client-now', channel: 'private-cache-sky', data: { sky: 'green' } });
    await early.settled();
    const late = await joined('private-cache-sky');
    await late.settled();
    expect(late.frames.map(({ event }) => event).slice(1, 3)).toEqual(['pusher_internal:subscription_succeeded', 'now']);
    expect(late.all('now')[0]).toEqual({ event: 'now', channel: 'private-cache-sky', data: '{"sky":"blue"}' });
    const stranger = await connect();
    stranger.send({ event: 'pusher:subscribe', data: { channel: 'private-cache-sky', auth: '' } });
    await stranger.until('pusher:subscription_error');
    expect(stranger.all('now')).toEqual([]);
    expect((await call('GET', '/channels/private-cache-sky', undefined, { info: 'cache' })).body).toMatchObject({ occupied: true, cache: { data: '{"sky":"blue"}' } });
    clock += PUSHER_LIMITS.cacheMs + 1;
    const latest = await joined('private-cache-sky');
    await latest.until('pusher:cache_miss');
    expect(latest.all('now')).toEqual([]);
  });
});

describe('the HTTP API', () => {
  it('passes encrypted contents on as they are, and remembers them on encrypted cache channels', async () => {
    const sealed = '{"nonce":"bm9uY2U=","ciphertext":"c2VhbGVk"}';
    const socket = await joined('private-encrypted-cache-vault');
    await call('POST', '/events', { name: 'said', channel: 'private-encrypted-cache-vault', data: sealed });
    expect((await socket.until('said'))[0]?.data).toBe(sealed);
    expect((await (await joined('private-encrypted-cache-vault')).until('said'))[0]?.data).toBe(sealed);
  });

  it('tells what is asked of the channels it publishes in, and leaves one connection out', async () => {
    const [ana, bo] = [await joined('presence-asked', '{"user_id":"ana"}'), await joined('presence-asked', '{"user_id":"bo"}')];
    const answer = await call('POST', '/events', { name: 'said', channels: ['presence-asked', 'nobody'], data: '', info: 'user_count,subscription_count', socket_id: ana.socketId });
    expect(answer).toEqual({ status: 200, body: { channels: { 'presence-asked': { user_count: 2, subscription_count: 2 }, nobody: { subscription_count: 0 } } } });
    await bo.until('said');
    await ana.settled();
    expect(ana.all('said')).toEqual([]);
  });

  it('takes parameters with every character a channel may have', async () => {
    await joined('presence-a=b@c,d.e;f', '{"user_id":"1"}');
    expect(await call('GET', '/channels', undefined, { filter_by_prefix: 'presence-a=b@c,d.e;', info: 'user_count' })).toEqual({ status: 200, body: { channels: { 'presence-a=b@c,d.e;f': { user_count: 1 } } } });
    expect((await call('GET', '/channels', undefined, { filter_by_prefix: 'private-', info: 'user_count' })).status).toBe(400);
  });

  it('refuses too much: 11 events in a batch, a body over 1 MB, and whatever is not there', async () => {
    const event = { channel: 'c', name: 'n', data: '' };
    expect((await call('POST', '/batch_events', { batch: Array.from({ length: 10 }, () => event) })).status).toBe(200);
    expect((await call('POST', '/batch_events', { batch: Array.from({ length: 11 }, () => event) })).status).toBe(400);
    expect((await call('POST', '/batch_events', { batch: [event, { ...event, data: 'x'.repeat(10_241) }] })).status).toBe(413);
    expect((await call('POST', '/events', { ...event, data: 'x'.repeat(PUSHER_LIMITS.httpBodyBytes) })).status).toBe(413);
    expect((await call('GET', '/nothing')).status).toBe(404);
    expect((await call('POST', '/events', { ...event, channel: '#server-to-user-' })).status).toBe(400);
  });
});
