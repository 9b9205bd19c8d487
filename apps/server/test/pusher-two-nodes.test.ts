import { createRequire } from 'node:module';
import type { ConversationId } from '@couplet/protocol';
import type PusherClient from 'pusher-js';
import type { PresenceChannel } from 'pusher-js';
import type PusherLibrary from 'pusher';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createPeople, type Person } from './people.ts';
import { pusherLibrary, startTestBackend, type TestBackend } from './pusher-backend.ts';
import { loadPusher, PUSHER_BUILDS } from './pusher-builds.ts';
import { connectEcho, heard, record, TestPusher } from './pusher-client.ts';
import { startTestNodes, type TestNodes } from './test-nodes.ts';
import type { TestServer } from './test-server.ts';

/**
 * Somebody's existing app on two nodes: its clients are at one or the other, its
 * backend asks whichever answers, and nobody notices.
 */
let nodes: TestNodes;
let backend: TestBackend;
/** The backend's library, at each of the nodes. */
let atNear: PusherLibrary;
let atFar: PusherLibrary;
const open: { close(): void }[] = [];

beforeAll(async () => {
  [nodes, backend] = await Promise.all([startTestNodes(), startTestBackend()]);
  [atNear, atFar] = [pusherLibrary(nodes.near), pusherLibrary(nodes.far)];
  backend.library = atNear;
});
afterAll(async () => {
  await nodes.close();
  await backend.close();
});
afterEach(() => {
  for (const client of open.splice(0)) client.close();
});

async function connect(node: TestServer, user: string, { library = TestPusher.library, watch }: { library?: typeof PusherClient; watch?: string } = {}): Promise<TestPusher> {
  const client = new TestPusher(node, {
    library,
    channelAuthorization: { endpoint: `${backend.url}/auth?user=${user}`, transport: 'ajax' },
    userAuthentication: { endpoint: `${backend.url}/user-auth?user=${user}${watch === undefined ? '' : `&watch=${watch}`}`, transport: 'ajax' },
    nacl: createRequire(import.meta.url)('tweetnacl'),
  });
  open.push(client);
  return client.connected();
}

const answerOf = async (library: PusherLibrary, path: string, params: Record<string, string> = {}) => (await library.get({ path, params })).json() as Promise<unknown>;

/** Everything that went over Redis before has reached this client: one event went the same way after it. */
async function settled(client: TestPusher): Promise<void> {
  const channel = `settled-${crypto.randomUUID()}`;
  const come = record<unknown>(await client.join(channel), 'come');
  for (const library of [atNear, atFar]) await library.trigger(channel, 'come', {});
  await come.until(2);
  client.client.unsubscribe(channel);
}

const BUILDS: [name: string, library: typeof PusherClient][] = [['node', TestPusher.library], ...PUSHER_BUILDS.map((build): [string, typeof PusherClient] => [build, loadPusher(build)])];

