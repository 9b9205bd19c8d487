import fc from 'fast-check';
import type { ConversationId, Message } from '@couplet/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPeople, type Person } from './people.ts';
import { startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
let clock = Date.parse('2026-11-21T12:00:00Z');
beforeAll(async () => {
  server = await startTestServer({ now: () => (clock += 1_000) });
});
afterAll(() => server.close());

async function conversationOf(texts: number): Promise<{ ana: Person; bo: Person; id: ConversationId; messages: Message[] }> {
  const [ana, bo] = (await createPeople(server, 'Ana', 'Bo')) as [Person, Person];
  const id = await ana.conversationWith(bo);
  const socket = await ana.connect();
  await Promise.all(
    Array.from({ length: texts }, (_, n) =>
      socket.request('chat.message.send', { conversationId: id, clientMsgId: `n-${n}` as Message['clientMsgId'], text: String(n) }),
    ),
  );
  socket.close();
  return { ana, bo, id, messages: await ana.history(id) };
}

const mark = (person: Person, id: ConversationId, kind: 'read' | 'delivered', message: Message | undefined) =>
  server.call('POST', `/api/conversations/${id}/${kind}`, {
    token: person.token,
    body: kind === 'read' ? { lastReadMessageId: message?.id } : { lastDeliveredMessageId: message?.id },
  });

it('[C1] watermarks only rise, and reading implies having received', async () => {
  const { ana, bo, id, messages } = await conversationOf(5);
  await mark(bo, id, 'read', messages[3]);
  expect(await ana.conversation(id)).toMatchObject({ peerReadSeq: 4, peerDeliveredSeq: 4 });
  await mark(bo, id, 'read', messages[1]);
  await mark(bo, id, 'delivered', messages[0]);
  expect(await ana.conversation(id)).toMatchObject({ peerReadSeq: 4, peerDeliveredSeq: 4 });
  await mark(bo, id, 'delivered', messages[4]);
  expect(await ana.conversation(id)).toMatchObject({ peerReadSeq: 4, peerDeliveredSeq: 5 });
});

it('[C1] a receipt may name the message by its seq', async () => {
  const { ana, bo, id } = await conversationOf(3);
  for (const [kind, seq] of [['read', 1], ['delivered', 2]] as const) {
    expect((await server.call('POST', `/api/conversations/${id}/${kind}`, { token: bo.token, body: { seq } })).status).toBe(204);
  }
  expect(await ana.conversation(id)).toMatchObject({ peerReadSeq: 1, peerDeliveredSeq: 2 });
  expect(await server.problemOf('POST', `/api/conversations/${id}/read`, { token: bo.token, body: { seq: 4 } })).toBe('not_found');
});

it('[C1] a receipt that raises nothing is answered the same and leaves no event', async () => {
  const { ana, bo, id, messages } = await conversationOf(2);
  await mark(bo, id, 'read', messages[1]);
  const { position } = await ana.sync(0);
  expect((await mark(bo, id, 'read', messages[1])).status).toBe(204);
  expect((await mark(bo, id, 'delivered', messages[0])).status).toBe(204);
  expect((await ana.sync(0)).position).toBe(position);
});

it('[C1] keeps readSeq ≤ deliveredSeq ≤ lastSeq under any order of receipts from several devices at once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.constantFrom('read' as const, 'delivered' as const), fc.nat(9)), { minLength: 1, maxLength: 8 }), async (receipts) => {
      const { ana, bo, id, messages } = await conversationOf(10);
      await Promise.all(receipts.map(([kind, index]) => mark(bo, id, kind, messages[index])));
      const { peerReadSeq, peerDeliveredSeq } = await ana.conversation(id);
      const highest = (kinds: string[]) => Math.max(0, ...receipts.filter(([kind]) => kinds.includes(kind)).map(([, index]) => index + 1));
      expect(peerReadSeq).toBe(highest(['read']));
      expect(peerDeliveredSeq).toBe(highest(['read', 'delivered']));
    }),
    { numRuns: 10 },
  );
});

it('[C2] unread counts the peer’s messages above the watermark that are not deleted', async () => {
  const { ana, bo, id, messages } = await conversationOf(6);
  const unread = async () => (await bo.conversation(id)).unreadCount;
  expect(await unread()).toBe(6);
  await bo.send(id, 'mine does not count');
  await mark(bo, id, 'read', messages[1]);
  expect(await unread()).toBe(4);
  const remove = (message: Message | undefined) => server.call('DELETE', `/api/messages/${message?.id}`, { token: ana.token });
  await remove(messages[4]);
  await remove(messages[4]);
  await remove(messages[0]);
  expect(await unread()).toBe(3);
  await mark(bo, id, 'read', messages[3]);
  expect(await unread()).toBe(1);
  await mark(bo, id, 'read', messages[5]);
  expect(await unread()).toBe(0);
  expect((await ana.conversation(id)).unreadCount).toBe(1);
});

