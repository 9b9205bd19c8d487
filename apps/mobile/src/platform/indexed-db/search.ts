import { type StoredMessageSearch, wordsOf } from '@couplet/client';
import type { Message } from '@couplet/protocol';
import { resultOf, walk } from './requests.ts';
import { type BlocksForLater, SEARCH_BACKLOG_KEY, SEARCH_LATER_KEY, type SearchBlock } from './schema.ts';

/** A message found, and where its row is. */
export interface FoundPlace {
  id: string;
  conversationId: string;
  seq: number;
}

/**
 * The full-text index of a browser, within the caller's transaction. The words of
 * 64 messages stand in one row as text, and a search looks through the rows from
 * the one with the newest message on. An index entry per word was measured as
 * well: no search was faster for it, and writing a page took five times as long
 * as without a search, where this takes twice.
 */
export class IndexedDbSearch {
  readonly #transaction: IDBTransaction;

  constructor(transaction: IDBTransaction) {
    this.#transaction = transaction;
  }

  /** The newest first, at most `limit`. */
  async find({ words, conversationId, before, limit }: StoredMessageSearch): Promise<FoundPlace[]> {
    if (words.length === 0 || limit <= 0) return [];
    const beginnings = words.map((word) => ` ${word}`);
    let found: FoundPlace[] = [];
    const look = ({ conversationId, text }: SearchBlock) => {
      if (!holdsAll(text, beginnings)) return;
      const here = [...linesOf(text)].filter(({ id, words }) => (before === undefined || id < before) && holdsAll(words, beginnings));
      if (here.length > 0) found = newest([...found, ...here.map(({ id, seq }) => ({ id, conversationId, seq }))], limit);
    };
    if (conversationId !== undefined) {
      const blocks: SearchBlock[] = await resultOf(this.#table.getAll(IDBKeyRange.bound([conversationId], [conversationId, []])));
      blocks.forEach(look);
    } else {
      await walk(this.#table.index('newestId'), (value) => {
        const block = value as SearchBlock;
        // From here on every message is older than those found.
        if (found.length === limit && block.newestId < (found.at(-1)?.id ?? '')) return false;
        look(block);
        return true;
      });
    }
    return found;
  }