describe.each(BUILDS)('pusher-js, %s, and the server library on two nodes', (name, library) => {
  const room = (kind: string) => `${kind}-on-${name.replaceAll(/\W/g, '-')}`;

  it('brings what is published at one node to both, but for the one who asked not to hear it', async () => {
    const [ana, bo] = [await connect(nodes.near, 'ana', { library }), await connect(nodes.far, 'bo', { library })];
    const [atAna, atBo] = [record<unknown>(await ana.join(room('private')), 'said'), record<unknown>(await bo.join(room('private')), 'said')];
    await atFar.trigger(room('private'), 'said', 'first', { socket_id: ana.socketId });
    await atFar.triggerBatch([{ channel: room('private'), name: 'said', data: 'second' }]);
    await atNear.trigger(room('private'), 'said', 'third');
    expect(await atBo.until(3)).toHaveLength(3);
    await settled(ana);
    expect(atBo.all.toSorted()).toEqual(['first', 'second', 'third']);
    expect(atAna.all.toSorted()).toEqual(['second', 'third']);
  });

  it('carries what clients say to each other to the other node, once, with the member who said it', async () => {
    const [ana, bo, alsoBo] = [await connect(nodes.near, 'ana', { library }), await connect(nodes.far, 'bo', { library }), await connect(nodes.near, 'bo', { library })];
    const [anas, bos, others] = [await ana.join(room('presence-table')), await bo.join(room('presence-table')), await alsoBo.join(room('presence-table'))];
    const echoed = record<unknown>(anas, 'client-wave');
    const waves = [bos, others].map((channel) => record<unknown>(channel, 'client-wave'));
    const senders: unknown[] = [];
    bos.bind('client-wave', (_: unknown, metadata?: { user_id?: string }) => senders.push(metadata?.user_id));
    anas.trigger('client-wave', { n: 1 });
    for (const wave of waves) await wave.until(1);
    for (const client of [ana, bo, alsoBo]) await settled(client);
    expect(waves.map(({ all }) => all)).toEqual([[{ n: 1 }], [{ n: 1 }]]);
    expect([senders, echoed.all]).toEqual([['ana'], []]);
  });

  it('knows each member once, whatever nodes they are at', async () => {
    const ana = await connect(nodes.near, 'ana', { library });
    const anas = await ana.join<PresenceChannel>(room('presence-hall'));
    const [added, removed] = [record<{ id: string }>(anas, 'pusher:member_added'), record<{ id: string }>(anas, 'pusher:member_removed')];
    const [bo, alsoBo] = [await connect(nodes.far, 'bo', { library }), await connect(nodes.near, 'bo', { library })];
    const bos = await bo.join<PresenceChannel>(room('presence-hall'));
    expect(bos.members.count).toBe(2);
    expect(bos.members.get('ana')).toMatchObject({ info: { name: 'ana' } });
    await alsoBo.join(room('presence-hall'));
    for (const asked of [atNear, atFar]) {
      expect(await answerOf(asked, `/channels/${room('presence-hall')}/users`)).toEqual({ users: [{ id: 'ana' }, { id: 'bo' }] });
      expect(await answerOf(asked, '/channels', { filter_by_prefix: room('presence-hall'), info: 'user_count' })).toEqual({ channels: { [room('presence-hall')]: { user_count: 2 } } });
    }
    await added.until(1);
    bo.close();
    await settled(ana);
    expect(removed.all).toEqual([]);
    alsoBo.close();
    expect((await removed.until(1)).map(({ id }) => id)).toEqual(['bo']);
    expect(added.all.map(({ id }) => id)).toEqual(['bo']);
  });

  it('tells how many are subscribed, on both nodes together', async () => {
    const [ana, bo] = [await connect(nodes.near, 'ana', { library }), await connect(nodes.far, 'bo', { library })];
    const counts = record<{ subscription_count: number }>(await ana.join(room('crowd')), 'pusher:subscription_count');
    await bo.join(room('crowd'));
    const last = async (count: number) => {
      for (let n = 1; counts.all.at(-1)?.subscription_count !== count; n += 1) await counts.until(n);
    };
    await last(2);
    for (const asked of [atNear, atFar]) expect(await answerOf(asked, `/channels/${room('crowd')}`, { info: 'subscription_count' })).toEqual({ occupied: true, subscription_count: 2 });
    bo.close();
    await last(1);
  });

  it('shows the last event of a cache channel to those who come later, at the other node too', async () => {
    const missed = record<unknown>((await connect(nodes.near, 'ana', { library })).client.subscribe(room('cache-sky')), 'pusher:cache_miss');
    await missed.until(1);
    await atNear.trigger(room('cache-sky'), 'now', { sky: 'blue' });
    const late = await connect(nodes.far, 'bo', { library });
    expect(await record<unknown>(late.client.subscribe(room('cache-sky')), 'now').until(1)).toEqual([{ sky: 'blue' }]);
    const { cache } = (await answerOf(atFar, `/channels/${room('cache-sky')}`, { info: 'cache' })) as { cache: { data: string } };
    expect(JSON.parse(cache.data)).toEqual({ sky: 'blue' });
  });

  it('signs users in, brings their letters, tells who watches them, and ends them, from the other node', async () => {
    const [me, friend] = [`me-${room('')}`, `friend-${room('')}`];
    const watcher = await connect(nodes.near, me, { library, watch: friend });
    watcher.client.signin();
    await watcher.client.user.signinDonePromise;
    const online = record<{ user_ids: string[] }>(watcher.client.user.watchlist, 'online');
    const offline = record<{ user_ids: string[] }>(watcher.client.user.watchlist, 'offline');
    const friends = await connect(nodes.far, friend, { library });
    friends.client.signin();
    const letters = record<unknown>(friends.client.user, 'letter');
    await friends.client.user.signinDonePromise;
    expect((await online.until(1))[0]?.user_ids).toEqual([friend]);
    await atNear.sendToUser(friend, 'letter', { n: 1 });
    expect(await letters.until(1)).toEqual([{ n: 1 }]);
    const ended = friends.untilConnection<void>('disconnected');
    await atNear.terminateUserConnections(friend);
    await ended;
    expect((await offline.until(1))[0]?.user_ids).toEqual([friend]);
    expect(watcher.client.connection.state).toBe('connected');
  });
});

