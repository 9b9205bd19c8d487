import { WebSocket } from 'ws';

export interface RawFrame {
  event: string;
  channel?: string;
  data?: unknown;
  user_id?: string;
}

/** A client of the gateway that hides nothing and checks nothing: what is sent may be anything. */
export class RawPusher {
  readonly frames: RawFrame[] = [];
  readonly #socket: WebSocket;
  readonly #waiters = new Set<() => void>();
  #closeCode: number | undefined;

  constructor(url: string, path: string) {
    this.#socket = new WebSocket(url.replace('http', 'ws') + path);
    this.#socket.on('message', (text: Buffer) => {
      this.frames.push(JSON.parse(text.toString()) as RawFrame);
      this.#wake();
    });
    this.#socket.on('close', (code) => {
      this.#closeCode = code;
      this.#wake();
    });
    this.#socket.on('error', () => undefined);
  }

  /** An accepted connection. */
  static async connect(url: string, key: string): Promise<RawPusher> {
    const socket = new RawPusher(url, `/app/${key}?protocol=7&client=test&version=1`);
    await socket.until('pusher:connection_established');
    return socket;
  }

  get socketId(): string {
    const welcome = this.all('pusher:connection_established')[0];
    return (JSON.parse(String(welcome?.data)) as { socket_id: string }).socket_id;
  }

  get closeCode(): number | undefined {
    return this.#closeCode;
  }

  send(frame: unknown): void {
    this.raw(JSON.stringify(frame));
  }

  raw(data: string | Uint8Array): void {
    this.#socket.send(data);
  }

  all(event: string): RawFrame[] {
    return this.frames.filter((frame) => frame.event === event);
  }

  async until(event: string, count = 1): Promise<RawFrame[]> {
    while (this.all(event).length < count) {
      if (this.#closeCode !== undefined) throw new Error(`Closed with ${this.#closeCode} while waiting for ${event}`);
      await this.#next();
    }
    return this.all(event);
  }

  async untilClosed(): Promise<number> {
    while (this.#closeCode === undefined) await this.#next();
    return this.#closeCode;
  }

  /** Everything sent before has been answered. */
  async settled(): Promise<void> {
    const pongs = this.all('pusher:pong').length;
    this.send({ event: 'pusher:ping', data: {} });
    await this.until('pusher:pong', pongs + 1);
  }

  close(): void {
    this.#socket.terminate();
  }

  #next(): Promise<void> {
    return new Promise((wake) => this.#waiters.add(wake));
  }

  #wake(): void {
    for (const wake of this.#waiters) {
      this.#waiters.delete(wake);
      wake();
    }
  }
}
