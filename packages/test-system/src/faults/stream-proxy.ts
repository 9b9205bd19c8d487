import { once } from 'node:events';
import type { NetConnectOpts } from 'node:net';
import { Worker } from 'node:worker_threads';
import type { ForwarderOrder } from './stream-forwarder.ts';

/**
 * The way of a server to something it depends on (Redis, PostgreSQL), whatever
 * is spoken on it. Divided, nothing passes and neither end is told: connections
 * that are open stay half open, new ones are taken and never answered.
 *
 * In a thread of its own: every statement of every node passes here, and must
 * not wait until a test has computed something.
 */
export class StreamProxy {
  readonly port: number;
  readonly #thread: Worker;

  private constructor(port: number, thread: Worker) {
    this.port = port;
    this.#thread = thread;
  }

  static async open(target: NetConnectOpts): Promise<StreamProxy> {
    const thread = new Worker(new URL('./stream-forwarder.ts', import.meta.url), { workerData: target });
    const [port] = (await once(thread, 'message')) as [number];
    return new StreamProxy(port, thread);
  }

  divide(): Promise<void> {
    return this.#order({ type: 'divide' });
  }

  /** Connections of before lost bytes and cannot go on where they were: they are reset. */
  heal(): Promise<void> {
    return this.#order({ type: 'heal' });
  }

  /** Everybody who is connected is cut off, and connects anew to there. After a division nobody is told: they stay half open, and who connects anew gets there. */
  lead(target: NetConnectOpts): Promise<void> {
    return this.#order({ type: 'lead', target });
  }

  async close(): Promise<void> {
    await this.#thread.terminate();
  }

  async #order(order: ForwarderOrder): Promise<void> {
    const done = once(this.#thread, 'message');
    this.#thread.postMessage(order);
    await done;
  }
}
