import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** What becomes of one put, counted from the first: it is cut, or stands still, once this many bytes of it went by. */
export type Incident = { put: number; afterBytes: number; what: 'cut' | 'hold' };

/** The way to a server, on which puts of files meet accidents; everything else passes. */
export class UploadsGate {
  readonly url: string;
  /** Of puts, as they came from the browser: also those of which the server got only a piece. */
  bytes = 0;
  puts = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #incidents: Incident[];
  readonly #held: Promise<void>;
  #stands: () => void = () => undefined;

  private constructor(server: Server, incidents: readonly Incident[]) {
    this.#server = server;
    this.#incidents = [...incidents];
    this.#held = new Promise((resolve) => (this.#stands = resolve));
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async open(serverPort: number, incidents: readonly Incident[]): Promise<UploadsGate> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const gate = new UploadsGate(server, incidents);
    server.on('connection', (near) => gate.#join(near, connect(serverPort, '127.0.0.1')));
    return gate;
  }

  /** Incidents that have not happened. */
  get outstanding(): number {
    return this.#incidents.length;
  }

  /** Resolves when a put stands still. */
  held(): Promise<void> {
    return this.#held;
  }

  async close() {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(near: Socket, far: Socket) {
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    far.pipe(near);
    /** Of the put that is on this connection now; `null` while there is none. */
    let put: { number: number; bytes: number } | null = null;
    near.on('data', (chunk: Buffer) => {
      // A browser begins each request in a packet of its own.
      const line = chunk.subarray(0, 16).toString('latin1');
      if (/^(GET|POST|PUT|DELETE|PATCH|OPTIONS) \//.test(line)) put = line.startsWith('PUT /blobs/') ? { number: (this.puts += 1), bytes: 0 } : null;
      if (put !== null) {
        put.bytes += chunk.length;
        this.bytes += chunk.length;
        const at = this.#incidents.findIndex((incident) => incident.put === put?.number && put.bytes > incident.afterBytes);
        const [incident] = at < 0 ? [] : this.#incidents.splice(at, 1);
        if (incident?.what === 'cut') return void near.resetAndDestroy();
        if (incident?.what === 'hold') {
          near.pause();
          this.#stands();
          return;
        }
      }
      if (!far.write(chunk)) {
        near.pause();
        far.once('drain', () => near.resume());
      }
    });
    near.on('end', () => far.end());
  }
}
