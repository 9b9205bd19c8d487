import type { ConversationId, Message } from '@couplet/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../src/config.ts';
import { type RunningServer, startServer } from '../src/server.ts';
import { ackOf, createPeople, type Person } from './people.ts';
import { TEST_OVERRIDES } from './test-overrides.ts';
import { startTestServer, TEST_ADMIN_KEY, TEST_AUTH_SECRET, type TestServer } from './test-server.ts';
import { TestSocket } from './test-socket.ts';

let server: TestServer;
let ana: Person;
let bo: Person;
let conversationId: ConversationId;

beforeAll(async () => {
  server = await startTestServer();
  [ana, bo] = (await createPeople(server, 'Ana', 'Bo')) as [Person, Person];
  conversationId = await ana.conversationWith(bo);
});
afterAll(() => server.close());

const post = (person: Person, body: unknown) =>
  server.call<Message>('POST', `/api/conversations/${conversationId}/messages`, { token: person.token, body });

describe('sending a message', () => {
  it('[D3] answers a replay with the same message, 201 the first time and 200 after', async () => {
    const first = await post(ana, { clientMsgId: 'replayed', text: 'Morning!' });
    const second = await post(ana, { clientMsgId: 'replayed', text: 'Morning!' });
    expect(first.status).toBe(201);
    expect(second.status).toBe(200);
    expect(second.body).toEqual(first.body);
  });

  it('[S3] answers a replay with what became of the message since, over REST and the socket alike', async () => {
    const socket = await ana.connect();
    const send = { clientMsgId: 'lived-on' as Message['clientMsgId'], text: 'Morning!' };
    const first = ackOf(await socket.request('chat.message.send', { conversationId, ...send }));
    expect(first).not.toHaveProperty('message');
    await server.call('POST', `/api/conversations/${conversationId}/delivered`, { token: bo.token, body: { seq: first.seq } });
    await server.call('POST', `/api/conversations/${conversationId}/read`, { token: bo.token, body: { seq: first.seq } });
    await server.call('PUT', `/api/messages/${first.messageId}/reactions/${encodeURIComponent('👍')}`, { token: bo.token });
    await server.call('PATCH', `/api/messages/${first.messageId}`, { token: ana.token, body: { text: 'Good morning!' } });
    const asItStands = (await ana.history(conversationId)).find(({ id }) => id === first.messageId);
    expect(asItStands).toMatchObject({ text: 'Good morning!', version: 2, reactions: [{ userId: bo.id, emoji: '👍' }] });
    expect(asItStands).toMatchObject({ deliveredAt: expect.any(String), readAt: expect.any(String) });

    const replayed = ackOf(await socket.request('chat.message.send', { conversationId, ...send }));
    expect(replayed).toEqual({ ...first, duplicate: true, message: asItStands });
    expect((await post(ana, send)).body).toEqual(asItStands);
    socket.close();
  });

  it('[D3] stores one message when REST and several sockets race with the same clientMsgId', async () => {
    const sockets = await Promise.all([ana.connect(), ana.connect(), ana.connect()]);
    for (let round = 0; round < 10; round += 1) {
      const send = { clientMsgId: `race-${round}` as Message['clientMsgId'], text: 'once' };
      const [rest, ...frames] = await Promise.all([
        post(ana, send),
        ...sockets.map((socket) => socket.request('chat.message.send', { conversationId, ...send })),
      ]);
      const acks = frames.map(ackOf);
      expect(new Set([rest.body.id, ...acks.map((ack) => ack.messageId)]).size).toBe(1);
      expect(new Set([rest.body.seq, ...acks.map((ack) => ack.seq)]).size).toBe(1);
      expect([rest.status === 201, ...acks.map((ack) => !ack.duplicate)].filter(Boolean)).toHaveLength(1);
    }
    expect((await ana.history(conversationId)).filter((message) => message.clientMsgId.startsWith('race-'))).toHaveLength(10);
    sockets.forEach((socket) => socket.close());
  });

  it('[D3] keeps two senders apart that chose the same clientMsgId', async () => {
    const mine = await post(ana, { clientMsgId: 'same', text: 'from Ana' });
    const theirs = await post(bo, { clientMsgId: 'same', text: 'from Bo' });
    expect(theirs.status).toBe(201);
    expect(theirs.body.id).not.toBe(mine.body.id);
  });

  it('refuses a clientMsgId that was used in another conversation', async () => {
    const [cleo] = (await createPeople(server, 'Cleo')) as [Person];
    const other = await ana.conversationWith(cleo);
    await post(ana, { clientMsgId: 'elsewhere', text: 'here' });
    const answer = await server.problemOf('POST', `/api/conversations/${other}/messages`, {
      token: ana.token,
      body: { clientMsgId: 'elsewhere', text: 'there' },
    });
    expect(answer).toBe('conflict');
  });

  it('begins the conversation when the send names a receiver, once for both sides', async () => {
    const [dan, eve] = (await createPeople(server, 'Dan', 'Eve')) as [Person, Person];
    const [danSocket, eveSocket] = await Promise.all([dan.connect(), eve.connect()]);
    const [one, other] = await Promise.all([
      danSocket.request('chat.message.send', { receiverId: eve.id, clientMsgId: 'd' as Message['clientMsgId'], text: 'hi' }),
      eveSocket.request('chat.message.send', { receiverId: dan.id, clientMsgId: 'e' as Message['clientMsgId'], text: 'hi' }),
    ]);
    expect(ackOf(one).conversationId).toBe(ackOf(other).conversationId);
    expect([ackOf(one).seq, ackOf(other).seq].sort()).toEqual([1, 2]);
    danSocket.close();
    eveSocket.close();
  });

  it('reaches the receiver and the sender’s other devices, but not the connection that got the ack', async () => {
    const [sender, otherDevice, receiver] = await Promise.all([ana.connect(), ana.connect(), bo.connect()]);
    const ack = ackOf(await sender.request('chat.message.send', { conversationId, clientMsgId: 'devices' as Message['clientMsgId'], text: 'hello' }));
    const [theirs] = await receiver.until('chat.message.new');
    const [mine] = await otherDevice.until('chat.message.new');
    expect(theirs?.data.message).toMatchObject({ id: ack.messageId, seq: ack.seq, text: 'hello', senderId: ana.id });
    expect(mine?.data.position).toBe(ack.position);
    await sender.settled();
    expect(sender.all('chat.message.new')).toEqual([]);
    [sender, otherDevice, receiver].forEach((socket) => socket.close());
  });

  it('stores what one connection wrote without waiting in the order in which it wrote', async () => {
    const [fay] = (await createPeople(server, 'Fay')) as [Person];
    const socket = await fay.connect();
    const acks = await Promise.all(
      Array.from({ length: 200 }, (_, n) =>
        socket.request('chat.message.send', { receiverId: ana.id, clientMsgId: `burst-${n}` as Message['clientMsgId'], text: String(n) }),
      ),
    );
    expect(acks.map((frame) => ackOf(frame).seq)).toEqual(Array.from({ length: 200 }, (_, n) => n + 1));
    socket.close();
  });

  it('carries what it replies to, and refuses to quote another conversation', async () => {
    const original = await ana.send(conversationId, 'x'.repeat(500));
    const reply = await post(bo, { clientMsgId: 'reply', text: 'indeed', replyToId: original.id });
    expect(reply.body.replyTo).toEqual({ messageId: original.id, seq: original.seq, senderId: ana.id, type: 'text', excerpt: 'x'.repeat(140) });
    // The first answer was lost, and the original edited before the second try.
    await server.call('PATCH', `/api/messages/${original.id}`, { token: ana.token, body: { text: 'edited' } });
    const socket = await bo.connect();
    const again = ackOf(await socket.request('chat.message.send', { conversationId, clientMsgId: 'reply' as Message['clientMsgId'], text: 'indeed', replyToId: original.id }));
    expect(again).toMatchObject({ messageId: reply.body.id, duplicate: true, replyTo: { messageId: original.id, excerpt: 'edited' } });
    socket.close();
    const [gil] = (await createPeople(server, 'Gil')) as [Person];
    const foreign = await gil.send(await gil.conversationWith(ana), 'mine');
    expect((await post(bo, { clientMsgId: 'thief', text: 'look', replyToId: foreign.id })).status).toBe(404);
  });
});

