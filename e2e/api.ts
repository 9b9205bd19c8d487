import { type Conversation, type ConversationId, type EndpointAnswer, type EndpointInput, ENDPOINTS, type Endpoint, type Message, type Viewer } from '@couplet/protocol';
import type { ServerProcess } from './server-process.ts';

/** Sends at once while history is written: enough to fill the server's batches. */
const WRITERS = 16;

type Endpoints = typeof ENDPOINTS;

/** Calls an endpoint as it stands in the protocol; throws on any answer but success. */
export async function callApi<Name extends keyof Endpoints>(
  server: ServerProcess,
  name: Name,
  input: EndpointInput<Endpoints[Name]>,
  token?: string,
): Promise<EndpointAnswer<Endpoints[Name]>> {
  const endpoint: Endpoint = ENDPOINTS[name];
  const { params = {}, query = {}, body } = input as { params?: Record<string, string>; query?: Record<string, string>; body?: unknown };
  const search = new URLSearchParams(query);
  const path = `${endpoint.path.replaceAll(/:(\w+)/g, (_, key: string) => encodeURIComponent(params[key] ?? ''))}?${search}`;
  const response = await fetch(server.url + path, {
    method: endpoint.method,
    headers: { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${endpoint.method} ${path} answered ${response.status}: ${await response.text()}`);
  const answer: unknown = response.status === 204 ? null : await response.json();
  return answer as EndpointAnswer<Endpoints[Name]>;
}

export const PASSWORD = 'correct horse battery';

/** Somebody who signed up through the API; signs in on a screen with `email` and `PASSWORD`. */
export interface Account {
  viewer: Viewer;
  email: string;
  token: string;
}

export async function createAccount(server: ServerProcess, name: string): Promise<Account> {
  const email = `${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '.')}@journeys.test`;
  const { user, accessToken } = await callApi(server, 'register', { body: { email, password: PASSWORD, name } });
  return { viewer: user, email, token: accessToken };
}

export function beginConversation(server: ServerProcess, from: Account, to: Account): Promise<Conversation> {
  return callApi(server, 'createConversation', { body: { userId: to.viewer.id } }, from.token);
}

export async function sendText(server: ServerProcess, from: Account, conversationId: ConversationId, text: string) {
  const clientMsgId = crypto.randomUUID();
  return callApi(server, 'sendMessage', { params: { id: conversationId }, body: { clientMsgId, type: 'text', text } }, from.token);
}

/** All messages of the conversation as the database has them, oldest first. */
export async function listEverything(server: ServerProcess, account: Account, conversationId: ConversationId): Promise<Message[]> {
  const messages: Message[] = [];
  for (let first: number | undefined; first !== 1; first = messages[0]?.seq) {
    const query = { limit: '100', ...(first === undefined ? {} : { before: String(first) }) };
    const page = await callApi(server, 'listMessages', { params: { id: conversationId }, query }, account.token);
    if (page.items.length === 0) break;
    messages.unshift(...page.items.reverse());
  }
  return messages;
}

/** Writes messages of both into their conversation, `WRITERS` at a time: seq 1 to `count`, in no particular order of text. */
export async function writeHistory(server: ServerProcess, members: [Account, Account], conversationId: ConversationId, count: number) {
  let next = 0;
  const write = async () => {
    while (next < count) {
      const number = (next += 1);
      const author = members[number % 3 === 0 ? 0 : 1];
      const text = `${number}. ${'and so it went on '.repeat(1 + (number % 9))}`;
      await sendText(server, author, conversationId, text);
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, write));
}
