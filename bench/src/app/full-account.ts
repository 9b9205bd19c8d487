import { LoadClient } from '../load-client.ts';
import type { ServerUnderTest } from '../server-under-test.ts';

export const PASSWORD = 'correct horse battery';
export const LOGIN = 'viewer@bench.test';
/** In it is enough to fling through 2,000 messages. */
const LONG_CONVERSATION = 2_500;
/** Sends under way at once: the server's batches are full, and nothing waits for long. */
const WINDOW = 200;

export interface Peer {
  name: string;
  client: LoadClient;
  token: string;
  conversationId: string;
  /** Number of the last message of the conversation. */
  last: number;
}

/** Somebody with many conversations, and the people in them, who write whenever they are told to. */
export class FullAccount {
  readonly peers: Peer[];
  readonly token: string;
  readonly #server: ServerUnderTest;
  readonly #viewer: LoadClient;
  readonly #waiting: Map<string, () => void>;
  readonly #pinging: NodeJS.Timeout;
  #sent = 0;

  private constructor(server: ServerUnderTest, token: string, viewer: LoadClient, peers: Peer[], waiting: Map<string, () => void>) {
    this.#server = server;
    this.token = token;
    this.#viewer = viewer;
    this.peers = peers;
    this.#waiting = waiting;
    this.#pinging = setInterval(() => {
      for (const client of [viewer, ...peers.map((peer) => peer.client)]) client.ping();
    }, PING_MS);
  }

  static async create(server: ServerUnderTest, conversations: number): Promise<FullAccount> {
    const registered = await fetch(`${server.url}/api/auth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Viewer', email: LOGIN, password: PASSWORD }),
    });
    const { user, accessToken } = (await registered.json()) as { user: { id: string }; accessToken: string };
    const waiting = new Map<string, () => void>();
    const onAck = (clientMsgId: string) => {
      waiting.get(clientMsgId)?.();
      waiting.delete(clientMsgId);
    };
    const listeners = { onAck, onNew: () => undefined };
    const viewer = await LoadClient.connect(server.url, { id: user.id, token: accessToken }, listeners);
    const peers: Peer[] = [];
    for (const [index, made] of (await server.createUsers(conversations, 'Peer')).entries()) {
      const client = await LoadClient.connect(server.url, made, listeners);
      peers.push({ name: `Peer ${index}`, client, token: made.token, conversationId: await client.begin(user.id), last: 0 });
    }
    return new FullAccount(server, accessToken, viewer, peers, waiting);
  }

  /** Writes so many messages all over the conversations, the first of which gets the most; both sides write. */
  async write(messages: number, longFirst: boolean): Promise<void> {
    const [first] = this.peers;
    if (first === undefined) return;
    const inFirst = longFirst ? LONG_CONVERSATION : Math.floor(messages / this.peers.length);
    const queue: Peer[] = Array.from({ length: inFirst }, () => first);
    const others = this.peers.slice(1);
    for (let left = messages - inFirst; left > 0; left -= 1) queue.push(others[left % others.length] ?? first);
    // Shuffled by a stride, so that no conversation gets all of its messages in a row.
    let next = 0;
    const write = async () => {
      while (next < queue.length) {
        const peer = queue[(next * STRIDE) % queue.length];
        next += 1;
        if (peer !== undefined) await this.say(peer, next % 3 === 0 ? 'viewer' : 'peer');
      }
    };
    await Promise.all(Array.from({ length: WINDOW }, write));
  }

  /** Resolves with the text once it is stored. */
  async say(peer: Peer, author: 'viewer' | 'peer'): Promise<string> {
    peer.last += 1;
    this.#sent += 1;
    const text = `${peer.last}. ${SENTENCES[this.#sent % SENTENCES.length] ?? ''}`;
    const clientMsgId = `bench-${this.#sent}`;
    const stored = new Promise<void>((resolve) => void this.#waiting.set(clientMsgId, resolve));
    (author === 'viewer' ? this.#viewer : peer.client).send(peer.conversationId, clientMsgId, text);
    await stored;
    return text;
  }

  /** Everything is read: each conversation opens at its end, not at the first unread message. */
  async readAll(): Promise<void> {
    const { conversations } = await this.call<{ conversations: { id: string; lastMessage: { id: string } }[] }>('GET', '/api/sync/snapshot', this.token);
    for (const { id, lastMessage } of conversations) await this.call('POST', `/api/conversations/${id}/read`, this.token, { lastReadMessageId: lastMessage.id });
  }

  /** Where the viewer's log ends. */
  async position(): Promise<number> {
    return (await this.call<{ position: number }>('GET', '/api/sync/snapshot', this.token)).position;
  }

  async call<Answer>(method: string, path: string, token: string, body?: unknown): Promise<Answer> {
    const response = await fetch(this.#server.url + path, {
      method,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${path} answered ${response.status}`);
    return (response.status === 204 ? null : await response.json()) as Answer;
  }

  close(): void {
    clearInterval(this.#pinging);
    this.#viewer.close();
    for (const { client } of this.peers) client.close();
  }
}

/** As often as the protocol asks for it. */
const PING_MS = 15_000;

/** Shares no factor with any number of messages that is written here. */
const STRIDE = 7_919;

const SENTENCES = [
  'See you at nine, then',
  'The proofs are back from the printer and they look good',
  'No',
  'Can you bring the keys to the workshop when you come by tomorrow? The spare ones are with Mara, and she is away until Thursday',
  'On my way',
  'That is what I thought as well, but the numbers of last month say otherwise. Let us look at them together before the meeting',
  'Thank you!',
  'I put it on the table in the hall, beside the letters',
];
