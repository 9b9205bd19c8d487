import { type ConversationId, type Event, eventSchema } from '@couplet/protocol';
import type { PresenceChannel } from 'pusher-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPeople, type Person } from './people.ts';
import { record } from './pusher-client.ts';
import { pusherClientsOfThisFile, startPusherConversation } from './pusher-conversation.ts';
import { RawPusher } from './raw-pusher.ts';
import type { TestServer } from './test-server.ts';

let server: TestServer;
let ana: Person;
let bo: Person;
let stranger: Person;
let chatId: ConversationId;
beforeAll(async () => {
  ({ server, ana, bo, stranger, chatId } = await startPusherConversation());
});
afterAll(() => server.close());
const { connect, closeAfterTest } = pusherClientsOfThisFile(() => server);

async function connectRaw(): Promise<RawPusher> {
  const socket = await RawPusher.connect(server.server.url, server.server.context.pusherApp.key);
  closeAfterTest(socket);
  return socket;
}

interface Signed {
  auth: string;
  channel_data: string;
}

const authorise = (token: string, socketId: string, channel: string) =>
  server.call<Signed>('POST', '/api/pusher/auth', { token, body: { socket_id: socketId, channel_name: channel } });

interface ChatEvent {
  message: { id: string; text: string; status: string; fromUserId: string; readAt: string | null };
}

describe('a conversation, followed with pusher-js', () => {
  it('brings each message to both, as the chat shape', async () => {
    const [anas, bos] = await Promise.all([connect(ana), connect(bo)]);
    const created = record<ChatEvent>(await bos.join(`private-chat-${chatId}`), 'message_created');
    const echoed = record<ChatEvent>(await anas.join(`private-chat-${chatId}`), 'message_created');
    const sent = await ana.send(chatId, 'Seven at the pier');
    const [event] = await created.until(1);
    expect(event?.message).toEqual({
      id: sent.id,
      chatId,
      fromUserId: ana.id,
      text: 'Seven at the pier',
      attachments: [],
      sentAt: sent.createdAt,
      readAt: null,
      status: 'delivered',
      sequenceId: sent.seq,
    });
    expect((await echoed.until(1))[0]?.message.status).toBe('sent');
  });

  it('tells every message that a receipt covers as updated, and edits and deletes', async () => {
    const anas = await connect(ana);
    const updated = record<ChatEvent>(await anas.join(`private-chat-${chatId}`), 'message_updated');
    const sent = [await ana.send(chatId, 'one'), await ana.send(chatId, 'two'), await ana.send(chatId, 'three')];
    await server.call('POST', `/api/conversations/${chatId}/read`, { token: bo.token, body: { lastReadMessageId: sent[2]?.id } });
    const ids = () => updated.all.filter(({ message }) => message.status === 'read').map(({ message }) => message.id);
    for (let n = 1; !sent.every(({ id }) => ids().includes(id)); n += 1) await updated.until(n);
    await server.call('DELETE', `/api/messages/${sent[0]?.id}`, { token: ana.token });
    for (let n = updated.all.length; updated.all.at(-1)?.message.text !== ''; n += 1) await updated.until(n + 1);
    expect(updated.all.at(-1)?.message.id).toBe(sent[0]?.id);
  });

  it('carries typing both ways between this and the native protocol', async () => {
    const [anas, boNative] = [await connect(ana), await bo.connect()];
    const bos = await connect(bo);
    const atAna = await anas.join(`private-chat-${chatId}`);
    const typed = record<{ userId: string; isTyping: boolean }>(atAna, 'typing');
    const atBo = await bos.join(`private-chat-${chatId}`);
    const [relayed, typing] = [record<unknown>(atBo, 'client-typing'), record<unknown>(atBo, 'typing')];
    atAna.trigger('client-typing', { isTyping: true });
    expect((await boNative.until('chat.typing'))[0]?.data).toMatchObject({ conversationId: chatId, userId: ana.id, isTyping: true });
    expect(await typing.until(1)).toEqual([{ userId: ana.id, isTyping: true }]);
    expect(await relayed.until(1)).toEqual([{ isTyping: true }]);
    boNative.write('chat.typing', { conversationId: chatId, isTyping: false });
    expect(await typed.until(1)).toEqual([{ userId: bo.id, isTyping: false }]);
    boNative.close();
  });
});

