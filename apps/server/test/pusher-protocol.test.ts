import { createRequire } from 'node:module';
import type { PresenceChannel } from 'pusher-js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ENCRYPTION_MASTER_KEY, pusherLibrary, startTestBackend, type TestBackend } from './pusher-backend.ts';
import { record, TestPusher } from './pusher-client.ts';
import { startTestServer, type TestServer } from './test-server.ts';

/**
 * The gateway as somebody's existing app meets it: pusher-js as it is, a backend
 * with the official library, channels that are nothing of ours.
 */
let server: TestServer;
let backend: TestBackend;
const open: TestPusher[] = [];

beforeAll(async () => {
  backend = await startTestBackend();
  server = await startTestServer({ env: { PUSHER_WEBHOOK_URL: `${backend.url}/webhook`, PUSHER_APP_ID: '4711', PUSHER_KEY: 'a-public-key', PUSHER_SECRET: 'a-secret-of-tests' } });
  backend.library = pusherLibrary(server);
});
afterAll(async () => {
  await server.close();
  await backend.close();
});
afterEach(() => {
  for (const client of open.splice(0)) client.close();
});

async function connect(user = 'ana', watch: string[] = []): Promise<TestPusher> {
  const watched = watch.map((id) => `&watch=${id}`).join('');
  const client = new TestPusher(server, {
    channelAuthorization: { endpoint: `${backend.url}/auth?user=${user}`, transport: 'ajax' },
    userAuthentication: { endpoint: `${backend.url}/user-auth?user=${user}${watched}`, transport: 'ajax' },
    nacl: createRequire(import.meta.url)('tweetnacl'),
  });
  open.push(client);
  return client.connected();
}

const library = () => {
  if (!backend.library) throw new Error('The library is made before the tests');
  return backend.library;
};

/** Everything this client sent before has been answered. */
async function settled(client: TestPusher): Promise<void> {
  const answered = new Promise<void>((resolve) => client.client.connection.bind('pong', resolve));
  client.client.connection.bind('message', ({ event }: { event: string }) => event === 'pusher:pong' && client.client.connection.emit('pong'));
  client.client.send_event('pusher:ping', {});
  await answered;
}

describe('public and private channels', () => {
  it('bring what the backend publishes, to all or to all but one', async () => {
    const [ana, bo] = [await connect('ana'), await connect('bo')];
    const [anas, bos] = [await ana.join('news'), await bo.join('news')];
    const [atAna, atBo] = [record<unknown>(anas, 'headline'), record<unknown>(bos, 'headline')];
    await library().trigger('news', 'headline', { text: 'rain' });
    await library().trigger(['news', 'other'], 'headline', '', { socket_id: ana.socketId });
    expect(await atBo.until(2)).toEqual([{ text: 'rain' }, '']);
    await settled(ana);
    expect(atAna.all).toEqual([{ text: 'rain' }]);
  });

  it('let a private one in by the signature of its backend, and nobody without', async () => {
    const ana = await connect();
    const events = record<unknown>(await ana.join('private-room'), 'said');
    await library().trigger('private-room', 'said', { n: 1 });
    expect(await events.until(1)).toEqual([{ n: 1 }]);
    const bo = await connect('bo');
    bo.client.channels.add('private-x', bo.client);
    const told = new Promise((resolve) => bo.client.channel('private-x').bind('pusher:subscription_error', resolve));
    bo.client.send_event('pusher:subscribe', { channel: 'private-x', auth: `a-public-key:${'0'.repeat(64)}` });
    expect(await told).toMatchObject({ type: 'AuthError', status: 401 });
  });

  it('ends at unsubscribe, and a second subscription delivers nothing twice', async () => {
    const ana = await connect();
    const events = record<number>(await ana.join('counted'), 'n');
    ana.client.send_event('pusher:subscribe', { channel: 'counted', auth: '' });
    await settled(ana);
    await library().trigger('counted', 'n', 1);
    await events.until(1);
    ana.client.send_event('pusher:unsubscribe', { channel: 'counted' });
    await settled(ana);
    await library().trigger('counted', 'n', 2);
    await settled(ana);
    expect(events.all).toEqual([1]);
  });

  it('tell how many are subscribed', async () => {
    const ana = await connect();
    const counts = record<{ subscription_count: number }>(await ana.join('crowd'), 'pusher:subscription_count');
    const bo = await connect('bo');
    await bo.join('crowd');
    await counts.until(1);
    bo.close();
    const all = await counts.until(2);
    expect(all.slice(-2).map((count) => count.subscription_count)).toEqual([2, 1]);
  });

  it('carry encrypted events that the server cannot read', async () => {
    expect(Buffer.from(ENCRYPTION_MASTER_KEY, 'base64')).toHaveLength(32);
    const ana = await connect();
    const events = record<unknown>(await ana.join('private-encrypted-room'), 'said');
    await library().trigger('private-encrypted-room', 'said', { secret: 'yes' });
    expect(await events.until(1)).toEqual([{ secret: 'yes' }]);
  });

  it('show the last event of a cache channel to those who come later', async () => {
    const early = await connect();
    const missed = record<unknown>(early.client.subscribe('cache-weather'), 'pusher:cache_miss');
    await missed.until(1);
    await library().trigger('cache-weather', 'now', { sky: 'blue' });
    const late = await connect();
    const events = record<unknown>(late.client.subscribe('cache-weather'), 'now');
    expect(await events.until(1)).toEqual([{ sky: 'blue' }]);
  });
});

