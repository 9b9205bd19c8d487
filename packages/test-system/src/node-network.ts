import { createRequire } from 'node:module';
import { type HttpPort, type NetworkPort, type PusherPort, pusherPort, type SocketPort } from '@couplet/client';
import type PusherClass from 'pusher-js';

// The library as it is loaded in Node: its own build, untouched.
const throughPusherJs = pusherPort(createRequire(import.meta.url)('pusher-js') as typeof PusherClass);

/** RFC 6455 §7.4.1: closed without a close frame. */
const ABNORMAL_CLOSURE = 1006;

/**
 * The real network of one device, with a plug. Pulled out, requests fail, open
 * sockets break without a goodbye, and the platform says so; what the server
 * already got stays with it.
 */
export class NodeNetwork implements NetworkPort {
  readonly #listeners = new Set<(isOnline: boolean) => void>();
  readonly #cuts = new Set<() => void>();
  #isOnline = true;

  isOnline(): boolean {
    return this.#isOnline;
  }

  subscribe(listener: (isOnline: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  unplug(): void {
    this.#isOnline = false;
    for (const cut of [...this.#cuts]) cut();
    for (const listener of this.#listeners) listener(false);
  }

  plug(): void {
    this.#isOnline = true;
    for (const listener of this.#listeners) listener(true);
  }

  readonly http: HttpPort = {
    request: async ({ method, url, headers, body, timeoutMs, signal }) => {
      if (!this.#isOnline) throw new TypeError('The network is unplugged');
      const aborter = new AbortController();
      const cut = () => aborter.abort();
      this.#cuts.add(cut);
      const unsubscribe = signal?.subscribe(cut);
      const timer = setTimeout(cut, timeoutMs);
      try {
        const response = await fetch(url, { method, headers, body: body ?? null, signal: aborter.signal });
        return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
      } finally {
        clearTimeout(timer);
        unsubscribe?.();
        this.#cuts.delete(cut);
      }
    },
  };

  readonly socket: SocketPort = {
    open: (url, handlers) => {
      if (!this.#isOnline) {
        queueMicrotask(() => handlers.onClose(ABNORMAL_CLOSURE, 'unplugged'));
        return { send: () => undefined, close: () => undefined };
      }
      const webSocket = new WebSocket(url);
      let isOver = false;
      const end = (code: number, reason: string): void => {
        if (isOver) return;
        isOver = true;
        this.#cuts.delete(cut);
        handlers.onClose(code, reason);
      };
      const cut = (): void => {
        end(ABNORMAL_CLOSURE, 'unplugged');
        webSocket.close();
      };
      this.#cuts.add(cut);
      webSocket.onopen = () => isOver || handlers.onOpen();
      webSocket.onmessage = (event) => isOver || handlers.onMessage(String(event.data));
      webSocket.onclose = (event) => end(event.code, event.reason);
      return {
        send: (text) => webSocket.send(text),
        close: (code, reason) => webSocket.close(code, reason),
      };
    },
  };

  readonly pusher: PusherPort = {
    open: (opening, handlers) => {
      if (!this.#isOnline) {
        queueMicrotask(() => handlers.lost('unplugged'));
        return { join: () => undefined, leave: () => undefined, trigger: () => undefined, close: () => undefined };
      }
      const link = throughPusherJs.open(opening, {
        connected: (socketId) => handlers.connected(socketId),
        lost: (reason) => {
          this.#cuts.delete(cut);
          handlers.lost(reason);
        },
      });
      const close = () => {
        this.#cuts.delete(cut);
        link.close();
      };
      const cut = () => {
        close();
        handlers.lost('unplugged');
      };
      this.#cuts.add(cut);
      return { ...link, close };
    },
  };
}