describe("a user's own channel", () => {
  it('[S1] brings each durable event with its position, dense, as the log has it', async () => {
    const bos = await connect(bo);
    const { position } = await bo.sync(0);
    const events = record<Event>(await bos.join(`private-user-${bo.id}`), 'event');
    const sent = await ana.send(chatId, 'one');
    await ana.send(chatId, 'two');
    await server.call('POST', `/api/conversations/${chatId}/read`, { token: bo.token, body: { lastReadMessageId: sent.id } });
    await server.call('PUT', `/api/messages/${sent.id}/reactions/${encodeURIComponent('👍')}`, { token: bo.token });
    const live = await events.until(4);
    expect(live.map((event) => event.position)).toEqual([1, 2, 3, 4].map((n) => position + n));
    const log = (await bo.sync(position)).events;
    expect(live.map((event) => [event.position, event.type])).toEqual(log.map((event) => [event.position, event.type]));
    for (const event of live) expect(eventSchema.parse(event)).toEqual(event);
  });

  it('tells who of its peers comes and goes, whatever they connect with, and counts as being there', async () => {
    const anas = await connect(ana);
    const presence = record<{ userId: string; status: string }>(await anas.join(`private-user-${ana.id}`), 'presence');
    const of = (person: Person) => presence.all.filter(({ userId }) => userId === person.id).map(({ status }) => status);
    const boNative = await bo.connect();
    for (let n = 1; of(bo).at(-1) !== 'online'; n += 1) await presence.until(n);
    await boNative.request('presence.watch', { userIds: [ana.id] });
    expect((await boNative.until('presence.update')).at(-1)?.data).toMatchObject({ userId: ana.id, status: 'online' });
    boNative.close();
    for (let n = presence.all.length; of(bo).at(-1) !== 'offline'; n += 1) await presence.until(n + 1);
  });
});

describe('presence channels', () => {
  it('of a person show that person while online, and never who else follows', async () => {
    const [cleo] = (await createPeople(server, 'Cleo')) as [Person];
    await ana.conversationWith(cleo);
    await bo.conversationWith(cleo);
    const [anas, bos] = [await connect(ana), await connect(bo)];
    const atAna = await anas.join<PresenceChannel>(`presence-user-${cleo.id}`);
    const atBo = await bos.join<PresenceChannel>(`presence-user-${cleo.id}`);
    expect([atAna.members.count, atBo.members.count]).toEqual([1, 1]);
    const [added, removed] = [record<{ id: string }>(atAna, 'pusher:member_added'), record<{ id: string }>(atAna, 'pusher:member_removed')];
    const native = await cleo.connect();
    expect((await added.until(1)).map(({ id }) => id)).toEqual([cleo.id]);
    native.close();
    expect((await removed.until(1)).map(({ id }) => id)).toEqual([cleo.id]);
  });

  it('of a conversation show both who have it open', async () => {
    const [anas, bos] = [await connect(ana), await connect(bo)];
    await anas.join(`presence-chat-${chatId}`);
    const atBo = await bos.join<PresenceChannel>(`presence-chat-${chatId}`);
    expect(atBo.members.get(ana.id)).toMatchObject({ id: ana.id, info: { name: 'Ana' } });
    expect(atBo.members.count).toBe(2);
  });
});

