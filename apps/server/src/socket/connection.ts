import { CLOSE_CODES, type CloseReason } from '@couplet/protocol';
import type { WebSocket } from 'ws';
import { SOCKET_LIMITS } from './limits.ts';

/** What one dialect does with one socket. */
export interface DialectSession {
  receive(text: string): void;
  /** Called every few seconds: deadlines, heartbeats, expiries. */
  sweep(now: number): void;
  /** The node stops: say so. Resolves when every request taken so far is answered; none comes after. */
  draining(reconnectInMs: number): Promise<void>;
  /** The socket is gone, for whatever reason. Exactly once. */
  closed(): void;
}

export interface ConnectionLimits {
  frameBytes: number;
  /** Off for load tests. */
  isFrameRateLimited: boolean;
}

/**
 * A WebSocket with its bounds: frame size, frame rate, unsent bytes. Knows no
 * protocol; the dialect's session gets text and gives text.
 */
export class Connection {
  readonly #socket: WebSocket;
  readonly #limits: ConnectionLimits;
  readonly #onClosed: (connection: Connection, reason: string) => void;
  #session: DialectSession | undefined;
  #closeReason: CloseReason | undefined;
  #isDraining = false;
  #tokens: number = SOCKET_LIMITS.frameBurst;
  #tokensAt = 0;

  constructor(socket: WebSocket, limits: ConnectionLimits, onClosed: (connection: Connection, reason: string) => void) {
    this.#socket = socket;
    this.#limits = limits;
    this.#onClosed = onClosed;
    socket.on('message', (data: Buffer, isBinary: boolean) => this.#receive(data, isBinary));
    socket.on('close', (code: number) => this.#closed(code));
    // 'close' follows; without a listener the error would end the process.
    socket.on('error', () => undefined);
  }

  attach(session: DialectSession): void {
    this.#session = session;
  }

  /** False when the frame was dropped because the connection is closing or reads too slowly. */
  send(text: string): boolean {
    if (this.#socket.readyState !== this.#socket.OPEN) return false;
    if (this.#socket.bufferedAmount > SOCKET_LIMITS.bufferedBytes) {
      this.#closeReason = 'tooMany';
      // A closing handshake would wait behind what the client does not read.
      this.#socket.terminate();
      return false;
    }
    this.#socket.send(text);
    return true;
  }

  close(reason: CloseReason): void {
    if (this.#closeReason !== undefined) return;
    this.#closeReason = reason;
    const { code, sentence } = CLOSE_CODES[reason];
    this.#socket.close(code, sentence);
  }

  /** Without a handshake, for a client that no longer answers. */
  terminate(): void {
    this.#socket.terminate();
  }

  sweep(now: number): void {
    this.#session?.sweep(now);
  }

  /** Takes no more frames, answers those it took, and closes. */
  async drain(reconnectInMs: number): Promise<void> {
    this.#isDraining = true;
    await this.#session?.draining(reconnectInMs);
    this.close('draining');
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (this.#closeReason !== undefined || this.#isDraining) return;
    if (data.length > this.#limits.frameBytes) return this.close('frameTooLarge');
    if (isBinary) return this.close('badFrame');
    if (this.#limits.isFrameRateLimited && !this.#takeToken()) return this.close('tooMany');
    this.#session?.receive(data.toString());
  }

  #takeToken(): boolean {
    const now = performance.now();
    const refill = ((now - this.#tokensAt) / 1000) * SOCKET_LIMITS.framesPerSecond;
    this.#tokens = Math.min(SOCKET_LIMITS.frameBurst, this.#tokens + refill);
    this.#tokensAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  #closed(code: number): void {
    this.#session?.closed();
    this.#session = undefined;
    this.#onClosed(this, this.#closeReason ?? (code === 1000 || code === 1001 || code === 1005 ? 'client' : `code-${code}`));
  }
}