describe('the order of a conversation', () => {
  it('[D5] is dense from 1 and the same for both, also with 16 writers at once and after deletes', async () => {
    const [hal, ida] = (await createPeople(server, 'Hal', 'Ida')) as [Person, Person];
    const shared = await hal.conversationWith(ida);
    await Promise.all(
      Array.from({ length: 16 }, (_, writer) =>
        (async () => {
          const person = writer % 2 === 0 ? hal : ida;
          for (let n = 0; n < 10; n += 1) await person.send(shared, `${writer}:${n}`, `w${writer}-${n}`);
        })(),
      ),
    );
    const before = await hal.history(shared);
    await server.call('DELETE', `/api/messages/${before.find((message) => message.senderId === hal.id)?.id}`, { token: hal.token });
    await ida.send(shared, 'after the delete');
    const [his, hers] = await Promise.all([hal.history(shared), ida.history(shared)]);
    expect(his.map((message) => message.seq)).toEqual(Array.from({ length: 161 }, (_, n) => n + 1));
    expect(hers.map((message) => message.id)).toEqual(his.map((message) => message.id));
  });

  it('[D7] has times that strictly increase with seq, also when a node’s clock stands still or runs back', async () => {
    let clock = Date.parse('2026-11-21T12:00:00Z');
    const slow = await startTestServer({ now: () => clock });
    const [jo, kim] = (await createPeople(slow, 'Jo', 'Kim')) as [Person, Person];
    const shared = await jo.conversationWith(kim);
    for (let n = 0; n < 30; n += 1) {
      if (n === 10) clock -= 60_000;
      await (n % 3 === 0 ? kim : jo).send(shared, String(n));
    }
    const times = (await jo.history(shared)).map((message) => message.createdAt);
    expect(times).toEqual(times.toSorted());
    expect(new Set(times).size).toBe(30);
    await slow.close();
  });
});

