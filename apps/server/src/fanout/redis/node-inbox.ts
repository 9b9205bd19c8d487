import type { RedisKeys } from '../../redis/redis-keys.ts';
import type { RedisLink } from '../../redis/redis-link.ts';
import { entriesOf, GROUP, READ_AT_ONCE, StreamReads } from './stream-reads.ts';

/**
 * What was read is acknowledged together, after this at the latest: one round
 * trip for dozens of messages instead of one for each. What a node leaves
 * unacknowledged when it dies is delivered once more, which changes nothing.
 */
const ACKNOWLEDGED_WITHIN_MS = 100;
/** Before the next try when Redis is away. */
const RETRY_MS = 100;
/**
 * What a stream holds at most, about; older entries are dropped. A node that is
 * this far behind reads the log of its users instead.
 */
export const LONGEST_STREAM = 4_096;

export interface NodeInboxOptions {
  link: RedisLink;
  keys: RedisKeys;
  node: string;
  onText(text: unknown): void;
  /** Something may have been missed. */
  onGap(): void;
}

/** Reads this node's stream. One loop, for as long as the node runs: whatever happens to Redis, it comes back. */
export class NodeInbox {
  readonly #options: NodeInboxOptions;
  readonly #reads: StreamReads;
  readonly #running: Promise<void>;
  #isClosed = false;
  #read: string[] = [];
  #acknowledging: NodeJS.Timeout | undefined;
  #wake: () => void = () => undefined;

  constructor(options: NodeInboxOptions) {
    this.#options = options;
    this.#reads = new StreamReads(options);
    this.#running = this.#run();
  }

  /** Makes sure that the stream is there: nobody writes into one that is not. */
  async ensure(): Promise<void> {
    const { link, keys, node } = this.#options;
    // From its beginning: what was written between making it and the first read is read.
    const [answer] = await link.run([['XGROUP', 'CREATE', keys.stream(node), GROUP, '0', 'MKSTREAM']]);
    if (answer instanceof Error && !answer.message.startsWith('BUSYGROUP')) throw answer;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wake();
    this.#reads.close();
    await this.#running;
    clearTimeout(this.#acknowledging);
    const { link, keys, node } = this.#options;
    if (link.isUp) await link.run([['DEL', keys.stream(node)]]).catch(() => undefined);
  }

  async #run(): Promise<void> {
    while (!this.#isClosed) {
      try {
        await this.#readOnce();
      } catch (error) {
        if (this.#isClosed) return;
        // Flushed, or claimed by a node that took this one for dead.
        const isGone = error instanceof Error && /NOGROUP|UNBLOCKED/.test(error.message);
        if (isGone) await this.ensure().then(this.#options.onGap, () => undefined);
        await this.#pause();
        if (!this.#isClosed) this.#reads.startAgain();
      }
    }
  }

  async #readOnce(): Promise<void> {
    const { onText } = this.#options;
    const entries = await this.#reads.next();
    if (entries.length === 0) return;
    for (const { id, text } of entries) {
      if (text !== undefined) onText(text);
      this.#read.push(id);
    }
    if (this.#read.length >= READ_AT_ONCE) await this.#acknowledge();
    else this.#acknowledging ??= setTimeout(() => void this.#acknowledge(), ACKNOWLEDGED_WITHIN_MS).unref();
    // Full reads in a row mean that entries may be dropped before they are read.
    if (entries.length === READ_AT_ONCE) await this.#checkLag();
  }

  /** Removed, not only acknowledged: the stream holds what was not read, and nothing else. */
  async #acknowledge(): Promise<void> {
    clearTimeout(this.#acknowledging);
    this.#acknowledging = undefined;
    const ids = this.#read;
    this.#read = [];
    const { link, keys, node } = this.#options;
    const key = keys.stream(node);
    // What Redis misses of it stays in the stream until it is cut to its length.
    await link.run([['XACK', key, GROUP, ...ids], ['XDEL', key, ...ids]]).catch(() => undefined);
  }

  async #checkLag(): Promise<void> {
    const { link, keys, node, onGap } = this.#options;
    const [length] = await link.run([['XLEN', keys.stream(node)]]).catch(() => []);
    if (Number(length) >= LONGEST_STREAM * 0.9) onGap();
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, RETRY_MS).unref();
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Takes what a dead node did not read, entry by entry, and then its stream. */
export async function claimInbox({ link, keys, node, onText }: Omit<NodeInboxOptions, 'onGap'>, dead: string): Promise<void> {
  const key = keys.stream(dead);
  for (let cursor = '0-0'; ; ) {
    // Read, and not acknowledged before it died.
    const [answer] = await link.run([['XAUTOCLAIM', key, GROUP, node, 0, cursor, 'COUNT', READ_AT_ONCE]]);
    if (answer instanceof Error) {
      if (/NOGROUP|no such key/i.test(answer.message)) break;
      throw answer;
    }
    const [next, entries] = Array.isArray(answer) ? answer : [];
    for (const { text } of entriesOf([[key, entries]])) onText(text);
    if (typeof next !== 'string' || next === '0-0') break;
    cursor = next;
  }
  for (;;) {
    const [answer] = await link.run([['XREADGROUP', 'GROUP', GROUP, node, 'COUNT', READ_AT_ONCE, 'STREAMS', key, '>']]);
    if (answer instanceof Error) {
      if (/NOGROUP/.test(answer.message)) break;
      throw answer;
    }
    const entries = entriesOf(answer);
    if (entries.length === 0) break;
    for (const { text } of entries) onText(text);
  }
  await link.run([['DEL', key]]);
}
