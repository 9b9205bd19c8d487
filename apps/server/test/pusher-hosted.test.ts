import type { ConversationId, Event, Presence } from '@couplet/protocol';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createPeople, type Person } from './people.ts';
import { record, TestPusher } from './pusher-client.ts';
import { startTestServer, TEST_ADMIN_KEY, type TestServer } from './test-server.ts';

/** REALTIME_DRIVER=pusher, with a second server of our own in the place of the hosted service. */
const APP = { PUSHER_APP_ID: '4711', PUSHER_KEY: 'a-public-key', PUSHER_SECRET: 'a-secret-of-tests' };
let hosted: TestServer;
let server: TestServer;
let ana: Person;
let bo: Person;
let chatId: ConversationId;
let clock = Date.now();
const open: TestPusher[] = [];

beforeAll(async () => {
  hosted = await startTestServer({ env: APP });
  server = await startTestServer({ now: () => clock, env: { ...APP, REALTIME_DRIVER: 'pusher', PUSHER_API_URL: hosted.server.url } });
  [ana, bo] = (await createPeople(server, 'Ana', 'Bo')) as [Person, Person];
  chatId = await ana.conversationWith(bo);
  await ana.send(chatId, 'so that both have it');
});
afterAll(async () => {
  await server.close();
  await hosted.close();
});
afterEach(() => {
  for (const client of open.splice(0)) client.close();
});

/** Connected to the hosted service, authorised by the server. */
async function connect(token: string): Promise<TestPusher> {
  const headers = { Authorization: `Bearer ${token}` };
  const client = new TestPusher(hosted, {
    channelAuthorization: { endpoint: `${server.server.url}/api/pusher/auth`, transport: 'ajax', headers },
    userAuthentication: { endpoint: `${server.server.url}/api/pusher/user-auth`, transport: 'ajax', headers },
  });
  open.push(client);
  return client.connected();
}

interface ChatEvent {
  message: { id: string; text?: string; status: string };
  isReference?: boolean;
}