describe('[X1] who may join what', () => {
  it('[X1] only members, only oneself, only reachable people: at the endpoint and again at the gateway', async () => {
    const channels = (person: Person) => [`private-chat-${chatId}`, `presence-chat-${chatId}`, `private-user-${ana.id}`, `presence-user-${bo.id}`, 'private-anything', 'presence-anything', 'public', `private-encrypted-${person.id}`];
    const statuses = async (person: Person) => Promise.all(channels(person).map(async (channel) => (await authorise(person.token, '1.1', channel)).status));
    expect(await statuses(ana)).toEqual([200, 200, 200, 200, 403, 403, 403, 403]);
    expect(await statuses(bo)).toEqual([200, 200, 403, 200, 403, 403, 403, 403]);
    expect(await statuses(stranger)).toEqual([403, 403, 403, 403, 403, 403, 403, 403]);
    for (const token of ['made up', '']) expect((await authorise(token, '1.1', `private-chat-${chatId}`)).status).toBe(401);
  });

  it('[X1] a signature is of one connection, of one channel, and of whom it names', async () => {
    const [socket, other] = [await connectRaw(), await connectRaw()];
    const { body } = await authorise(ana.token, socket.socketId, `private-chat-${chatId}`);
    other.send({ event: 'pusher:subscribe', data: { channel: `private-chat-${chatId}`, ...body } });
    socket.send({ event: 'pusher:subscribe', data: { channel: `presence-chat-${chatId}`, ...body } });
    socket.send({ event: 'pusher:subscribe', data: { channel: `private-chat-${chatId}`, ...body, channel_data: body.channel_data.replace(ana.id, bo.id) } });
    await Promise.all([socket.until('pusher:subscription_error', 2), other.until('pusher:subscription_error')]);
    socket.send({ event: 'pusher:subscribe', data: { channel: `private-chat-${chatId}`, ...body } });
    await socket.until('pusher_internal:subscription_succeeded');
    // One connection is one person's, whoever else signs for it.
    const bos = await authorise(bo.token, socket.socketId, `presence-chat-${chatId}`);
    socket.send({ event: 'pusher:subscribe', data: { channel: `presence-chat-${chatId}`, ...bos.body } });
    await socket.until('pusher:subscription_error', 3);
  });

  it.each([
    ['a form', 'application/x-www-form-urlencoded', (socketId: string, channel: string) => `socket_id=${socketId}&channel_name=${channel}&more=1`],
    ['JSON', 'application/json', (socketId: string, channel: string) => JSON.stringify({ socket_id: socketId, channel_name: channel })],
  ])('takes %s, at every path that clients ask', async (_, type, body) => {
    for (const path of ['/api/pusher/auth', '/broadcasting/auth']) {
      const { status, body: signed } = await server.call<Signed>('POST', path, { token: ana.token, headers: { 'content-type': type }, body: body('12.34', `private-chat-${chatId}`) });
      expect(status).toBe(200);
      expect(signed.auth).toMatch(/^[^:]+:[0-9a-f]{64}$/);
    }
  });

  it.each([
    ['a socket id with more in it', 'socket_id=1.1:private-x&channel_name=private-user-'],
    ['two channels', 'socket_id=1.1&channel_name=private-user-x&channel_name=private-user-'],
    ['two sockets', 'socket_id=1.1&socket_id=2.2&channel_name=private-user-'],
    ['no socket', 'channel_name=private-user-'],
    ['a channel with a colon', 'socket_id=1.1&channel_name=:user::'],
  ])('[X3] signs nothing for %s', async (_, body) => {
    const { status } = await server.call('POST', '/api/pusher/auth', { token: ana.token, headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: body + ana.id });
    expect(status).toBe(400);
  });
});

