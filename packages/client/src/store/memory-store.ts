import type { ClientMsgId, Conversation, ConversationId, Message, MessageId, UserId } from '@couplet/protocol';
import type { OutboxEntry } from '../outbox/outbox-entry.ts';
import { compareTimestamps } from './compare-timestamps.ts';
import { holdsWords, type StoredMessageSearch, wordsOf } from './search-index.ts';
import { EMPTY_LOG, type LogState, type PendingReceipts, type PendingSettings, type ReadingPlace, type Store, type StoreReader, type StoreWriter } from './store.ts';
import { createTurns } from './turns.ts';

/** A device database that forgets: for tests, and for hosts without a durable one. */
export function createMemoryStore(): Store {
  const tables = new MemoryTables();
  const inTurn = createTurns();
  return {
    read: (body) => inTurn(() => body(tables)),
    transaction: (body) =>
      inTurn(async () => {
        tables.begin();
        try {
          const result = await body(tables);
          tables.commit();
          return result;
        } catch (error) {
          tables.rollBack();
          throw error;
        }
      }),
    close: () => inTurn(async () => undefined),
  };
}

/** Rows are never changed in place: readers may keep what they got. Each change notes how to take it back. */
class MemoryTables implements StoreReader, StoreWriter {
  #log: LogState = EMPTY_LOG;
  readonly #conversations = new Map<ConversationId, Conversation>();
  readonly #messages = new Map<ConversationId, Map<number, Message>>();
  readonly #messagesById = new Map<MessageId, Message>();
  readonly #messagesByClientMsgId = new Map<string, Message>();
  readonly #outbox = new Map<string, OutboxEntry>();
  readonly #receipts = new Map<ConversationId, PendingReceipts>();
  readonly #settings = new Map<ConversationId, PendingSettings>();
  readonly #places = new Map<ConversationId, ReadingPlace>();
  #undo: (() => void)[] = [];

  begin(): void {
    this.#undo = [];
  }

  commit(): void {
    this.#undo = [];
  }