describe('a hosted app', () => {
  it('brings each message once per conversation, and each event of the log with its position', async () => {
    const bos = await connect(bo.token);
    const created = record<ChatEvent>(await bos.join(`private-chat-${chatId}`), 'message_created');
    const events = record<Event>(await bos.join(`private-user-${bo.id}`), 'event');
    const { position } = await bo.sync(0);
    const sent = [await ana.send(chatId, 'one'), await bo.send(chatId, 'two')];
    await server.call('POST', `/api/conversations/${chatId}/read`, { token: bo.token, body: { lastReadMessageId: sent[0]?.id } });
    expect((await events.until(3)).map((event) => event.position)).toEqual([1, 2, 3].map((n) => position + n));
    expect((await created.until(2)).map(({ message }) => message.id)).toEqual(sent.map(({ id }) => id));
  });

  it('tells what a receipt covered, and typing', async () => {
    const anas = await connect(ana.token);
    const chat = await anas.join(`private-chat-${chatId}`);
    const [updated, typing] = [record<ChatEvent>(chat, 'message_updated'), record<unknown>(chat, 'typing')];
    const sent = await ana.send(chatId, 'seen?');
    await server.call('POST', `/api/conversations/${chatId}/read`, { token: bo.token, body: { lastReadMessageId: sent.id } });
    for (let n = 1; !updated.all.some(({ message }) => message.id === sent.id && message.status === 'read'); n += 1) await updated.until(n);
    await server.call('POST', `/api/conversations/${chatId}/typing`, { token: bo.token, body: { isTyping: true } });
    expect(await typing.until(1)).toEqual([{ userId: bo.id, isTyping: true }]);
  });

  it('gets what is over its 10 kB as a reference that the client fetches', async () => {
    const bos = await connect(bo.token);
    const created = record<ChatEvent>(await bos.join(`private-chat-${chatId}`), 'message_created');
    const events = record<Event & { isReference?: boolean }>(await bos.join(`private-user-${bo.id}`), 'event');
    const sent = await ana.send(chatId, '☃'.repeat(8_000));
    const [event] = await events.until(1);
    expect(event).toEqual({ type: 'chat.message.new', position: expect.any(Number), isReference: true, messageId: sent.id, conversationId: chatId });
    const [message] = await created.until(1);
    expect(message).toMatchObject({ isReference: true, message: { id: sent.id } });
    expect(message?.message.text).toBeUndefined();
  });

  it('[X1] opens the same channels to the same people, but none that shows who follows whom', async () => {
    const [stranger] = (await createPeople(server, 'Stranger')) as [Person];
    const strangers = await connect(stranger.token);
    await expect(strangers.join(`private-chat-${chatId}`)).rejects.toMatchObject({ status: 403 });
    const bos = await connect(bo.token);
    await expect(bos.join(`presence-user-${ana.id}`)).rejects.toMatchObject({ status: 403 });
    await bos.join(`presence-chat-${chatId}`);
  });

  it('[X2] ends the signed-in connections of a user whose session ends', async () => {
    const cleo = await server.signUp('Cleo');
    const client = await connect(cleo.accessToken);
    client.client.signin();
    await client.client.user.signinDonePromise;
    const ended = client.untilConnection<void>('disconnected');
    await server.call('POST', '/api/auth/logout', { token: cleo.accessToken });
    await ended;
  });

  it('[P1] shows who is there by their heartbeats: online with the first, offline within a minute of the last, whatever the other device does', async () => {
    const [one, other] = (await createPeople(server, 'One', 'Other')) as [Person, Person];
    await one.send(await one.conversationWith(other), 'so that they follow each other');
    const beat = (token: string, connectionId = '1.1') =>
      server.call<{ position: number; presences?: Presence[] }>('POST', '/api/presence/heartbeat', { token, body: { connectionId } });
    const seenBy = async (token: string, id: string) => (await server.call<Presence>('GET', `/api/users/${id}/presence`, { token })).body.status;
    const others = await connect(other.token);
    const presence = record<Presence>(await others.join(`private-user-${other.id}`), 'presence');
    const { position } = await other.sync(0);
    expect((await beat(other.token)).body).toMatchObject({ position, presences: [{ userId: one.id, status: 'offline' }] });
    // The same connection again: changes come by themselves.
    expect((await beat(other.token)).body.presences).toBeUndefined();
    expect((await beat(other.token, '2.2')).body.presences).toHaveLength(1);

    const { body: second } = await server.call<{ accessToken: string }>('POST', `/api/admin/users/${one.id}/token`, { token: TEST_ADMIN_KEY });
    await beat(one.token);
    await beat(second.accessToken);
    expect((await presence.until(1))[0]).toMatchObject({ userId: one.id, status: 'online' });
    await server.call('POST', '/api/auth/logout', { token: one.token });
    expect(await seenBy(other.token, one.id)).toBe('online');
    clock += 45_000;
    await beat(second.accessToken);
    clock += 45_000;
    await beat(other.token, '2.2');
    expect(await seenBy(other.token, one.id)).toBe('online');
    const lastAlive = clock;
    clock += 10_000;
    await beat(other.token, '2.2');
    const [, gone] = await presence.until(2);
    expect(gone).toMatchObject({ userId: one.id, status: 'offline' });
    expect(Date.parse(gone?.lastSeenAt ?? '')).toBeGreaterThan(lastAlive);
    expect(await seenBy(other.token, one.id)).toBe('offline');
  });

  it('shows somebody new, and nobody across a block', async () => {
    const [one, other] = (await createPeople(server, 'One', 'Other')) as [Person, Person];
    const ones = await connect(one.token);
    const presence = record<Presence>(await ones.join(`private-user-${one.id}`), 'presence');
    for (const { token } of [one, other]) await server.call('POST', '/api/presence/heartbeat', { token, body: { connectionId: '1.1' } });
    expect(presence.all).toEqual([]);
    await one.conversationWith(other);
    expect((await presence.until(1))[0]).toMatchObject({ userId: other.id, status: 'online' });
    await server.call('PUT', `/api/users/${one.id}/block`, { token: other.token });
    expect((await presence.until(2))[1]).toMatchObject({ userId: other.id, status: 'unknown' });
  });

  it('is named by the configuration, and the web app may open its socket there', async () => {
    const { body } = await server.call<{ pusher: unknown }>('GET', '/api/config');
    expect(body.pusher).toEqual({ key: APP.PUSHER_KEY, url: hosted.server.url });
    const page = await fetch(`${server.server.url}/api/config`);
    expect(page.headers.get('content-security-policy')).toMatch(new RegExp(`connect-src [^;]* ${hosted.server.url.replace('http', 'ws')};`));
  });

  it('that is away holds up and loses no message', async () => {
    const away = await startTestServer({ env: { ...APP, REALTIME_DRIVER: 'pusher', PUSHER_API_URL: 'http://127.0.0.1:9' } });
    const [one, other] = (await createPeople(away, 'One', 'Other')) as [Person, Person];
    const id = await one.conversationWith(other);
    const native = await other.connect();
    for (let n = 0; n < 20; n += 1) await one.send(id, `${n}`);
    await native.until('chat.message.new', 20);
    expect(await other.history(id)).toHaveLength(20);
    native.close();
    await away.close();
  });

  it('must be told in full before the server starts', async () => {
    await expect(startTestServer({ env: { REALTIME_DRIVER: 'pusher' } })).rejects.toThrow(/needs PUSHER_APP_ID/);
    await expect(startTestServer({ env: { ...APP, REALTIME_DRIVER: 'pusher' } })).rejects.toThrow(/needs PUSHER_CLUSTER/);
  });
});