describe('[X2] what ends', () => {
  it('[X2] signing out closes the connections of that session, which then stay away', async () => {
    const cleo = await server.signUp('Cleo');
    const client = await connect({ token: cleo.accessToken });
    await client.join(`private-user-${cleo.user.id}`);
    const ended = client.untilConnection<void>('disconnected');
    await server.call('POST', '/api/auth/logout', { token: cleo.accessToken });
    await ended;
    expect((await authorise(cleo.accessToken, '1.1', `private-user-${cleo.user.id}`)).status).toBe(401);
  });

  it('[X2] a signature from before does not open a channel after', async () => {
    const cleo = await server.signUp('Cleo');
    const socket = await connectRaw();
    const { body } = await authorise(cleo.accessToken, socket.socketId, `private-user-${cleo.user.id}`);
    await server.call('POST', '/api/auth/logout', { token: cleo.accessToken });
    socket.send({ event: 'pusher:subscribe', data: { channel: `private-user-${cleo.user.id}`, ...body } });
    expect((await socket.until('pusher:subscription_error'))[0]).toMatchObject({ data: { status: 401 } });
  });

  it('[X2] a block ends what shows the one to the other, and nothing signed before opens it again', async () => {
    const [one, other] = (await createPeople(server, 'One', 'Other')) as [Person, Person];
    const blockedChat = await one.conversationWith(other);
    await one.send(blockedChat, 'hello');
    const [socket, blocker] = [await connectRaw(), await connectRaw()];
    const channels = [`presence-user-${one.id}`, `presence-chat-${blockedChat}`, `private-chat-${blockedChat}`];
    const signed = await Promise.all(channels.map(async (channel) => ({ channel, ...(await authorise(other.token, socket.socketId, channel)).body })));
    for (const data of signed) socket.send({ event: 'pusher:subscribe', data });
    await socket.until('pusher_internal:subscription_succeeded', 3);
    const ones = await authorise(one.token, blocker.socketId, `private-chat-${blockedChat}`);
    blocker.send({ event: 'pusher:subscribe', data: { channel: `private-chat-${blockedChat}`, ...ones.body } });
    await blocker.until('pusher_internal:subscription_succeeded');
    await server.call('PUT', `/api/users/${other.id}/block`, { token: one.token });
    expect((await socket.until('pusher:subscription_error', 2)).map(({ channel }) => channel).sort()).toEqual(channels.slice(0, 2).sort());
    for (const data of signed.slice(0, 2)) socket.send({ event: 'pusher:subscribe', data });
    await socket.until('pusher:subscription_error', 4);
    blocker.send({ event: 'client-typing', channel: `private-chat-${blockedChat}`, data: { isTyping: true } });
    await blocker.settled();
    await socket.settled();
    expect([...socket.all('client-typing'), ...socket.all('typing')]).toEqual([]);
    expect((await authorise(other.token, '1.1', `presence-user-${one.id}`)).status).toBe(403);
  });
});

describe('a lost connection', () => {
  it('comes back with a new socket id, is signed anew, and follows on', async () => {
    const bos = await connect(bo);
    const created = record<ChatEvent>(await bos.join(`private-chat-${chatId}`), 'message_created');
    const before = bos.socketId;
    const again = new Promise<void>((resolve) => bos.client.channel(`private-chat-${chatId}`).bind('pusher:subscription_succeeded', () => resolve()));
    const { connection } = bos.client.connection as unknown as { connection: { close(): void } };
    connection.close();
    await again;
    expect(bos.socketId).not.toBe(before);
    const sent = await ana.send(chatId, 'after the loss');
    expect((await created.until(1)).at(-1)?.message.id).toBe(sent.id);
  });

  it('signs in as its user and tells nobody the secret', async () => {
    const anas = await connect(ana);
    anas.client.signin();
    await anas.client.user.signinDonePromise;
    expect(anas.client.user.user_data).toMatchObject({ id: ana.id, user_info: { name: 'Ana' } });
    const { body } = await server.call<object>('GET', '/api/config');
    expect(body).toMatchObject({ pusher: { key: server.server.context.pusherApp.key } });
    expect(JSON.stringify(body)).not.toContain(server.server.context.pusherApp.secret);
  });
});