  async index(messages: readonly Message[]): Promise<void> {
    const byBlock = new Map<string, { key: [conversationId: string, block: number]; messages: Message[] }>();
    for (const message of messages) {
      const block = blockOf(message);
      const id = `${message.conversationId} ${block}`;
      const grouped = byBlock.get(id) ?? { key: [message.conversationId, block], messages: [] };
      grouped.messages.push(message);
      byBlock.set(id, grouped);
    }
    await Promise.all([...byBlock.values()].map(({ key, messages }) => this.#indexBlock(key, messages)));
  }

  /**
   * Notes where messages lie that `indexEarlier` is to take in. A catch-up brings a
   * block's messages one by one, and each would write the block anew; by and by it
   * is written once.
   */
  async leaveForLater(messages: readonly Message[]): Promise<void> {
    const later = { ...(await this.#later()) };
    for (const message of messages) {
      const block = blockOf(message);
      const [first, last] = later[message.conversationId] ?? [block, block];
      later[message.conversationId] = [Math.min(first, block), Math.max(last, block)];
    }
    await resultOf(this.#transaction.objectStore('log').put(later, SEARCH_LATER_KEY));
  }

  async isComplete(): Promise<boolean> {
    return (await this.#backlog()) === undefined && (await this.#later()) === undefined;
  }

  /** `read` answers the message of a stored row, `null` where it cannot be read. */
  async indexEarlier(limit: number, read: (row: unknown) => Message | null): Promise<boolean> {
    const later = await this.#later();
    if (later !== undefined) return this.#indexLater(later, limit, read);
    const after = await this.#backlog();
    if (after === undefined) return true;
    const table = this.#transaction.objectStore('messages');
    const range = IDBKeyRange.lowerBound(after, true);
    const keys = await resultOf(table.getAllKeys(range, limit));
    const rows: unknown[] = await resultOf(table.getAll(range, limit));
    await this.index(rows.flatMap((row) => read(row) ?? []));
    const last = keys.at(-1);
    const log = this.#transaction.objectStore('log');
    if (last === undefined || keys.length < limit) {
      await resultOf(log.delete(SEARCH_BACKLOG_KEY));
      return true;
    }
    await resultOf(log.put(last, SEARCH_BACKLOG_KEY));
    return false;
  }

  async clear(): Promise<void> {
    await resultOf(this.#table.clear());
    await resultOf(this.#transaction.objectStore('log').delete(SEARCH_BACKLOG_KEY));
    await resultOf(this.#transaction.objectStore('log').delete(SEARCH_LATER_KEY));
  }

  /** The blocks of one conversation that hold about `limit` messages; answers whether nothing is left. */
  async #indexLater(later: BlocksForLater, limit: number, read: (row: unknown) => Message | null): Promise<boolean> {
    const [next, ...others] = Object.entries(later);
    const log = this.#transaction.objectStore('log');
    if (next !== undefined) {
      const [conversationId, [first, last]] = next;
      const end = Math.min(last + 1, first + Math.max(1, Math.floor(limit / BLOCK_SIZE)));
      const range = IDBKeyRange.bound([conversationId, first * BLOCK_SIZE], [conversationId, end * BLOCK_SIZE], false, true);
      const rows: unknown[] = await resultOf(this.#transaction.objectStore('messages').getAll(range));
      await this.index(rows.flatMap((row) => read(row) ?? []));
      if (end <= last) others.unshift([conversationId, [end, last]]);
    }
    if (others.length > 0) {
      await resultOf(log.put(Object.fromEntries(others), SEARCH_LATER_KEY));
      return false;
    }
    await resultOf(log.delete(SEARCH_LATER_KEY));
    return (await this.#backlog()) === undefined;
  }

  async #indexBlock(key: [conversationId: string, block: number], messages: readonly Message[]): Promise<void> {
    const stored = await resultOf<SearchBlock | undefined>(this.#table.get(key));
    const lines = new Map<number, Line>();
    for (const line of linesOf(stored?.text ?? '')) lines.set(line.seq, line);
    for (const message of messages) {
      const words = wordsOf(message);
      if (words.length === 0) lines.delete(message.seq);
      else lines.set(message.seq, { words: words.map((word) => ` ${word}`).join(''), id: message.id, seq: message.seq });
    }
    const text = [...lines.values()].map(({ words, id, seq }) => `${words}\t${id}\t${seq}`).join('\n');
    // Most writes of a message leave its words as they are: receipts, reactions.
    if (text === (stored?.text ?? '')) return;
    const [conversationId, block] = key;
    const newestId = [...lines.values()].reduce((newest, { id }) => (id > newest ? id : newest), '');
    if (text === '') await resultOf(this.#table.delete(key));
    else await resultOf(this.#table.put({ conversationId, block, newestId, text } satisfies SearchBlock));
  }

  #later(): Promise<BlocksForLater | undefined> {
    return resultOf<BlocksForLater | undefined>(this.#transaction.objectStore('log').get(SEARCH_LATER_KEY));
  }

  #backlog(): Promise<IDBValidKey | undefined> {
    return resultOf<IDBValidKey | undefined>(this.#transaction.objectStore('log').get(SEARCH_BACKLOG_KEY));
  }

  get #table(): IDBObjectStore {
    return this.#transaction.objectStore('search');
  }
}

interface Line {
  /** Each with a space before it. */
  words: string;
  id: string;
  seq: number;
}

function* linesOf(text: string): Generator<Line> {
  if (text === '') return;
  for (const line of text.split('\n')) {
    const [words = '', id = '', seq = ''] = line.split('\t');
    yield { words, id, seq: Number(seq) };
  }
}

function holdsAll(words: string, beginnings: readonly string[]): boolean {
  return beginnings.every((beginning) => words.includes(beginning));
}

function newest(places: FoundPlace[], limit: number): FoundPlace[] {
  return places.sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, limit);
}

function blockOf({ seq }: Message): number {
  return Math.floor(seq / BLOCK_SIZE);
}

/** Few enough that a new message rewrites some kilobytes, enough that all rows of a device are looked through at once. */
const BLOCK_SIZE = 64;
