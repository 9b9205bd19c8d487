import { WebSocket } from 'ws';
import { Latencies } from './percentiles.ts';
import type { ServerUnderTest } from './server-under-test.ts';

const CONNECTIONS = 1_000;

export interface Storm {
  connections: number;
  /** Until the last of them was connected, in seconds from the beginning. */
  connectedAfter: number;
  /** Until the last of them had its channel again. */
  subscribedAfter: number;
  /** Of the endpoint that signs the subscriptions, in milliseconds, as the clients see it. */
  signing: Latencies;
  cpu: { app: number; database: number };
}

/**
 * Every client loses its connection at once and comes back at once: connects,
 * has its own channel signed, and subscribes, without the second that a client
 * of the library waits. The first round, one client after another, is not measured.
 */
export async function pusherStorm(server: ServerUnderTest): Promise<Storm> {
  const users = await server.createUsers(CONNECTIONS, 'stormy');
  const key = await keyOf(server.url);
  const clients = users.map((user) => new StormyClient(server.url, key, user));
  for (const client of clients) await client.join(new Latencies(), () => undefined);
  await Promise.all(clients.map((client) => client.lose()));

  const signing = new Latencies();
  const cpuBefore = server.cpuSeconds();
  const startedAt = performance.now();
  const since = () => (performance.now() - startedAt) / 1_000;
  let connectedAfter = 0;
  await Promise.all(clients.map((client) => client.join(signing, () => (connectedAfter = since()))));
  const subscribedAfter = since();
  const cpu = server.cpuSeconds();
  await Promise.all(clients.map((client) => client.lose()));
  return {
    connections: CONNECTIONS,
    connectedAfter,
    subscribedAfter,
    signing,
    cpu: { app: cpu.app - cpuBefore.app, database: cpu.database - cpuBefore.database },
  };
}

async function keyOf(url: string): Promise<string> {
  const config = (await (await fetch(`${url}/api/config`)).json()) as { pusher: { key: string } };
  return config.pusher.key;
}

interface Frame {
  event: string;
  data?: string;
}

/** One user who follows their own channel, in frames as the library sends them. */
class StormyClient {
  readonly #url: string;
  readonly #key: string;
  readonly #user: { id: string; token: string };
  #socket: WebSocket | undefined;

  constructor(url: string, key: string, user: { id: string; token: string }) {
    this.#url = url;
    this.#key = key;
    this.#user = user;
  }

  /** Resolves once the channel is joined. */
  async join(signing: Latencies, onConnected: () => void): Promise<void> {
    const socket = new WebSocket(`${this.#url.replace('http', 'ws')}/app/${this.#key}?protocol=7&client=bench&version=1`, { perMessageDeflate: false });
    this.#socket = socket;
    const established = nextFrame(socket, 'pusher:connection_established');
    const { socket_id: socketId } = JSON.parse((await established).data ?? '') as { socket_id: string };
    onConnected();
    const channel = `private-user-${this.#user.id}`;
    const askedAt = performance.now();
    const signed = await this.#sign(socketId, channel);
    signing.add(performance.now() - askedAt);
    if (socket.readyState !== WebSocket.OPEN) throw new Error('Closed while its channel was signed');
    const succeeded = nextFrame(socket, 'pusher_internal:subscription_succeeded');
    socket.send(JSON.stringify({ event: 'pusher:subscribe', data: { channel, ...signed } }));
    await succeeded;
  }

  lose(): Promise<void> {
    const socket = this.#socket;
    if (!socket) return Promise.resolve();
    return new Promise((lost) => {
      socket.once('close', () => lost());
      socket.terminate();
    });
  }

  async #sign(socketId: string, channel: string): Promise<{ auth: string; channel_data?: string }> {
    const response = await fetch(`${this.#url}/api/pusher/auth`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.#user.token}` },
      body: new URLSearchParams({ socket_id: socketId, channel_name: channel }),
    });
    if (!response.ok) throw new Error(`Signing was answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as { auth: string; channel_data?: string };
  }
}

/** The first frame of this name from now on; another end of waiting is a failure. */
function nextFrame(socket: WebSocket, event: string): Promise<Frame> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      socket.off('message', read);
      socket.off('close', fail);
      socket.off('error', fail);
    };
    const fail = (cause: unknown) => {
      settle();
      reject(new Error(`No ${event}`, { cause }));
    };
    const read = (text: Buffer) => {
      const frame = JSON.parse(text.toString()) as Frame;
      if (frame.event === 'pusher:error' || frame.event === 'pusher:subscription_error') return fail(text.toString());
      if (frame.event !== event) return;
      settle();
      resolve(frame);
    };
    socket.on('message', read);
    socket.once('close', fail);
    socket.once('error', fail);
  });
}
