import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { CoupletError } from '@couplet/protocol';
import { type WebSocket, WebSocketServer } from 'ws';
import { RateLimitedError } from '../http/rate-limit.ts';
import { type CloseCode, Connection, type DialectSession, type KitCloseReason } from './connection.ts';
import { SOCKET_LIMITS } from './limits.ts';

/** A protocol spoken over WebSockets of one path. `Reason` are the words for which it has a close code. */
export interface Dialect<Reason extends string = string> {
  closeCodes: Readonly<Record<Reason | KitCloseReason, CloseCode>>;
  /** Frames a client may send at once: what its first moments after a reconnect need. */
  frameBurst: number;
  /** Whether this path is spoken by the dialect. */
  serves(path: string): boolean;
  /** @param url of the handshake; its origin means nothing */
  open(connection: Connection<Reason>, url: URL): DialectSession;
}

export interface SocketServerOptions {
  dialects: readonly Dialect[];
  frameBytes: number;
  isRateLimited: boolean;
  /** @throws when this address opens too many sockets; the reason becomes a 429 */
  allowHandshake(ip: string): Promise<void>;
  /** @throws CoupletError with the time to wait, when this node has too much to do; it becomes a 503 */
  assertRoom(): void;
  /** What limits count by. */
  clientAddress(request: IncomingMessage): string;
  /** Whether pages of this origin may connect. Browsers always send one, apps do not. */
  isOriginAllowed(origin: string, host: string | undefined): boolean;
  now: () => number;
  onOpened(): void;
  onClosed(reason: string): void;
}

/** Takes WebSocket upgrades, gives each socket to its dialect, and owns them until they are closed. */
export class SocketServer {
  readonly #options: SocketServerOptions;
  readonly #webSockets: WebSocketServer;
  readonly #connections = new Set<Connection<string>>();
  readonly #sweeper: NodeJS.Timeout;
  #isDraining = false;

  constructor(options: SocketServerOptions) {
    this.#options = options;
    this.#webSockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      // 240 KB a socket against 7 KB without.
      perMessageDeflate: false,
      // The connection closes larger frames than its limit with a code of ours; this bounds what is buffered until then.
      maxPayload: options.frameBytes * 4,
      maxFragments: 64,
      maxBufferedChunks: 1024,
    });
    this.#sweeper = setInterval(() => this.#sweep(), SOCKET_LIMITS.sweepEveryMs).unref();
  }

  get size(): number {
    return this.#connections.size;
  }

  /** The http server's `upgrade` event. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Until the handshake is done nobody else listens for the socket's errors.
    const onEarlyError = () => socket.destroy();
    socket.on('error', onEarlyError);
    this.#accept(request).then(
      (accepted) => {
        if (accepted.status !== 'ok') return refuse(socket, accepted.status, accepted.headers);
        if (socket.destroyed) return;
        // What the dialect says first leaves in one packet with the handshake.
        socket.cork();
        this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
          socket.off('error', onEarlyError);
          this.#open(webSocket, accepted.dialect, accepted.url);
        });
        socket.uncork();
      },
      () => refuse(socket, '500 Internal Server Error'),
    );
  }

  /**
   * Says goodbye to every connection, with its own moment to come back, so that
   * they do not all reconnect at once. Resolves when all are closed or the time is up.
   */
  async drain(withinMs: number): Promise<void> {
    this.#isDraining = true;
    clearInterval(this.#sweeper);
    for (const connection of this.#connections) void connection.drain(Math.floor(Math.random() * SOCKET_LIMITS.reconnectSpreadMs));
    if (this.#connections.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        for (const connection of this.#connections) connection.terminate();
        resolve();
      }, withinMs);
      this.#onEmpty = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #onEmpty: () => void = () => undefined;

  async #accept(request: IncomingMessage): Promise<Accepted> {
    if (this.#isDraining) return { status: '503 Service Unavailable', headers: { 'retry-after': '1' } };
    const address = request.url ?? '/';
    if (!URL.canParse(address, 'http://node')) return { status: '400 Bad Request' };
    const url = new URL(address, 'http://node');
    const dialect = this.#options.dialects.find((candidate) => candidate.serves(url.pathname));
    if (!dialect) return { status: '404 Not Found' };
    const { origin, host } = request.headers;
    if (origin !== undefined && !this.#options.isOriginAllowed(origin, host)) return { status: '403 Forbidden' };
    try {
      this.#options.assertRoom();
    } catch (cause) {
      return { status: '503 Service Unavailable', headers: headersOf(cause) };
    }
    try {
      await this.#options.allowHandshake(this.#options.clientAddress(request));
    } catch (cause) {
      return { status: '429 Too Many Requests', headers: headersOf(cause) };
    }
    return { status: 'ok', dialect, url };
  }

  #open(webSocket: WebSocket, dialect: Dialect, url: URL): void {
    const { frameBytes, isRateLimited, onClosed, onOpened } = this.#options;
    const limits = { frameBytes, frameBurst: dialect.frameBurst, isFrameRateLimited: isRateLimited };
    const connection = new Connection<string>(webSocket, limits, dialect.closeCodes, (reason) => {
      this.#connections.delete(connection);
      onClosed(reason);
      if (this.#connections.size === 0) this.#onEmpty();
    });
    this.#connections.add(connection);
    onOpened();
    connection.attach(dialect.open(connection, url));
    if (this.#isDraining) void connection.drain(0);
  }

  #sweep(): void {
    const now = this.#options.now();
    for (const connection of this.#connections) connection.sweep(now);
  }
}

type Accepted = { status: 'ok'; dialect: Dialect; url: URL } | { status: `${4 | 5}${string}`; headers?: Record<string, string> };

function headersOf(cause: unknown): Record<string, string> {
  if (cause instanceof RateLimitedError) return cause.headers;
  const ms = cause instanceof CoupletError ? cause.retryAfterMs : undefined;
  return { 'retry-after': String(Math.max(1, Math.ceil((ms ?? 0) / 1_000))) };
}

function refuse(socket: Duplex, status: string, headers: Record<string, string> = {}): void {
  const lines = Object.entries({ connection: 'close', 'content-length': '0', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status}\r\n${lines.join('')}\r\n`);
}