describe('two nodes of one deployment', () => {
  let second: RunningServer;
  beforeAll(async () => {
    second = await startServer(
      loadConfig({
        PORT: '0',
        NODE_ID: 'second',
        DATABASE_URL: server.database.url,
        DATA_DIR: `${server.server.context.config.dataDir}-second`,
        LOG_LEVEL: 'silent',
        RATE_LIMITS: 'off',
        AUTH_SECRET: TEST_AUTH_SECRET,
        ADMIN_API_KEY: TEST_ADMIN_KEY,
      }),
      TEST_OVERRIDES,
    );
  });
  afterAll(() => second.stop());

  it('[D3] store one message of a clientMsgId that reaches both at once', async () => {
    const sockets = await Promise.all([TestSocket.connect(server.server.url, ana.token), TestSocket.connect(second.url, ana.token)]);
    for (let round = 0; round < 20; round += 1) {
      const acks = await Promise.all(
        sockets.map((socket) =>
          socket.request('chat.message.send', { conversationId, clientMsgId: `nodes-${round}` as Message['clientMsgId'], text: 'once' }),
        ),
      );
      expect(new Set(acks.map((ack) => ackOf(ack).messageId)).size).toBe(1);
    }
    sockets.forEach((socket) => socket.close());
  });

  it('[D5] keep one dense order while people of many shared conversations write through both', async () => {
    const crowd = await createPeople(server, 'L', 'M', 'N', 'O');
    const conversations = new Map<ConversationId, Person[]>();
    for (const one of crowd) for (const other of crowd) if (one.id < other.id) conversations.set(await one.conversationWith(other), [one, other]);
    const urls = [server.server.url, second.url];
    await Promise.all(
      crowd.map(async (person, index) => {
        const socket = await TestSocket.connect(urls[index % 2] ?? '', person.token);
        const mine = [...conversations].filter(([, members]) => members.includes(person)).map(([id]) => id);
        const frames = await Promise.all(
          Array.from({ length: 150 }, (_, n) =>
            socket.request('chat.message.send', {
              conversationId: mine[n % mine.length],
              clientMsgId: `crowd-${n}` as Message['clientMsgId'],
              text: String(n),
            }),
          ),
        );
        frames.forEach(ackOf);
        socket.close();
      }),
    );
    let total = 0;
    for (const [id, [member]] of conversations) {
      const seqs = (await member?.history(id))?.map((message) => message.seq) ?? [];
      expect(seqs).toEqual(seqs.map((_, n) => n + 1));
      total += seqs.length;
    }
    expect(total).toBe(600);
  });
});
