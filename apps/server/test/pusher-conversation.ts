import type { ConversationId } from '@couplet/protocol';
import { afterEach } from 'vitest';
import { createPeople, type Person } from './people.ts';
import { TestPusher } from './pusher-client.ts';
import { startTestServer, type TestServer } from './test-server.ts';

/** Two who talk already, and somebody who has no part in it. */
export interface PusherConversation {
  server: TestServer;
  ana: Person;
  bo: Person;
  stranger: Person;
  chatId: ConversationId;
}

export async function startPusherConversation(): Promise<PusherConversation> {
  const server = await startTestServer();
  const [ana, bo, stranger] = (await createPeople(server, 'Ana', 'Bo', 'Stranger')) as [Person, Person, Person];
  const chatId = await ana.conversationWith(bo);
  await ana.send(chatId, 'so that both have it');
  return { server, ana, bo, stranger, chatId };
}

/** Clients of the tests of one file: each is closed after its test. */
export function pusherClientsOfThisFile(server: () => TestServer) {
  const open: { close(): void }[] = [];
  afterEach(() => {
    for (const client of open.splice(0)) client.close();
  });
  return {
    connect(person: { token: string }, library: typeof TestPusher.library = TestPusher.library): Promise<TestPusher> {
      const client = new TestPusher(server(), { token: person.token, library });
      open.push(client);
      return client.connected();
    },
    closeAfterTest: (client: { close(): void }) => void open.push(client),
  };
}