describe('presence channels', () => {
  it('know each user once, however many connections they have', async () => {
    const ana = await connect('ana');
    const room = await ana.join<PresenceChannel>('presence-room');
    expect(room.members.me).toMatchObject({ id: 'ana', info: { name: 'ana' } });
    const [added, removed] = [record<{ id: string }>(room, 'pusher:member_added'), record<{ id: string }>(room, 'pusher:member_removed')];
    const [bo, alsoBo] = [await connect('bo'), await connect('bo')];
    await bo.join('presence-room');
    const second = await alsoBo.join<PresenceChannel>('presence-room');
    expect(second.members.count).toBe(2);
    expect(await library().get({ path: '/channels/presence-room/users' }).then((answer) => answer.json())).toEqual({ users: [{ id: 'ana' }, { id: 'bo' }] });
    bo.close();
    await settled(alsoBo);
    alsoBo.close();
    expect((await removed.until(1)).map((member) => member.id)).toEqual(['bo']);
    expect(added.all.map((member) => member.id)).toEqual(['bo']);
  });

  it('take members called like the innards of an object', async () => {
    const odd = await connect('__proto__');
    const room = await odd.join<PresenceChannel>('presence-odd');
    expect(await library().get({ path: '/channels/presence-odd/users' }).then((answer) => answer.json())).toEqual({ users: [{ id: '__proto__' }] });
    expect(room.members.count).toBe(1);
  });
});

describe('client events', () => {
  it('go to all others in the channel, with the member who sent them', async () => {
    const [ana, bo] = [await connect('ana'), await connect('bo')];
    const [anas, bos] = [await ana.join('presence-table'), await bo.join('presence-table')];
    const heard = record<{ n: number }>(bos, 'client-wave');
    const echoed = record<unknown>(anas, 'client-wave');
    const senders: unknown[] = [];
    bos.bind('client-wave', (_: unknown, metadata?: { user_id?: string }) => senders.push(metadata?.user_id));
    anas.trigger('client-wave', { n: 1, user_id: 'somebody else' });
    expect(await heard.until(1)).toEqual([{ n: 1, user_id: 'somebody else' }]);
    expect(senders).toEqual(['ana']);
    await settled(ana);
    expect(echoed.all).toEqual([]);
  });

  it('are refused on public channels and on ones that were not joined', async () => {
    const ana = await connect();
    const errors = record<{ data?: { message: string } }>(ana.client.connection, 'error');
    const room = await ana.join('public-room');
    room.trigger('client-x', {});
    ana.client.send_event('client-x', {}, 'private-never-joined');
    expect((await errors.until(2)).every((error) => JSON.stringify(error).includes('joined'))).toBe(true);
  });
});

