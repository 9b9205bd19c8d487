import type { RedisKeys } from '../../redis/redis-keys.ts';
import { callTogether, RedisAwayError, type RedisClient, type RedisCommand, type RedisLink } from '../../redis/redis-link.ts';

/** The only group of a node's stream, and so the one by which another node can claim what was not read. */
const GROUP = 'node';
/** Entries of one answer; with all reads that are ahead about 25 MB at the very most. */
const READ_AT_ONCE = 50;
/** A read waits this long for something new. It ends with the first entry, so this costs no time. */
const BLOCK_MS = 250;
/**
 * Reads that wait in Redis one behind the other, so that what comes next is given
 * out without being asked for first. Asked for in one go once half of them are
 * answered: four entries cost one write, and Redis is woken for it once.
 */
const READS_AHEAD = 8;
/**
 * Without an answer for this long nobody is there. By then all reads that were
 * ahead are over in Redis, also if it does not know that their connection is: one
 * that came later would take entries with it that nobody reads again.
 */
const SILENT_MS = READS_AHEAD * BLOCK_MS + 500;
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
  #client: RedisClient;
  readonly #running: Promise<void>;
  #isClosed = false;
  /** What was not given out yet, or behind which entry of those that were. */
  #next: '>' | EntryId = '>';
  /** Under way, the first one first. */
  #reads: Promise<unknown>[] = [];
  /** How many of them, and of those that were dropped, are not answered. */
  #unanswered = 0;
  /** When the last answer came, or the connection was opened. */
  #heardAt = performance.now();
  #read: string[] = [];
  #acknowledging: NodeJS.Timeout | undefined;
  #wake: () => void = () => undefined;

  constructor(options: NodeInboxOptions) {
    this.#options = options;
    this.#client = this.#connect();
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
    this.#options.link.release(this.#client);
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
        // Answers may have been lost on the way, with entries that are not given out again unasked.
        this.#next = '0-0';
        // Flushed, or claimed by a node that took this one for dead.
        const isGone = error instanceof Error && /NOGROUP|UNBLOCKED/.test(error.message);
        if (isGone) await this.ensure().then(this.#options.onGap, () => undefined);
        await this.#pause();
        this.#dropReads();
      }
    }
  }

  async #readOnce(): Promise<void> {
    const { onText } = this.#options;
    const entries = entriesOf(await this.#nextAnswer());
    this.#heardAt = performance.now();
    if (this.#next !== '>') this.#next = entries.at(-1)?.id ?? '>';
    if (entries.length === 0) return;
    for (const { id, text } of entries) {
      // Without a text it was dropped from the stream meanwhile.
      if (text !== undefined) onText(text);
      this.#read.push(id);
    }
    if (this.#read.length >= READ_AT_ONCE) await this.#acknowledge();
    else this.#acknowledging ??= setTimeout(() => void this.#acknowledge(), ACKNOWLEDGED_WITHIN_MS).unref();
    // Full reads in a row mean that entries may be dropped before they are read.
    if (entries.length === READ_AT_ONCE) await this.#checkLag();
  }

  #connect(): RedisClient {
    return this.#options.link.connect('inbox');
  }

  /**
   * Reads that still wait in Redis would take more entries with them: their
   * connection goes too, and so does one that was opened and is silent since.
   * After a refusal, or the end of the connection, none waits.
   */
  #dropReads(): void {
    this.#reads = [];
    const isSilent = this.#client.status === 'connect' && performance.now() - this.#heardAt > SILENT_MS;
    if (this.#isClosed || (this.#unanswered === 0 && !isSilent)) return;
    this.#options.link.release(this.#client);
    this.#client = this.#connect();
    this.#unanswered = 0;
    this.#heardAt = performance.now();
  }

  /** Each read has its time from when it is the first one: until then it waits for those before it. */
  #nextAnswer(): Promise<unknown> {
    const { keys, link, node } = this.#options;
    // Where the next one begins is known only from the answer, as long as what was given out before is read again. A cluster that moves its parts answers several in any order.
    const ahead = this.#next === '>' && !link.isCluster ? READS_AHEAD : 1;
    if (this.#reads.length <= ahead / 2) {
      const read: RedisCommand = ['XREADGROUP', 'GROUP', GROUP, node, 'COUNT', READ_AT_ONCE, 'BLOCK', BLOCK_MS, 'STREAMS', keys.stream(node), this.#next];
      const reads = callTogether(this.#client, Array.from({ length: ahead - this.#reads.length }, () => read));
      this.#reads.push(...reads.map((answer) => this.#counted(answer, this.#client)));
    }
    return link.inTime(this.#reads.shift() ?? Promise.reject(new RedisAwayError()), SILENT_MS);
  }

  #counted(answer: Promise<unknown>, client: RedisClient): Promise<unknown> {
    this.#unanswered += 1;
    const settled = () => {
      if (client === this.#client) this.#unanswered -= 1;
    };
    answer.then(settled, settled);
    return answer;
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

/** `[[key, [[id, [field, value, …]], …]]]`, believed as far as it has that shape. */
function entriesOf(answer: unknown): { id: EntryId; text: unknown }[] {
  const [stream] = Array.isArray(answer) ? answer : [];
  const entries: unknown = Array.isArray(stream) ? stream[1] : null;
  if (!Array.isArray(entries)) return [];
  return entries.flatMap((entry: unknown) => {
    const [id, fields]: unknown[] = Array.isArray(entry) ? entry : [];
    return isEntryId(id) ? [{ id, text: Array.isArray(fields) ? fields[1] : undefined }] : [];
  });
}

type EntryId = `${number}-${number}`;

function isEntryId(id: unknown): id is EntryId {
  return typeof id === 'string' && /^\d+-\d+$/.test(id);
}
