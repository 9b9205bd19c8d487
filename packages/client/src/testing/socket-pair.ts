import type { Socket, SocketHandlers, SocketPort } from '../ports/ports.ts';

/** The server's end of a socket. */
export interface ServerEnd {
  onMessage(text: string): void;
  onClose(): void;
}

/**
 * A client socket and a server socket joined by two queues. With `flow: 'auto'`
 * each frame arrives in its own turn; with `'manual'` the test flushes by hand,
 * drops and reorders: latency, loss and overtaking without timers.
 */
export class SocketPair implements Socket {
  flow: 'auto' | 'manual' = 'auto';
  readonly toServer: string[] = [];
  readonly toClient: string[] = [];
  readonly #client: SocketHandlers;
  readonly #server: ServerEnd;
  #isClosed = false;

  constructor(client: SocketHandlers, connect: (pair: SocketPair) => ServerEnd) {
    this.#client = client;
    this.#server = connect(this);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  open(): void {
    if (!this.#isClosed) this.#client.onOpen();
  }

  send(text: string): void {
    if (this.#isClosed) throw new Error('the socket is closed');
    this.toServer.push(text);
    this.#flushLater();
  }

  /** The client closes. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#server.onClose();
    this.#client.onClose(1000, '');
  }

  sendToClient(text: string): void {
    if (this.#isClosed) return;
    this.toClient.push(text);
    this.#flushLater();
  }

  /** The server closes, or the network ends it (1006). */
  closeByServer(code: number, reason = ''): void {
    if (this.#isClosed) return;
    this.flushToClient();
    this.#isClosed = true;
    this.#server.onClose();
    this.#client.onClose(code, reason);
  }

  flushToServer(): void {
    for (const text of this.toServer.splice(0)) if (!this.#isClosed) this.#server.onMessage(text);
  }

  flushToClient(): void {
    for (const text of this.toClient.splice(0)) if (!this.#isClosed) this.#client.onMessage(text);
  }

  #flushLater(): void {
    if (this.flow === 'manual') return;
    void Promise.resolve().then(() => {
      if (this.flow === 'manual') return;
      this.flushToServer();
      this.flushToClient();
    });
  }
}

/** A socket port whose other ends are made by `connect`. Every pair it opened is kept, the latest last. */
export class PairedSockets implements SocketPort {
  readonly pairs: SocketPair[] = [];
  /** How the frames of pairs to come flow. */
  flow: SocketPair['flow'] = 'auto';
  /** `refused`: the socket closes instead of opening, as with no server. `manual`: it opens when the test says so. */
  opening: 'auto' | 'manual' | 'refused' = 'auto';
  readonly #connect: (pair: SocketPair) => ServerEnd;

  constructor(connect: (pair: SocketPair) => ServerEnd) {
    this.#connect = connect;
  }

  get latest(): SocketPair {
    const pair = this.pairs.at(-1);
    if (pair === undefined) throw new Error('no socket was opened');
    return pair;
  }

  open(_url: string, handlers: SocketHandlers): Socket {
    const pair = new SocketPair(handlers, this.#connect);
    pair.flow = this.flow;
    this.pairs.push(pair);
    void Promise.resolve().then(() => {
      if (this.opening === 'auto') pair.open();
      else if (this.opening === 'refused') pair.closeByServer(1006);
    });
    return pair;
  }
}