describe('users', () => {
  it('sign in, get what is sent to them, and are seen by those who watch', async () => {
    const ana = await connect('ana', ['bo']);
    ana.client.signin();
    const online = record<{ user_ids: string[] }>(ana.client.user.watchlist, 'online');
    const offline = record<{ user_ids: string[] }>(ana.client.user.watchlist, 'offline');
    await ana.client.user.signinDonePromise;
    const bo = await connect('bo');
    bo.client.signin();
    const letters = record<unknown>(bo.client.user, 'letter');
    await bo.client.user.signinDonePromise;
    await settled(bo);
    expect((await online.until(1))[0]?.user_ids).toEqual(['bo']);
    await library().sendToUser('bo', 'letter', { from: 'ana' });
    expect(await letters.until(1)).toEqual([{ from: 'ana' }]);
    const ended = bo.untilConnection<void>('disconnected');
    await library().terminateUserConnections('bo');
    await ended;
    expect((await offline.until(1))[0]?.user_ids).toEqual(['bo']);
  });
});

describe('the HTTP API', () => {
  const json = async (path: string, params?: Record<string, string>) => (await library().get({ path, ...(params ? { params } : {}) })).json() as Promise<unknown>;

  it('lists channels and tells of each', async () => {
    const ana = await connect('ana');
    await ana.join('listed-one');
    await ana.join('presence-listed');
    expect(await json('/channels', { filter_by_prefix: 'listed-' })).toEqual({ channels: { 'listed-one': {} } });
    expect(await json('/channels', { filter_by_prefix: 'presence-listed', info: 'user_count' })).toEqual({ channels: { 'presence-listed': { user_count: 1 } } });
    expect(await json('/channels/listed-one', { info: 'subscription_count' })).toEqual({ occupied: true, subscription_count: 1 });
    expect(await json('/channels/nobody')).toEqual({ occupied: false });
    await expect(json('/channels/listed-one', { info: 'user_count' })).rejects.toMatchObject({ status: 400 });
    await expect(json('/channels/listed-one/users')).rejects.toMatchObject({ status: 400 });
  });

  it('publishes batches, all or nothing', async () => {
    const ana = await connect();
    const events = record<unknown>(await ana.join('batched'), 'n');
    const answer = await library().triggerBatch([
      { channel: 'batched', name: 'n', data: 1 },
      { channel: 'batched', name: 'n', data: 2, info: 'subscription_count' },
    ]);
    expect(await answer.json()).toEqual({ batch: [{}, { subscription_count: 1 }] });
    expect(await events.until(2)).toEqual([1, 2]);
    await expect(
      library().triggerBatch([
        { channel: 'batched', name: 'n', data: 3 },
        { channel: 'batched', name: 'n', data: 'x'.repeat(10_241) },
      ]),
    ).rejects.toMatchObject({ status: 413 });
    await settled(ana);
    expect(events.all).toEqual([1, 2]);
  });

  it('measures data in bytes', async () => {
    await expect(library().trigger('news', 'n', '👍'.repeat(2_561))).rejects.toMatchObject({ status: 413 });
    await library().trigger('news', 'n', '👍'.repeat(2_560));
  });

  it('refuses what is not signed with the secret, altered, late or of another app', async () => {
    await expect(pusherLibrary(server, { secret: 'another-secret-altogether' }).trigger('news', 'n', {})).rejects.toMatchObject({ status: 401 });
    await expect(pusherLibrary(server, { appId: '4712' }).trigger('news', 'n', {})).rejects.toMatchObject({ status: 404 });
    const body = JSON.stringify({ name: 'n', channels: ['news'], data: '{}' });
    const call = async (query: string, sent = body) => (await fetch(`${server.server.url}/apps/4711/events?${query}`, { method: 'POST', body: sent })).status;
    const signed = library().createSignedQueryString({ method: 'POST', path: '/apps/4711/events', body });
    expect(await call(signed)).toBe(200);
    expect(await call(signed, body.replace('news', 'newt'))).toBe(401);
    expect(await call(signed.replace(/body_md5=[^&]+&/, ''))).toBe(401);
    expect(await call(`${signed}&channel=x`)).toBe(401);
    expect(await call(`${signed}&auth_key=a-public-key`)).toBe(401);
    expect(await call('')).toBe(401);
    const now = Date.now;
    for (const [seconds, status] of [[-590, 200], [-610, 401], [590, 200], [610, 401]] as const) {
      Date.now = () => now() + seconds * 1_000;
      const query = library().createSignedQueryString({ method: 'POST', path: '/apps/4711/events', body });
      Date.now = now;
      expect(await call(query), `${seconds} s off`).toBe(status);
    }
  });

  it.each<[string, unknown]>([
    ['not JSON', '{'],
    ['no data', { name: 'n', channel: 'c' }],
    ['data that is no text', { name: 'n', channel: 'c', data: {} }],
    ['no channel', { name: 'n', data: '' }],
    ['a channel with a colon', { name: 'n', data: '', channel: 'a:b' }],
    ['a name of 201 characters', { name: 'n'.repeat(201), data: '', channel: 'c' }],
    ['101 channels', { name: 'n', data: '', channels: Array.from({ length: 101 }, (_, n) => `c${n}`) }],
    ['a socket id that is none', { name: 'n', data: '', channel: 'c', socket_id: '1' }],
    ['two channels, one of them encrypted', { name: 'n', data: '', channels: ['private-encrypted-a', 'b'] }],
  ])('answers %s with 400', async (_, given) => {
    const body = typeof given === 'string' ? given : JSON.stringify(given);
    const query = library().createSignedQueryString({ method: 'POST', path: '/apps/4711/events', body });
    expect((await fetch(`${server.server.url}/apps/4711/events?${query}`, { method: 'POST', body })).status).toBe(400);
  });
});

