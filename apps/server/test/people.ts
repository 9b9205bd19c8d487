import type { Conversation, ConversationId, DownFrameOf, Message, SyncPage, UserId } from '@couplet/protocol';
import { TEST_ADMIN_KEY, type TestServer } from './test-server.ts';
import { TestSocket } from './test-socket.ts';

/** Somebody with an access token and the calls that tests make most. */
export interface Person {
  id: UserId;
  name: string;
  token: string;
  connect(): Promise<TestSocket>;
  conversationWith(peer: Person): Promise<ConversationId>;
  send(conversationId: ConversationId, text: string, clientMsgId?: string): Promise<Message>;
  sync(since: number): Promise<SyncPage>;
  conversation(id: ConversationId): Promise<Conversation>;
  history(id: ConversationId): Promise<Message[]>;
}

let made = 0;

/** People made through the server API: many are as cheap as one. */
export async function createPeople(server: TestServer, ...names: string[]): Promise<Person[]> {
  const created = await server.call<{ users: { id: UserId }[] }>('POST', '/api/admin/users', {
    token: TEST_ADMIN_KEY,
    body: { users: names.map((name) => ({ name, externalId: `${name}-${(made += 1)}` })) },
  });
  const userIds = created.body.users.map((user) => user.id);
  const issued = await server.call<{ tokens: { accessToken: string }[] }>('POST', '/api/admin/tokens', {
    token: TEST_ADMIN_KEY,
    body: { userIds },
  });
  return userIds.map((id, index) => person(server, id, names[index] ?? '', issued.body.tokens[index]?.accessToken ?? ''));
}

function person(server: TestServer, id: UserId, name: string, token: string): Person {
  const get = async <Body>(path: string) => (await server.call<Body>('GET', path, { token })).body;
  let sent = 0;
  return {
    id,
    name,
    token,
    connect: () => TestSocket.connect(server.server.url, token),
    async conversationWith(peer) {
      const { body } = await server.call<Conversation>('POST', '/api/conversations', { token, body: { userId: peer.id } });
      return body.id;
    },
    async send(conversationId, text, clientMsgId = `${name}-${(sent += 1)}`) {
      const { status, body } = await server.call<Message>('POST', `/api/conversations/${conversationId}/messages`, {
        token,
        body: { clientMsgId, text },
      });
      if (status !== 201 && status !== 200) throw new Error(`A send was answered ${status}: ${JSON.stringify(body)}`);
      return body;
    },
    sync: (since) => get<SyncPage>(`/api/sync?since=${since}`),
    conversation: (conversationId) => get<Conversation>(`/api/conversations/${conversationId}`),
    async history(conversationId) {
      const items: Message[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const page: { items: Message[]; nextCursor: string | null } = await get(
          `/api/conversations/${conversationId}/messages?limit=100${cursor && `&cursor=${cursor}`}`,
        );
        items.push(...page.items);
        cursor = page.nextCursor;
      }
      return items.reverse();
    },
  };
}

/** Narrowed, or the test fails with what came instead. */
export function ackOf(frame: { type: string }): DownFrameOf<'chat.message.ack'>['data'] {
  if (frame.type !== 'chat.message.ack') throw new Error(`Not an ack: ${JSON.stringify(frame)}`);
  return (frame as DownFrameOf<'chat.message.ack'>).data;
}
