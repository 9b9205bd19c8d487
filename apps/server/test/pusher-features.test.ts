import { createRequire } from 'node:module';
import type PusherClient from 'pusher-js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { pusherLibrary, startTestBackend, type TestBackend } from './pusher-backend.ts';
import { ENCRYPTING_BUILDS, loadPusher } from './pusher-builds.ts';
import { record, TestPusher } from './pusher-client.ts';
import { startTestServer, type TestServer } from './test-server.ts';

/** The optional features of the protocol, with every build of pusher-js that has them. */
const nacl: unknown = createRequire(import.meta.url)('tweetnacl');
const BUILDS: [name: string, library: typeof PusherClient, options: object][] = [
  ...ENCRYPTING_BUILDS.map((build): [string, typeof PusherClient, object] => [build, loadPusher(build), {}]),
  // These are given what encryption takes.
  ['node', TestPusher.library, { nacl }],
  ['react-native/pusher.js', loadPusher('react-native/pusher.js'), { nacl }],
];

let server: TestServer;
let backend: TestBackend;
const open: TestPusher[] = [];

beforeAll(async () => {
  backend = await startTestBackend();
  server = await startTestServer();
  backend.library = pusherLibrary(server);
});
afterAll(async () => {
  await server.close();
  await backend.close();
});
afterEach(() => {
  for (const client of open.splice(0)) client.close();
});

const published = () => {
  if (!backend.library) throw new Error('The library is made before the tests');
  return backend.library;
};

async function connect(library: typeof PusherClient, options: object, user: string, watch?: string): Promise<TestPusher> {
  const watched = watch === undefined ? '' : `&watch=${watch}`;
  const client = new TestPusher(server, {
    library,
    channelAuthorization: { endpoint: `${backend.url}/auth?user=${user}`, transport: 'ajax' },
    userAuthentication: { endpoint: `${backend.url}/user-auth?user=${user}${watched}`, transport: 'ajax' },
    ...options,
  });
  open.push(client);
  return client.connected();
}

describe.each(BUILDS)('pusher-js, %s', (name, library, options) => {
  it('reads what a backend encrypted, live and from a cache channel', async () => {
    const room = `private-encrypted-cache-${name.replaceAll('/', '-')}`;
    const client = await connect(library, options, 'ana');
    const said = record<unknown>(await client.join(room), 'said');
    await published().trigger(room, 'said', { secret: 'für später' });
    expect(await said.until(1)).toEqual([{ secret: 'für später' }]);
    const late = await connect(library, options, 'bo');
    expect(await record<unknown>(late.client.subscribe(room), 'said').until(1)).toEqual([{ secret: 'für später' }]);
  });

  it('is shown the last event of a cache channel, or told that there is none', async () => {
    const channel = `private-cache-${name.replaceAll('/', '-')}`;
    const early = await connect(library, options, 'ana');
    await record<unknown>(early.client.subscribe(channel), 'pusher:cache_miss').until(1);
    await published().trigger(channel, 'now', { sky: 'blue' });
    const late = await connect(library, options, 'ana');
    expect(await record<unknown>(late.client.subscribe(channel), 'now').until(1)).toEqual([{ sky: 'blue' }]);
  });

  it('signs in, again after a loss, gets its letters, and sees whom it watches come and go', async () => {
    const [me, friend] = [`me on ${name}`, `friend on ${name}`];
    const client = await connect(library, options, encodeURIComponent(me), encodeURIComponent(friend));
    client.client.signin();
    await client.client.user.signinDonePromise;
    const letters = record<unknown>(client.client.user, 'letter');
    const [online, offline] = [record<{ user_ids: string[] }>(client.client.user.watchlist, 'online'), record<{ user_ids: string[] }>(client.client.user.watchlist, 'offline')];
    const friends = await connect(library, options, encodeURIComponent(friend));
    friends.client.signin();
    expect((await online.until(1))[0]?.user_ids).toEqual([friend]);
    friends.close();
    expect((await offline.until(1))[0]?.user_ids).toEqual([friend]);
    await published().sendToUser(me, 'letter', { n: 1 });
    expect(await letters.until(1)).toEqual([{ n: 1 }]);

    const lost = client.socketId;
    const { connection } = client.client.connection as unknown as { connection: { close(): void } };
    connection.close();
    await client.untilConnection('connected');
    expect(client.socketId).not.toBe(lost);
    // Signed in again once the letter comes: until then there is nobody to take it.
    for (let n = 2; letters.all.length < 2; n += 1) await published().sendToUser(me, 'letter', { n });
    expect(letters.all.at(-1)).toEqual({ n: expect.toSatisfy((n: number) => n > 1) });
  });
});