describe('laravel-echo on two nodes', () => {
  interface Created {
    message: { id: string; text: string };
  }

  let ana: Person;
  let bo: Person;
  let chatId: ConversationId;
  beforeAll(async () => {
    [ana, bo] = (await createPeople(nodes.near, 'Ana', 'Bo')) as [Person, Person];
    chatId = await ana.conversationWith(bo);
  });

  function echoOf(node: TestServer, person: Person) {
    const echo = connectEcho(node, person.token);
    open.push({ close: () => echo.disconnect() });
    return echo;
  }

  it('listens to a conversation at one node while its peer writes at the other, and whispers to them', async () => {
    const [anas, bos] = [echoOf(nodes.far, ana).private(`chat-${chatId}`), echoOf(nodes.near, bo).private(`chat-${chatId}`)];
    const subscribed = [heard((told) => anas.subscribed(() => told(null))), heard((told) => bos.subscribed(() => told(null)))];
    const created = heard<Created>((told) => anas.listen('.message_created', told));
    const whispers = heard<unknown>((told) => anas.listenForWhisper('typing', told));
    for (const each of subscribed) await each.until(1);
    const sent = await bo.send(chatId, 'to Echo, at the other node');
    expect((await created.until(1))[0]?.message).toMatchObject({ id: sent.id, text: 'to Echo, at the other node' });
    bos.whisper('typing', { isTyping: true });
    expect(await whispers.until(1)).toEqual([{ isTyping: true }]);
  });

  it('knows who is here, who joins and who leaves, at either node', async () => {
    const room = echoOf(nodes.near, ana).join(`chat-${chatId}`);
    const here = heard<{ name: string }[]>((told) => room.here(told));
    const joining = heard<{ name: string }>((told) => room.joining(told));
    const leaving = heard<{ name: string }>((told) => room.leaving(told));
    expect(await here.until(1)).toEqual([[{ name: 'Ana' }]]);
    const bos = echoOf(nodes.far, bo);
    const alsoHere = heard<{ name: string }[]>((told) => bos.join(`chat-${chatId}`).here(told));
    expect((await alsoHere.until(1))[0]).toEqual(expect.arrayContaining([{ name: 'Ana' }, { name: 'Bo' }]));
    expect(await joining.until(1)).toEqual([{ name: 'Bo' }]);
    bos.leave(`chat-${chatId}`);
    expect(await leaving.until(1)).toEqual([{ name: 'Bo' }]);
  });
});
