import { createRequire } from 'node:module';
import type PusherClient from 'pusher-js';
import type { Channel, Options } from 'pusher-js';
import Echo from 'laravel-echo';
import type { TestServer } from './test-server.ts';

// The library as apps load it in Node: its build, untouched.
const Pusher = createRequire(import.meta.url)('pusher-js') as typeof PusherClient;

export type { PusherClient };

/** The real client against a test server, with waits for what it tells. */
export class TestPusher {
  /** What is loaded in Node; others come with the options. */
  static readonly library: typeof PusherClient = Pusher;
  readonly client: PusherClient;
  /** States of the connection, in order. */
  readonly states: string[] = [];

  constructor(server: TestServer, options: Partial<Options> & { token?: string; key?: string; library?: typeof PusherClient } = {}) {
    const { token, key, library = TestPusher.library, ...more } = options;
    const { port, context } = server.server;
    const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
    this.client = new library(key ?? context.pusherApp.key, {
      wsHost: '127.0.0.1',
      wsPort: port,
      forceTLS: false,
      cluster: 'any',
      enabledTransports: ['ws'],
      channelAuthorization: { endpoint: `${server.server.url}/api/pusher/auth`, transport: 'ajax', headers },
      userAuthentication: { endpoint: `${server.server.url}/api/pusher/user-auth`, transport: 'ajax', headers },
      ...more,
    });
    this.client.connection.bind('state_change', ({ current }: { current: string }) => this.states.push(current));
  }

  get socketId(): string {
    return this.client.connection.socket_id;
  }

  async connected(): Promise<this> {
    if (this.client.connection.state !== 'connected') await this.untilConnection('connected');
    return this;
  }

  untilConnection<T>(event: string): Promise<T> {
    return new Promise((resolve) => {
      const tell = (value: T) => {
        this.client.connection.unbind(event, tell);
        resolve(value);
      };
      this.client.connection.bind(event, tell);
    });
  }

  /** Joined, or rejected with what the client was told. */
  join<C extends Channel = Channel>(name: string): Promise<C> {
    const channel = this.client.subscribe(name) as C;
    return new Promise((resolve, reject) => {
      channel.bind('pusher:subscription_succeeded', () => resolve(channel));
      channel.bind('pusher:subscription_error', (error: { status?: number; error?: string }) => reject(Object.assign(new Error(error.error), { status: error.status })));
    });
  }

  close(): void {
    this.client.disconnect();
  }
}

/** Everything a channel tells under one name, with a wait for the next. */
export function record<T>(channel: { bind(event: string, told: (value: T) => void): unknown }, event: string) {
  const all: T[] = [];
  const waiters = new Set<() => void>();
  channel.bind(event, (value) => {
    all.push(value);
    for (const wake of waiters) wake();
    waiters.clear();
  });
  return {
    all,
    async until(count: number): Promise<T[]> {
      while (all.length < count) await new Promise<void>((wake) => waiters.add(wake));
      return all;
    },
  };
}

/** laravel-echo as an app sets it up, over the same client. */
export function connectEcho(server: TestServer, token: string): Echo<'pusher'> {
  const { port, url, context } = server.server;
  return new Echo<'pusher'>({
    broadcaster: 'pusher',
    Pusher: TestPusher.library,
    key: context.pusherApp.key,
    cluster: 'any',
    wsHost: '127.0.0.1',
    wsPort: port,
    forceTLS: false,
    enabledTransports: ['ws'],
    authEndpoint: `${url}/broadcasting/auth`,
    // New for each: otherwise the library writes the bearer of one into the defaults of all.
    auth: { headers: {} },
    bearerToken: token,
  });
}

/** What an Echo channel tells through one of its methods, with a wait for the next. */
export function heard<T>(listen: (told: (value: T) => void) => void) {
  return record<T>({ bind: (_, told) => listen(told) }, '');
}
