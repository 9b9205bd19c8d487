import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import type PusherLibrary from 'pusher';
import type { TestServer } from './test-server.ts';

const Pusher = createRequire(import.meta.url)('pusher') as typeof PusherLibrary;

/** Thirty-two bytes, base64. */
export const ENCRYPTION_MASTER_KEY = Buffer.alloc(32, 7).toString('base64');

/** The official server library, pointed at a test server. */
export function pusherLibrary(server: TestServer, wrong: { secret?: string; appId?: string } = {}): PusherLibrary {
  const { port, context } = server.server;
  const { id, key, secret } = context.pusherApp;
  return new Pusher({
    appId: wrong.appId ?? id,
    key,
    secret: wrong.secret ?? secret,
    host: '127.0.0.1',
    port: String(port),
    useTLS: false,
    encryptionMasterKeyBase64: ENCRYPTION_MASTER_KEY,
  });
}

export interface ReceivedCall {
  headers: Record<string, string>;
  body: string;
}

/** Somebody's backend: signs channels and users with the library, and takes webhooks. */
export interface TestBackend {
  url: string;
  webhooks: ReceivedCall[];
  /** What the next webhook calls are answered, before 200. */
  failures: number[];
  untilWebhook(isIt: (call: ReceivedCall) => boolean): Promise<ReceivedCall>;
  /** Set once the server is up: it needs the address of this one first. */
  library: PusherLibrary | undefined;
  close(): Promise<void>;
}

export async function startTestBackend(): Promise<TestBackend> {
  const webhooks: ReceivedCall[] = [];
  const waiters = new Set<() => void>();
  const backend: Partial<TestBackend> & { failures: number[]; library: PusherLibrary | undefined } = { failures: [], library: undefined };
  const http = createServer((request, response) => {
    void readAll(request).then((body) => {
      const asked = new URLSearchParams(body);
      const url = new URL(request.url ?? '/', 'http://backend');
      const userId = url.searchParams.get('user') ?? 'nobody';
      const answer = (value: object) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
      const socketId = asked.get('socket_id') ?? '';
      switch (url.pathname) {
        case '/auth': {
          const channel = asked.get('channel_name') ?? '';
          const member = channel.startsWith('presence-') ? { user_id: userId, user_info: { name: userId } } : undefined;
          return answer(backend.library?.authorizeChannel(socketId, channel, member) ?? {});
        }
        case '/user-auth':
          return answer(backend.library?.authenticateUser(socketId, { id: userId, watchlist: url.searchParams.getAll('watch') }) ?? {});
        default: {
          const status = backend.failures.shift() ?? 200;
          if (status === 200) webhooks.push({ headers: request.headers as Record<string, string>, body });
          response.writeHead(status).end();
          for (const wake of waiters) wake();
          waiters.clear();
        }
      }
    });
  });
  await new Promise<void>((listening) => http.listen(0, '127.0.0.1', listening));
  return Object.assign(backend, {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    webhooks,
    async untilWebhook(isIt: (call: ReceivedCall) => boolean) {
      for (;;) {
        const found = webhooks.find(isIt);
        if (found) return found;
        await new Promise<void>((wake) => waiters.add(wake));
      }
    },
    close: () =>
      new Promise<void>((closed) => {
        http.close(() => closed());
        http.closeAllConnections();
      }),
  });
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