describe('webhooks', () => {
  it('arrive signed, also after failures, and the library believes them', async () => {
    backend.failures.push(503);
    const ana = await connect('ana');
    await ana.join('presence-hooked');
    const call = await backend.untilWebhook(({ body }) => body.includes('presence-hooked'));
    const webhook = library().webhook({ headers: call.headers, rawBody: call.body });
    expect(webhook.isValid()).toBe(true);
    expect(webhook.getEvents()).toEqual(
      expect.arrayContaining([
        { name: 'channel_occupied', channel: 'presence-hooked' },
        { name: 'member_added', channel: 'presence-hooked', user_id: 'ana' },
      ]),
    );
    const bo = await connect('bo');
    (await bo.join<PresenceChannel>('presence-hooked')).trigger('client-wave', { n: 1 });
    await bo.join('cache-hooked');
    const told = async (name: string, channel: string) => {
      const { body } = await backend.untilWebhook((received) => received.body.includes(`"name":"${name}","channel":"${channel}"`));
      return (JSON.parse(body) as { events: { name: string; channel: string }[] }).events.find((event) => event.name === name && event.channel === channel);
    };
    expect(await told('client_event', 'presence-hooked')).toEqual({ name: 'client_event', channel: 'presence-hooked', event: 'client-wave', data: '{"n":1}', socket_id: bo.socketId, user_id: 'bo' });
    expect(await told('cache_miss', 'cache-hooked')).toEqual({ name: 'cache_miss', channel: 'cache-hooked' });
    expect(await told('subscription_count', 'cache-hooked')).toEqual({ name: 'subscription_count', channel: 'cache-hooked', subscription_count: 1 });
    bo.close();
    expect(await told('member_removed', 'presence-hooked')).toMatchObject({ user_id: 'bo' });
    ana.close();
    const gone = await backend.untilWebhook(({ body }) => body.includes('"name":"channel_vacated","channel":"presence-hooked"'));
    expect(library().webhook({ headers: gone.headers, rawBody: gone.body }).getEvents()).toEqual(
      expect.arrayContaining([{ name: 'channel_vacated', channel: 'presence-hooked' }]),
    );
  });
});