it('[C2] equals what a count of the rows says after random sends, reads and deletes of both', async () => {
  const step = fc.record({ who: fc.boolean(), what: fc.constantFrom('send', 'read', 'delete'), which: fc.nat(30) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 20 }), async (steps) => {
      const { ana, bo, id } = await conversationOf(1);
      for (const { who, what, which } of steps) {
        const person = who ? ana : bo;
        const history = await person.history(id);
        const message = history[which % history.length];
        if (what === 'send') await person.send(id, 'x');
        else if (what === 'read') await mark(person, id, 'read', message);
        else await server.call('DELETE', `/api/messages/${message?.id}`, { token: person.token });
      }
      for (const person of [ana, bo]) {
        const { unreadCount, readSeq } = await person.conversation(id);
        const counted = (await person.history(id)).filter((message) => message.senderId !== person.id && message.seq > readSeq && !message.deletedAt);
        expect(unreadCount).toBe(counted.length);
      }
    }),
    { numRuns: 10 },
  );
});

it('[C4] deliveredAt and readAt are the times at which the watermark first covered the message', async () => {
  const { ana, bo, id, messages } = await conversationOf(4);
  await mark(bo, id, 'delivered', messages[1]);
  await mark(bo, id, 'read', messages[0]);
  await mark(bo, id, 'read', messages[2]);
  const [deliveredTwo, readOne, readThree] = (await ana.sync(0)).events.flatMap((event) =>
    event.type === 'chat.message.delivered' || event.type === 'chat.message.read' ? [event.at] : [],
  );
  const seen = (await ana.history(id)).map(({ deliveredAt, readAt }) => ({ deliveredAt, readAt }));
  expect(seen).toEqual([
    { deliveredAt: deliveredTwo, readAt: readOne },
    { deliveredAt: deliveredTwo, readAt: readThree },
    { deliveredAt: readThree, readAt: readThree },
    { deliveredAt: undefined, readAt: undefined },
  ]);
  expect(new Set([deliveredTwo, readOne, readThree]).size).toBe(3);
});

it('[C4] pages and snapshots, which read the watermarks by stretches, say of each message what it says when read alone', async () => {
  const step = fc.record({ who: fc.boolean(), what: fc.constantFrom('send', 'send', 'read', 'delivered'), which: fc.nat(30) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 16 }), fc.nat(12), async (steps, place) => {
      const { ana, bo, id, messages } = await conversationOf(4);
      const other = await ana.conversationWith((await createPeople(server, 'Cy'))[0] as Person);
      await ana.send(other, 'elsewhere');
      for (const { who, what, which } of steps) {
        const person = who ? ana : bo;
        if (what === 'send') messages.push(await person.send(id, 'x'));
        else await mark(person, id, what, messages[which % messages.length]);
      }
      for (const { token, sync } of [ana, bo]) {
        // Of the log each message is read by its id.
        const alone = new Map((await sync(0)).events.flatMap((event) => (event.type === 'chat.message.new' ? [[event.message.id, event.message]] : [])));
        const read = async (path: string) => (await server.call<{ items?: Message[]; messages?: Message[] }>('GET', path, { token })).body;
        const thread = `/api/conversations/${id}/messages`;
        const pages = [`${thread}?limit=100`, `${thread}?limit=3`, `${thread}?before=${place}&limit=3`, `${thread}?after=${place}&limit=3`, `${thread}?around=${Math.max(1, place)}&limit=4`, '/api/sync/snapshot'];
        for (const path of pages) {
          const { items, messages: newest } = await read(path);
          const shown = items ?? newest ?? [];
          expect([path, shown]).toEqual([path, shown.map((message) => alone.get(message.id))]);
        }
        expect((await read('/api/sync/snapshot')).messages).toHaveLength(alone.size);
      }
    }),
    { numRuns: 6 },
  );
});

it('tells the peer of both receipts, and the reader’s other devices of reading only', async () => {
  const { ana, bo, id, messages } = await conversationOf(2);
  const [peer, device, reader] = await Promise.all([ana.connect(), bo.connect(), bo.connect()]);
  await reader.request('chat.message.delivered', { conversationId: id, seq: 1 });
  await reader.request('chat.message.read', { conversationId: id, messageId: messages[1]?.id });
  const [delivered] = await peer.until('chat.message.delivered');
  const [read] = await peer.until('chat.message.read');
  const [own] = await device.until('chat.message.read');
  expect(delivered?.data).toMatchObject({ conversationId: id, userId: bo.id, seq: 1, messageId: messages[0]?.id });
  expect(read?.data).toMatchObject({ userId: bo.id, seq: 2, unreadCount: 0 });
  expect(own?.data).toMatchObject({ userId: bo.id, seq: 2, unreadCount: 0 });
  expect(device.all('chat.message.delivered')).toEqual([]);
  [peer, device, reader].forEach((socket) => socket.close());
});

it('refuses a receipt for a message that is not there', async () => {
  const { bo, id } = await conversationOf(1);
  const socket = await bo.connect();
  expect(await socket.request('chat.message.read', { conversationId: id, seq: 2 })).toMatchObject({ type: 'error', data: { code: 'not_found' } });
  socket.close();
});
