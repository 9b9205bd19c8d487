import { type ConversationId, PROTOCOL_VERSION } from '@couplet/protocol';
import { NginxProcess } from '@couplet/test-system/faults';
import { WebSocket } from 'ws';
import { LoadClient } from './load-client.ts';
import { Latencies } from './percentiles.ts';
import type { ServerUnderTest } from './server-under-test.ts';

/** Clients of one storm. */
export const CLIENTS = 5_000;
/** Messages each of them missed. */
const MISSED = 10;
/** The first round is not measured: opened so many at once. */
const AT_ONCE = 100;
/** The app's own: full jitter, doubling from 1 s to 30 s. */
const RECONNECT = { baseMs: 1_000, capMs: 30_000 };
/** From as many addresses they come to the load balancer, which spreads addresses over the nodes. */
const ADDRESSES = 200;
/** Users that one call of the server API makes. */
const USERS_PER_CALL = 1_000;

export interface ReconnectStorm {
  /** Seconds from the kill until the server answered again. */
  readyAfter: number;
  /** Seconds from the kill until the last client was signed in, and until it had what it missed. */
  connectedAfter: number;
  caughtUpAfter: number;
  /** Of the clients, in milliseconds from the server's return until each was caught up. */
  each: Latencies;
  /** Connections and frames that the server put off to a later time. */
  putOff: number;
  cpu: { app: number; database: number };
}

/**
 * The server is killed under its connected clients and started again: they come
 * back by the app's own rule, sign in, and fetch what each of them missed. Of
 * several nodes all are killed, and the clients come through the real nginx.
 */
export async function reconnectStorm(server: ServerUnderTest): Promise<ReconnectStorm> {
  if (server.urls.length === 1) return stormOver(server, server.url);
  const balancer = await NginxProcess.start(server.urls);
  try {
    return await stormOver(server, balancer.url);
  } finally {
    await balancer.close();
  }
}

async function stormOver(server: ServerUnderTest, url: string): Promise<ReconnectStorm> {
  const users: { id: string; token: string }[] = [];
  while (users.length < CLIENTS) users.push(...(await server.createUsers(Math.min(USERS_PER_CALL, CLIENTS - users.length), `back-${users.length}`)));
  await letThemMiss(server.url, users);
  const clients = users.map((user, n) => new ReturningClient(url, user, `127.79.0.${1 + (n % ADDRESSES)}`));
  for (let first = 0; first < clients.length; first += AT_ONCE) await Promise.all(clients.slice(first, first + AT_ONCE).map((client) => client.comeBack()));

  const killedAt = performance.now();
  const since = (at: number) => (performance.now() - at) / 1_000;
  let connectedAfter = 0;
  let readyAt = Number.POSITIVE_INFINITY;
  const each = new Latencies();
  const back = clients.map(async (client) => {
    await client.lost();
    await client.comeBack(() => (connectedAfter = since(killedAt)));
    each.add(Math.max(0, performance.now() - readyAt));
  });
  await server.killAndRestart();
  readyAt = performance.now();
  const readyAfter = since(killedAt);
  const cpuBefore = server.cpuSeconds();
  await Promise.all(back);
  const caughtUpAfter = since(killedAt);
  const cpu = server.cpuSeconds();
  const putOff = clients.reduce((sum, client) => sum + client.putOff, 0);
  for (const client of clients) client.close();
  return { readyAfter, connectedAfter, caughtUpAfter, each, putOff, cpu: { app: cpu.app - cpuBefore.app, database: cpu.database - cpuBefore.database } };
}

/** One of each pair writes what the other, who is not there, will miss. */
async function letThemMiss(url: string, users: readonly { id: string; token: string }[]): Promise<void> {
  for (let first = 0; first < users.length; first += AT_ONCE) {
    await Promise.all(
      users.slice(first, first + AT_ONCE).map(async (user, n, all) => {
        const peer = all[n % 2 === 0 ? n + 1 : n - 1];
        if (n % 2 === 1 || !peer) return;
        let acknowledged = () => {};
        const writer = await LoadClient.connect(url, user, { onAck: () => acknowledged(), onNew: () => undefined });
        const conversationId = (await writer.begin(peer.id)) as ConversationId;
        for (let sent = 1; sent < MISSED; sent += 1) {
          await new Promise<void>((resolve) => {
            acknowledged = resolve;
            writer.send(conversationId, `missed-${user.id}-${sent}`, 'A line that was missed');
          });
        }
        writer.close();
      }),
    );
  }
}

