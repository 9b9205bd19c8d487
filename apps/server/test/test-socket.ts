import { type IncomingHttpHeaders, request } from 'node:http';
import { type DownFrame, type DownFrameOf, type DownFrameType, PROTOCOL_VERSION, type UpFrameOf, type UpFrameType } from '@couplet/protocol';

/** A client of the native protocol that hides nothing: every frame down is kept, every wait is for a condition. */
export class TestSocket {
  /** Frames that answer nothing, in the order of arrival. */
  readonly pushed: DownFrame[] = [];
  readonly #socket: WebSocket;
  readonly #answers = new Map<string, (frame: DownFrame) => void>();
  readonly #waiters = new Set<() => void>();
  #closeCode: number | undefined;
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', (event) => this.#receive(JSON.parse(String(event.data)) as DownFrame));
    socket.addEventListener('close', (event) => {
      this.#closeCode = event.code;
      this.#wake();
    });
  }

  /** An open socket that has said nothing yet. */
  static async open(url: string): Promise<TestSocket> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`);
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve(), { once: true });
      socket.addEventListener('error', () => reject(new Error('The socket did not open')), { once: true });
    });
    return new TestSocket(socket);
  }

  /** An authenticated connection. Rejects when it is closed before that, as by a node that stops. */
  static async connect(url: string, token: string): Promise<TestSocket> {
    const socket = await TestSocket.open(url);
    const closed = socket.untilClosed().then((code) => Promise.reject(new Error(`The socket closed with ${code} before it was signed in`)));
    const answer = await Promise.race([socket.request('auth', { token, protocolVersion: PROTOCOL_VERSION }), closed]);
    if (answer.type !== 'auth.ok') throw new Error(`auth was answered ${JSON.stringify(answer)}`);
    return socket;
  }

  /** The one answer to a request, whether it is a success or an `error`. */
  request<T extends UpFrameType>(type: T, data: Partial<UpFrameOf<T>['data']>): Promise<DownFrame> {
    const id = this.write(type, data);
    return new Promise((resolve) => this.#answers.set(id, resolve));
  }

  /** Sends a frame whose answer nobody waits for; answers its id. */
  write<T extends UpFrameType>(type: T, data: Partial<UpFrameOf<T>['data']>): string {
    this.#lastId += 1;
    const id = `r${this.#lastId}`;
    this.raw(JSON.stringify({ type, id, ts: 0, data }));
    return id;
  }

  raw(text: string | Uint8Array<ArrayBuffer>): void {
    this.#socket.send(text);
  }

  /** The pushed frames of one type so far. */
  all<T extends DownFrameType>(type: T): DownFrameOf<T>[] {
    return this.pushed.filter((frame): frame is DownFrameOf<T> => frame.type === type);
  }

  /** Resolves once at least `count` frames of this type were pushed. */
  async until<T extends DownFrameType>(type: T, count = 1): Promise<DownFrameOf<T>[]> {
    await this.untilTrue(() => this.all(type).length >= count);
    return this.all(type);
  }

  async untilClosed(): Promise<number> {
    await this.untilTrue(() => this.#closeCode !== undefined);
    return this.#closeCode ?? 0;
  }

  /** Asked again after every frame and at the end of the socket. */
  async untilTrue(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.#closeCode !== undefined) throw new Error(`The socket closed with ${this.#closeCode} while waiting`);
      await new Promise<void>((wake) => this.#waiters.add(wake));
    }
  }

  /** Everything written before it has been answered and everything it caused for this socket has arrived. */
  async settled(): Promise<void> {
    await this.request('presence.ping', {});
  }

  close(): void {
    this.#socket.close();
  }

  #receive(frame: DownFrame): void {
    const replyTo = 'replyTo' in frame ? frame.replyTo : undefined;
    const answered = replyTo === undefined ? undefined : this.#answers.get(replyTo);
    if (replyTo !== undefined && answered) {
      this.#answers.delete(replyTo);
      answered(frame);
    } else this.pushed.push(frame);
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiters) {
      this.#waiters.delete(wake);
      wake();
    }
  }
}

/** Asks for a socket, and says how that was answered: 101, or a refusal with its headers. */
export async function handshake(url: string): Promise<{ status: number | undefined; headers: IncomingHttpHeaders }> {
  const asked = request(`${url}/ws`, {
    headers: { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' },
  }).end();
  return new Promise((resolve, reject) => {
    asked.once('error', reject);
    asked.once('upgrade', ({ statusCode, headers }, socket) => {
      socket.destroy();
      resolve({ status: statusCode, headers });
    });
    asked.once('response', (answer) => {
      answer.resume();
      resolve({ status: answer.statusCode, headers: answer.headers });
    });
  });
}