  rollBack(): void {
    for (const step of this.#undo.reverse()) step();
    this.#undo = [];
  }

  async getLog(): Promise<LogState> {
    return this.#log;
  }

  async getConversation(id: ConversationId): Promise<Conversation | null> {
    return this.#conversations.get(id) ?? null;
  }

  async findConversationWith(peerId: UserId): Promise<Conversation | null> {
    for (const conversation of this.#conversations.values()) if (conversation.peer.id === peerId) return conversation;
    return null;
  }

  async listConversations({ limit, offset }: { limit: number; offset: number }): Promise<Conversation[]> {
    return [...this.#conversations.values()].sort(byPinnedAndActivity).slice(offset, offset + limit);
  }

  async getMessage(id: MessageId): Promise<Message | null> {
    return this.#messagesById.get(id) ?? null;
  }

  async findMessageByClientMsgId(senderId: UserId, clientMsgId: ClientMsgId): Promise<Message | null> {
    return this.#messagesByClientMsgId.get(`${senderId} ${clientMsgId}`) ?? null;
  }

  async listMessages(query: { conversationId: ConversationId; fromSeq: number; toSeq: number }): Promise<Message[]> {
    const rows = this.#messages.get(query.conversationId);
    if (rows === undefined) return [];
    const found: Message[] = [];
    for (let seq = Math.max(1, query.fromSeq); seq <= query.toSeq; seq += 1) {
      const message = rows.get(seq);
      if (message !== undefined) found.push(message);
    }
    return found;
  }

  async getOutboxEntry(id: string): Promise<OutboxEntry | null> {
    return this.#outbox.get(id) ?? null;
  }

  /** Looks at every message: a device without a durable database holds few. */
  async searchMessages({ words, conversationId, before, limit }: StoredMessageSearch): Promise<Message[]> {
    if (words.length === 0) return [];
    const rows = conversationId === undefined ? [...this.#messages.values()] : [this.#messages.get(conversationId) ?? new Map<number, Message>()];
    return rows
      .flatMap((messages) => [...messages.values()])
      .filter((message) => (before === undefined || message.id < before) && holdsWords(wordsOf(message), words))
      .sort((a, b) => (a.id < b.id ? 1 : -1))
      .slice(0, limit);
  }

  async isSearchComplete(): Promise<boolean> {
    return true;
  }

  async indexEarlierMessages(): Promise<boolean> {
    return true;
  }

  async listOutbox(conversationId?: ConversationId): Promise<OutboxEntry[]> {
    return [...this.#outbox.values()]
      .filter((entry) => conversationId === undefined || entry.conversationId === conversationId)
      .sort((a, b) => a.order - b.order);
  }

  async getReceipts(conversationId: ConversationId): Promise<PendingReceipts | null> {
    return this.#receipts.get(conversationId) ?? null;
  }

  async listReceipts(): Promise<PendingReceipts[]> {
    return [...this.#receipts.values()];
  }

  async getSettings(conversationId: ConversationId): Promise<PendingSettings | null> {
    return this.#settings.get(conversationId) ?? null;
  }

  async listSettings(): Promise<PendingSettings[]> {
    return [...this.#settings.values()];
  }

  async getPlace(conversationId: ConversationId): Promise<ReadingPlace | null> {
    return this.#places.get(conversationId) ?? null;
  }

  async putLog(log: LogState): Promise<void> {
    const before = this.#log;
    this.#undo.push(() => {
      this.#log = before;
    });
    this.#log = log;
  }

  async putConversation(conversation: Conversation): Promise<void> {
    this.#put(this.#conversations, conversation.id, conversation);
  }

  async putMessages(messages: readonly Message[]): Promise<void> {
    for (const message of messages) {
      let rows = this.#messages.get(message.conversationId);
      if (rows === undefined) {
        rows = new Map();
        this.#put(this.#messages, message.conversationId, rows);
      }
      this.#put(rows, message.seq, message);
      this.#put(this.#messagesById, message.id, message);
      this.#put(this.#messagesByClientMsgId, `${message.senderId} ${message.clientMsgId}`, message);
    }
  }

  async putOutboxEntry(entry: OutboxEntry): Promise<void> {
    this.#put(this.#outbox, entry.id, entry);
  }

  async deleteOutboxEntry(id: string): Promise<void> {
    this.#delete(this.#outbox, id);
  }

  async putReceipts(receipts: PendingReceipts): Promise<void> {
    this.#put(this.#receipts, receipts.conversationId, receipts);
  }

  async deleteReceipts(conversationId: ConversationId): Promise<void> {
    this.#delete(this.#receipts, conversationId);
  }

  async putSettings(settings: PendingSettings): Promise<void> {
    this.#put(this.#settings, settings.conversationId, settings);
  }

  async deleteSettings(conversationId: ConversationId): Promise<void> {
    this.#delete(this.#settings, conversationId);
  }

  async putPlace(conversationId: ConversationId, place: ReadingPlace | null): Promise<void> {
    if (place === null) this.#delete(this.#places, conversationId);
    else this.#put(this.#places, conversationId, place);
  }

  async clearServerState(): Promise<void> {
    this.#clear(this.#conversations);
    this.#clear(this.#messages);
    this.#clear(this.#messagesById);
    this.#clear(this.#messagesByClientMsgId);
  }

  async clear(): Promise<void> {
    await this.clearServerState();
    this.#clear(this.#outbox);
    this.#clear(this.#receipts);
    this.#clear(this.#settings);
    this.#clear(this.#places);
    await this.putLog(EMPTY_LOG);
  }

  #put<Key, Row>(table: Map<Key, Row>, key: Key, row: Row): void {
    const before = table.get(key);
    this.#undo.push(() => void (before === undefined ? table.delete(key) : table.set(key, before)));
    table.set(key, row);
  }

  #delete<Key, Row>(table: Map<Key, Row>, key: Key): void {
    const before = table.get(key);
    if (before === undefined) return;
    this.#undo.push(() => void table.set(key, before));
    table.delete(key);
  }

  #clear<Key, Row>(table: Map<Key, Row>): void {
    const before = [...table];
    this.#undo.push(() => {
      for (const [key, row] of before) table.set(key, row);
    });
    table.clear();
  }
}

function byPinnedAndActivity(a: Conversation, b: Conversation): number {
  if (a.pinned !== b.pinned) return a.pinned ? -1 : 1;
  return compareTimestamps(b.lastActivityAt, a.lastActivityAt) || (a.id < b.id ? 1 : -1);
}
