import type { CloseReason } from '@couplet/protocol';
import type { WebSocket } from 'ws';
import { SOCKET_LIMITS } from './limits.ts';

/** What a client is told when its socket is closed. */
export interface CloseCode {
  code: number;
  sentence: string;
}

/** Why the kit itself closes a connection, whatever is spoken on it. */
export type KitCloseReason = 'badFrame' | 'frameTooLarge' | 'tooMany' | 'draining';

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
  /** Frames at once, before `framesPerSecond` slows them down. */
  frameBurst: number;
  /** Off for load tests. */
  isFrameRateLimited: boolean;
}

/**
 * A WebSocket with its bounds: frame size, frame rate, unsent bytes. Knows no
 * protocol; the dialect's session gets text and gives text. `Reason` are the
 * words for which the dialect has a close code.
 */
export class Connection<Reason extends string = CloseReason> {
  readonly #socket: WebSocket;
  readonly #limits: ConnectionLimits;
  readonly #closeCodes: Readonly<Record<string, CloseCode>>;
  readonly #onClosed: (reason: string) => void;
  #session: DialectSession | undefined;
  #closeReason: string | undefined;
  #isDraining = false;
  #tokens: number;
  #tokensAt = 0;

  constructor(
    socket: WebSocket,
    limits: ConnectionLimits,
    closeCodes: Readonly<Record<Reason | KitCloseReason, CloseCode>>,
    onClosed: (reason: string) => void,
  ) {
    this.#socket = socket;
    this.#limits = limits;
    this.#closeCodes = closeCodes;
    this.#onClosed = onClosed;
    this.#tokens = limits.frameBurst;
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

  close(reason: Reason | KitCloseReason): void {
    if (this.#closeReason !== undefined) return;
    this.#closeReason = reason;
    const known = this.#closeCodes[reason];
    this.#socket.close(known?.code, known?.sentence);
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
    this.#tokens = Math.min(this.#limits.frameBurst, this.#tokens + refill);
    this.#tokensAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  #closed(code: number): void {
    this.#session?.closed();
    this.#session = undefined;
    this.#onClosed(this.#closeReason ?? (code === 1000 || code === 1001 || code === 1005 ? 'client' : `code-${code}`));
  }
}
