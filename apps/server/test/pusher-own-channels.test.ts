import type { ConversationId } from '@couplet/protocol';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createPeople, type Person } from './people.ts';
import { record, TestPusher } from './pusher-client.ts';
import { startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
let ana: Person;
let bo: Person;
let stranger: Person;
let chatId: ConversationId;
const open: TestPusher[] = [];

beforeAll(async () => {
  server = await startTestServer();
  [ana, bo, stranger] = (await createPeople(server, 'Ana', 'Bo', 'Stranger')) as [Person, Person, Person];
  chatId = await ana.conversationWith(bo);
});
afterAll(() => server.close());
afterEach(() => {
  for (const client of open.splice(0)) client.close();
});

async function connect(person: Person): Promise<TestPusher> {
  const client = new TestPusher(server, { token: person.token });
  open.push(client);
  return client.connected();
}

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

  it('refuses a stranger with 403 and a wrong token with 401, at the endpoint', async () => {
    const [strangers, unknown] = [await connect(stranger), new TestPusher(server, { token: 'made-up' })];
    open.push(unknown);
    await unknown.connected();
    await expect(strangers.join(`private-chat-${chatId}`)).rejects.toMatchObject({ status: 403 });
    await expect(strangers.join(`private-user-${ana.id}`)).rejects.toMatchObject({ status: 403 });
    await expect(unknown.join(`private-chat-${chatId}`)).rejects.toMatchObject({ status: 401 });
  });
});
