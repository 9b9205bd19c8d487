import { type ConversationId, CoupletError, LIMITS, type Message, type MessageId, searchWords } from '@couplet/protocol';
import type { MessageSearchPage, MessageSearchQuery } from '../messenger-interface.ts';
import { presentMessages } from '../outbox/present-outbox.ts';
import { mergeMessage } from '../store/merge-rows.ts';
import { holdsWords, wordsOf } from '../store/search-index.ts';
import type { Store, StoreReader } from '../store/store.ts';

export interface MessageSearchOptions {
  store: Store;
  searchServer(query: { q: string; conversationId?: ConversationId; cursor?: string }): Promise<{ items: Message[]; nextCursor: string | null }>;
}

/**
 * Where the next page begins. `server` is the server's own cursor; once the server
 * could not be asked the rest is the device's, for its cursor is lost.
 */
interface Place {
  before?: MessageId;
  server?: string;
  isDeviceOnly?: boolean;
}

/**
 * Finds messages by their words, the newest first: on the device at once, and
 * everywhere by the server's answer laid over what the device has.
 */
export class MessageSearch {
  readonly #options: MessageSearchOptions;

  constructor(options: MessageSearchOptions) {
    this.#options = options;
  }

  async searchDevice(query: Omit<MessageSearchQuery, 'cursor'>): Promise<MessageSearchPage> {
    return this.#devicePage(query, {});
  }

  /** Without the server, what the device has; it rejects only for what another try would not change. */
  async search(query: MessageSearchQuery): Promise<MessageSearchPage> {
    const place = readPlace(query.cursor);
    if (place.isDeviceOnly) return this.#devicePage(query, place);
    const { q, conversationId } = query;
    try {
      const answered = await this.#options.searchServer({
        q,
        ...(conversationId === undefined ? {} : { conversationId }),
        ...(place.server === undefined ? {} : { cursor: place.server }),
      });
      return await this.#mergedPage(query, place, answered);
    } catch (error) {
      if (!(error instanceof CoupletError) || !error.retryable) throw error;
      return this.#devicePage(query, place);
    }
  }

  async #devicePage({ q, conversationId }: MessageSearchQuery, { before }: Place): Promise<MessageSearchPage> {
    const words = searchWords(q);
    const { found, items } = await this.#options.store.read(async (reader) => {
      const rows = await reader.searchMessages({
        words,
        ...(conversationId === undefined ? {} : { conversationId }),
        ...(before === undefined ? {} : { before }),
        limit: PAGE_SIZE + 1,
      });
      return { found: rows, items: await asShown(reader, rows.slice(0, PAGE_SIZE), words) };
    });
    const last = found.at(PAGE_SIZE - 1);
    const goesOn = found.length > PAGE_SIZE && last !== undefined;
    return { items, nextCursor: goesOn ? writePlace({ before: last.id, isDeviceOnly: true }) : null, scope: 'device' };
  }

  /**
   * The stretch of time that the server's page covers, with what the device found
   * in it besides: nothing that is already on the screen goes away. A message
   * that the device knows in a later version is shown in that, or not any more.
   */
  async #mergedPage({ q, conversationId }: MessageSearchQuery, { before }: Place, answered: { items: Message[]; nextCursor: string | null }): Promise<MessageSearchPage> {
    const words = searchWords(q);
    const oldest = answered.nextCursor === null ? null : (answered.items.at(-1)?.id ?? null);
    const items = await this.#options.store.read(async (reader) => {
      const merged = new Map<MessageId, Message>();
      const local = await reader.searchMessages({
        words,
        ...(conversationId === undefined ? {} : { conversationId }),
        ...(before === undefined ? {} : { before }),
        limit: LIMITS.pageSize,
      });
      for (const message of local) if (oldest === null || message.id >= oldest) merged.set(message.id, message);
      for (const message of answered.items) {
        const current = await latest(reader, message, words);
        if (current !== null) merged.set(message.id, current);
      }
      return asShown(reader, [...merged.values()].sort((a, b) => (a.id < b.id ? 1 : -1)), words);
    });
    const nextCursor = answered.nextCursor === null || oldest === null ? null : writePlace({ before: oldest, server: answered.nextCursor });
    return { items, nextCursor, scope: 'everywhere' };
  }
}

/** With what the viewer changed and the server has not confirmed; what no longer holds the words for it is not a find. */
async function asShown(reader: StoreReader, messages: readonly Message[], words: readonly string[]): Promise<Message[]> {
  return presentMessages(messages, await reader.listOutbox()).filter((message, index) => message === messages[index] || holdsWords(wordsOf(message), words));
}

async function latest(reader: StoreReader, message: Message, words: readonly string[]): Promise<Message | null> {
  const stored = await reader.getMessage(message.id);
  if (stored === null || stored.version <= message.version) return mergeMessage(stored, message);
  return holdsWords(wordsOf(stored), words) ? stored : null;
}

function writePlace(place: Place): string {
  return JSON.stringify(place);
}

function readPlace(cursor: string | undefined): Place {
  return cursor === undefined ? {} : (JSON.parse(cursor) as Place);
}

/** A screen of results, as the server's pages are. */
const PAGE_SIZE = 20;
