import type { Chat, ChatMessage, ConversationId, UploadTarget } from '@couplet/protocol';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPeople, type Person } from './people.ts';
import { startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
let ana: Person;
let bo: Person;

beforeAll(async () => {
  server = await startTestServer();
  [ana, bo] = (await createPeople(server, 'Ana María Pérez', 'Bo')) as [Person, Person];
});
afterAll(() => server.close());

interface ChatPage {
  chats: Chat[];
  nextAfterTimestamp: string | null;
  sequenceId: number;
}
interface MessagePage {
  messages: ChatMessage[];
  nextBeforeTimestamp: string | null;
  nextAfterTimestamp: string | null;
}
interface Changes {
  chats: Chat[];
  messages: ChatMessage[];
  sequenceId: number;
  hasMore: boolean;
}

const get = async <Body>(person: Person, path: string) => (await server.call<Body>('GET', path, { token: person.token })).body;
const post = (person: Person, chatId: ConversationId, body: unknown) => server.call<{ message: ChatMessage }>('POST', `/api/chat/${chatId}/message`, { token: person.token, body });
async function presign(person: Person, text: string): Promise<Extract<UploadTarget, { url: string }>> {
  const body = { filename: 'notes.txt', contentType: 'text/plain', sizeBytes: text.length };
  return (await server.call<Extract<UploadTarget, { url: string }>>('POST', '/api/uploads/presign', { token: person.token, body })).body;
}

/** Announced and put, and not completed. */
async function put(person: Person, text: string) {
  const target = await presign(person, text);
  expect((await fetch(target.url, { method: 'PUT', body: text, headers: target.headers })).status).toBe(200);
  return target;
}

const ids = (messages: readonly ChatMessage[]) => messages.map((message) => message.id);

describe('the chat endpoints', () => {
  it('answer chats, users and messages with the fields of their shapes and no others', async () => {
    const chatId = await ana.conversationWith(bo);
    const { status, body } = await post(ana, chatId, { localId: 'l-1', text: 'hello', attachments: [] });
    expect(status).toBe(201);
    expect(body.message).toEqual({
      id: expect.any(String),
      chatId,
      fromUserId: ana.id,
      text: 'hello',
      attachments: [],
      sentAt: expect.any(String),
      readAt: null,
      status: 'sent',
      sequenceId: 1,
    });
    const { chats } = await get<ChatPage>(bo, '/api/chat/all');
    expect(chats).toEqual([
      {
        chatId,
        participants: [
          { userId: ana.id, firstName: 'Ana', lastName: 'María Pérez' },
          { userId: bo.id, firstName: 'Bo' },
        ],
        lastActivity: body.message.sentAt,
        preview: 'hello',
        unreadCount: 1,
      },
    ]);
  });

  it('[D3] answer a send that comes again with the same message', async () => {
    const chatId = await ana.conversationWith(bo);
    const first = await post(ana, chatId, { localId: 'again', text: 'once' });
    const second = await post(ana, chatId, { localId: 'again', text: 'once' });
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.body.message).toEqual(first.body.message);
    const over = await server.call<Chat>('POST', `/api/conversations/${chatId}/messages`, { token: ana.token, body: { clientMsgId: 'again', text: 'once' } });
    expect(over.status).toBe(200);
  });

  it('show a message as sent, delivered and read, and a deleted one without its text', async () => {
    const chatId = await ana.conversationWith(bo);
    const sent = (await post(ana, chatId, { localId: 'ticks', text: 'seen?' })).body.message;
    const statusOf = async () => (await get<MessagePage>(ana, `/api/chat/${chatId}/all`)).messages.find(({ id }) => id === sent.id);
    expect((await statusOf())?.status).toBe('sent');
    await server.call('POST', `/api/conversations/${chatId}/delivered`, { token: bo.token, body: { lastDeliveredMessageId: sent.id } });
    expect(await statusOf()).toMatchObject({ status: 'delivered', deliveredAt: expect.any(String), readAt: null });
    const { sequenceId } = await get<ChatPage>(ana, '/api/chat/all');
    await server.call('POST', `/api/conversations/${chatId}/read`, { token: bo.token, body: { lastReadMessageId: sent.id } });
    expect(await statusOf()).toMatchObject({ status: 'read', readAt: expect.any(String) });
    const changes = await get<Changes>(ana, `/api/chat/all/after?sequenceId=${sequenceId}`);
    expect(changes.messages.find(({ id }) => id === sent.id)?.status).toBe('read');
    expect(changes.chats.map((chat) => chat.chatId)).toEqual([chatId]);
    await server.call('DELETE', `/api/messages/${sent.id}`, { token: ana.token });
    expect(await statusOf()).toMatchObject({ id: sent.id, text: '' });
    const after = await get<Changes>(bo, `/api/chat/all/after?sequenceId=${(await get<ChatPage>(bo, '/api/chat/all')).sequenceId - 1}`);
    expect(after).toMatchObject({ hasMore: false, messages: [{ id: sent.id, text: '' }] });
  });

  it('take attachments by the address that presigning answered, and complete them', async () => {
    const chatId = await ana.conversationWith(bo);
    const { fileUrl } = await put(ana, 'the timetable');
    const { status, body } = await post(ana, chatId, { localId: 'with-file', attachments: [{ type: 'file', url: fileUrl, mime: 'text/html', sizeBytes: 3 }] });
    expect(status).toBe(201);
    expect(body.message.attachments).toEqual([{ type: 'file', url: expect.any(String), mime: 'text/plain', sizeBytes: 13 }]);
    const [received] = (await get<MessagePage>(bo, `/api/chat/${chatId}/all?limit=1`)).messages;
    expect(received?.attachments).toEqual(body.message.attachments);
    expect(await (await fetch(received?.attachments?.[0]?.url ?? '')).text()).toBe('the timetable');
    const again = await post(ana, chatId, { localId: 'with-file', attachments: [{ url: fileUrl }] });
    expect([again.status, again.body.message.id]).toEqual([200, body.message.id]);
  });

  it('take them by their id in three ways, several at once', async () => {
    const chatId = await ana.conversationWith(bo);
    const [one, two, three] = await Promise.all([put(ana, '1'), put(ana, '22'), put(ana, '333')]);
    const { body } = await post(ana, chatId, { localId: 'by-id', text: 'all', attachments: [one.uploadId, { uploadId: two.uploadId }, { id: three.uploadId }] });
    expect(body.message.attachments?.map(({ sizeBytes }) => sizeBytes)).toEqual([1, 2, 3]);
  });

  it("refuse somebody else's upload, one without its bytes, one that is used, and what is none", async () => {
    const chatId = await ana.conversationWith(bo);
    const problem = (localId: string, attachment: unknown) =>
      server.problemOf('POST', `/api/chat/${chatId}/message`, { token: ana.token, body: { localId, text: 'this', attachments: [attachment] } });
    const bos = await put(bo, 'private');
    expect(await problem('not-mine', { url: bos.fileUrl })).toBe('conflict');
    expect((await server.call<{ status: string }>('GET', `/api/uploads/${bos.uploadId}`, { token: bo.token })).body.status).toBe('uploading');
    expect(await problem('no-bytes', { url: (await presign(ana, 'never put')).fileUrl })).toBe('conflict');
    const used = await put(ana, 'once');
    expect((await post(ana, chatId, { localId: 'used', attachments: [{ url: used.fileUrl }] })).status).toBe(201);
    expect(await problem('used-again', { url: used.fileUrl })).toBe('conflict');
    for (const odd of [{ url: 'https://elsewhere.example/cat.jpg' }, { url: 'cat' }, {}, 7, null, 'cat', { uploadId: 7 }]) {
      expect(await problem('odd', odd), JSON.stringify(odd)).toBe('validation_failed');
    }
  });

  it('refuse what is no time', async () => {
    const chatId = await ana.conversationWith(bo);
    for (const timestamp of ['yesterday', '2026-01-01', '-1', '99999999999999', '0000-01-01T00:00:00Z', '2026-13-01T00:00:00Z']) {
      expect(await server.problemOf('GET', `/api/chat/${chatId}/all/after?timestamp=${timestamp}`, { token: ana.token }), timestamp).toBe('validation_failed');
    }
  });
});

