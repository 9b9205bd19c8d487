import type { RedisKeys } from '../../redis/redis-keys.ts';
import { callTogether, RedisAwayError, type RedisClient, type RedisCommand, type RedisLink } from '../../redis/redis-link.ts';

/** The only group of a node's stream, and so the one by which another node can claim what was not read. */
export const GROUP = 'node';
/** Entries of one answer; with all reads that are ahead about 25 MB at the very most. */
export const READ_AT_ONCE = 50;
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

export interface StreamEntry {
  id: EntryId;
  /** Nothing where it was dropped from the stream after it was given out. */
  text: unknown;
}

type EntryId = `${number}-${number}`;

/** What a node's stream has to give, in order, asked for ahead of time on a connection of its own. */
export class StreamReads {
  readonly #link: RedisLink;
  readonly #read: (next: '>' | EntryId) => RedisCommand;
  #client: RedisClient;
  /** What was not given out yet, or behind which entry of those that were. */
  #next: '>' | EntryId = '>';
  /** Under way, the first one first. */
  #ahead: Promise<unknown>[] = [];
  /** How many of them, and of those that were dropped, are not answered. */
  #unanswered = 0;
  /** When the last answer came, or the connection was opened. */
  #heardAt = performance.now();

  constructor({ link, keys, node }: { link: RedisLink; keys: RedisKeys; node: string }) {
    this.#link = link;
    this.#read = (next) => ['XREADGROUP', 'GROUP', GROUP, node, 'COUNT', READ_AT_ONCE, 'BLOCK', BLOCK_MS, 'STREAMS', keys.stream(node), next];
    this.#client = this.#connect();
  }

  /** @throws when Redis refuses, or nobody answers: `startAgain`, a moment later */
  async next(): Promise<StreamEntry[]> {
    this.#askAhead();
    // Each has its time from when it is the first one: until then it waits for those before it.
    const entries = entriesOf(await this.#link.inTime(this.#ahead.shift() ?? Promise.reject(new RedisAwayError()), SILENT_MS));
    this.#heardAt = performance.now();
    if (this.#next !== '>') this.#next = entries.at(-1)?.id ?? '>';
    return entries;
  }

  /**
   * Answers may have been lost on the way, with entries that are not given out
   * again unasked. Reads that still wait in Redis would take more with them: their
   * connection goes too, and so does one that was opened and is silent since.
   * After a refusal, or the end of the connection, none waits.
   */
  startAgain(): void {
    this.#next = '0-0';
    this.#ahead = [];
    const isSilent = this.#client.status === 'connect' && performance.now() - this.#heardAt > SILENT_MS;
    if (this.#unanswered === 0 && !isSilent) return;
    this.close();
    this.#client = this.#connect();
    this.#unanswered = 0;
    this.#heardAt = performance.now();
  }

  close(): void {
    this.#link.release(this.#client);
  }

  #connect(): RedisClient {
    return this.#link.connect('inbox');
  }

  #askAhead(): void {
    // Where the next one begins is known only from the answer, as long as what was given out before is read again. A cluster that moves its parts answers several in any order.
    const most = this.#next === '>' && !this.#link.isCluster ? READS_AHEAD : 1;
    if (this.#ahead.length > most / 2) return;
    const read = this.#read(this.#next);
    const answers = callTogether(this.#client, Array.from({ length: most - this.#ahead.length }, () => read));
    for (const answer of answers) this.#count(answer, this.#client);
    this.#ahead.push(...answers);
  }

  #count(answer: Promise<unknown>, client: RedisClient): void {
    this.#unanswered += 1;
    const settled = () => {
      if (client === this.#client) this.#unanswered -= 1;
    };
    answer.then(settled, settled);
  }
}

/** `[[key, [[id, [field, value, …]], …]]]`, believed as far as it has that shape. */
export function entriesOf(answer: unknown): StreamEntry[] {
  const [stream] = Array.isArray(answer) ? answer : [];
  const entries: unknown = Array.isArray(stream) ? stream[1] : null;
  if (!Array.isArray(entries)) return [];
  return entries.flatMap((entry: unknown) => {
    const [id, fields]: unknown[] = Array.isArray(entry) ? entry : [];
    return isEntryId(id) ? [{ id, text: Array.isArray(fields) ? fields[1] : undefined }] : [];
  });
}

function isEntryId(id: unknown): id is EntryId {
  return typeof id === 'string' && /^\d+-\d+$/.test(id);
}