type Answer = { type: 'auth.ok'; data: { epoch: string } } | { type: 'chat.sync.result'; data: { hasMore: boolean; position: number } } | { type: 'error'; data: { retryable: boolean; retryAfterMs?: number } } | { type: 'server.draining' };

/** One user's device that always fetches its log from the beginning. */
class ReturningClient {
  /** How often the server asked this one to come later. */
  putOff = 0;
  readonly #url: string;
  readonly #user: { id: string; token: string };
  readonly #address: string;
  #socket: WebSocket | undefined;
  #isClosed = false;

  /** @param address of this machine, from which it connects */
  constructor(url: string, user: { id: string; token: string }, address: string) {
    this.#url = url;
    this.#user = user;
    this.#address = address;
  }

  /** Resolves once caught up, after as many tries as it takes. */
  async comeBack(onSignedIn: () => void = () => undefined): Promise<void> {
    for (let failures = 0; ; ) {
      const outcome = await this.#attempt(onSignedIn);
      if (outcome === 'caught-up') return;
      if (outcome === 'failed') failures += 1;
      else this.putOff += 1;
      const wait = outcome === 'failed' ? Math.random() * Math.min(RECONNECT.capMs, RECONNECT.baseMs * 2 ** (failures - 1)) : outcome.retryAfterMs;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }

  /** Resolves when the connection is gone, and after the first wait of a device that lost it. */
  lost(): Promise<void> {
    return new Promise((resolve) => this.#socket?.once('close', () => setTimeout(resolve, Math.random() * RECONNECT.baseMs)));
  }

  close(): void {
    this.#isClosed = true;
    this.#socket?.terminate();
  }

  #attempt(onSignedIn: () => void): Promise<'caught-up' | 'failed' | { retryAfterMs: number }> {
    return new Promise((resolve) => {
      const socket = new WebSocket(`${this.#url.replace('http', 'ws')}/ws`, { perMessageDeflate: false, localAddress: this.#address });
      this.#socket = socket;
      const send = (type: string, id: string, data: unknown) => socket.send(JSON.stringify({ type, id, ts: 0, data }));
      let drain: number | undefined;
      const leave = (outcome: 'failed' | { retryAfterMs: number }) => {
        resolve(outcome);
        socket.terminate();
      };
      socket.on('open', () => send('auth', 'auth', { token: this.#user.token, protocolVersion: PROTOCOL_VERSION }));
      socket.on('unexpected-response', (_request, response) => {
        response.resume();
        const seconds = Number(response.headers['retry-after']);
        leave(response.statusCode === 503 && seconds > 0 ? { retryAfterMs: seconds * 1_000 * (0.5 + Math.random()) } : 'failed');
      });
      socket.on('message', (frame: Buffer) => {
        const answer = JSON.parse(frame.toString()) as Answer & { data: { reconnectInMs?: number } };
        switch (answer.type) {
          case 'auth.ok':
            onSignedIn();
            send('chat.sync', 'sync', { epoch: answer.data.epoch, since: 0, limit: 500 });
            break;
          case 'chat.sync.result':
            if (answer.data.hasMore) send('chat.sync', 'sync', { since: answer.data.position, limit: 500 });
            else resolve('caught-up');
            break;
          case 'server.draining':
            drain = answer.data.reconnectInMs;
            break;
          case 'error':
            if (answer.data.retryable && answer.data.retryAfterMs !== undefined) leave({ retryAfterMs: answer.data.retryAfterMs });
            else leave('failed');
            break;
        }
      });
      socket.on('error', () => undefined);
      socket.on('close', () => {
        if (!this.#isClosed) resolve(drain === undefined ? 'failed' : { retryAfterMs: drain });
      });
    });
  }
}