/** Every page of a chat from the end back, or from the beginning on. */
async function readBack(person: Person, chatId: ConversationId, limit: number): Promise<ChatMessage[]> {
  const all: ChatMessage[] = [];
  for (let before: string | null = ''; before !== null; ) {
    const page: MessagePage = await get(person, `/api/chat/${chatId}/all?limit=${limit}${before && `&beforeTimestamp=${before}`}`);
    all.push(...page.messages);
    before = page.nextBeforeTimestamp;
  }
  return all;
}

describe('[D7] paging by time', () => {
  it('[D7] backwards gives every message once, while both write', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 0, max: 25 }), async (limit, before) => {
        const [one, other] = (await createPeople(server, 'One', 'Other')) as [Person, Person];
        const chatId = await one.conversationWith(other);
        // At once: they share commits, and with them the clock.
        await Promise.all(Array.from({ length: before }, (_, n) => (n % 2 ? one : other).send(chatId, `${n}`, `b-${n}`)));
        const known = await one.history(chatId);
        const writing = Promise.all(Array.from({ length: 20 }, (_, n) => (n % 2 ? one : other).send(chatId, `${n}`, `w-${n}`)));
        const pages = await readBack(one, chatId, limit);
        await writing;
        expect(new Set(ids(pages)).size).toBe(pages.length);
        expect(ids(pages).filter((id) => known.some((message) => message.id === id))).toEqual(known.map((message) => message.id).reverse());
        const seqs = pages.map((message) => message.sequenceId ?? 0);
        expect(seqs).toEqual(seqs.toSorted((a, b) => b - a));
      }),
      { numRuns: 12 },
    );
  });

  it('[D7] forwards gives every message once, from any time on, while both write', async () => {
    const [one, other] = (await createPeople(server, 'One', 'Other')) as [Person, Person];
    const chatId = await one.conversationWith(other);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 9 }), fc.nat(200), async (limit, start) => {
        const known = await one.history(chatId);
        const from = known[start % (known.length || 1)];
        const run = `${limit}-${start}-${known.length}`;
        const total = known.length + 15;
        const writing = Promise.all(Array.from({ length: 15 }, (_, n) => (n % 2 ? one : other).send(chatId, 'x', `${run}-${n}`)));
        const got: ChatMessage[] = [];
        let last = from?.createdAt ?? '0';
        while (got.at(-1)?.sequenceId !== total) {
          const page: MessagePage = await get(other, `/api/chat/${chatId}/all/after?timestamp=${last}&limit=${limit}`);
          got.push(...page.messages);
          last = got.at(-1)?.sentAt ?? last;
          // Caught up for now: wait for what is still being written.
          if (page.nextAfterTimestamp === null) await writing;
        }
        expect(got.map((message) => message.sequenceId)).toEqual(Array.from({ length: total - (from?.seq ?? 0) }, (_, n) => (from?.seq ?? 0) + n + 1));
      }),
      { numRuns: 12 },
    );
  });

  it('[D7] takes epoch milliseconds as well', async () => {
    const [one, other] = (await createPeople(server, 'One', 'Other')) as [Person, Person];
    const chatId = await one.conversationWith(other);
    const [first, second] = [await one.send(chatId, '1'), await one.send(chatId, '2')];
    const [before, after] = [Date.parse(first.createdAt) - 1, Date.parse(second.createdAt) + 1];
    expect(ids((await get<MessagePage>(one, `/api/chat/${chatId}/all?beforeTimestamp=${after}`)).messages)).toEqual([second.id, first.id]);
    expect((await get<MessagePage>(one, `/api/chat/${chatId}/all?beforeTimestamp=${before}`)).messages).toEqual([]);
    expect(ids((await get<MessagePage>(one, `/api/chat/${chatId}/all/after?timestamp=${before}`)).messages)).toEqual([first.id, second.id]);
  });

  it('[D7] the list gives every chat once, however many were active at the very same time', async () => {
    const people = await createPeople(server, 'Viewer', ...Array.from({ length: 12 }, (_, n) => `Peer ${n}`));
    const [viewer, ...peers] = people as [Person, ...Person[]];
    const chatIds = await Promise.all(peers.map((peer) => viewer.conversationWith(peer)));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 12, maxLength: 12 }), fc.integer({ min: 1, max: 13 }), async (times, limit) => {
        await server.database.pool.query(
          `UPDATE conversations c SET last_activity_at = v.at, activity_hour = date_trunc('hour', v.at, 'UTC')
           FROM unnest($1::uuid[], $2::timestamptz[]) AS v(id, at) WHERE c.id = v.id`,
          [chatIds, times.map((time) => `2026-01-01T00:00:00.00000${time}Z`)],
        );
        const listed: Chat[] = [];
        for (let after: string | null = ''; after !== null; ) {
          const page: ChatPage = await get(viewer, `/api/chat/all?limit=${limit}${after && `&afterTimestamp=${after}`}`);
          listed.push(...page.chats);
          after = page.nextAfterTimestamp;
        }
        expect(listed.map((chat) => chat.chatId).sort()).toEqual([...chatIds].sort());
        const activity = listed.map((chat) => chat.lastActivity);
        expect(activity).toEqual(activity.toSorted().reverse());
      }),
      { numRuns: 40 },
    );
  });
});
