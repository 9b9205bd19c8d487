import { type LogState, type OutboxEntry, type PendingReceipts, type PendingSettings, type ReadingPlace, readable, type RowReader, type StoredMessageSearch, type StoreWriter, type WordsOfRows } from '@couplet/client';
import type { ClientMsgId, Conversation, ConversationId, Message, MessageId, UserId } from '@couplet/protocol';
import { pageFromEnd, resultOf } from './requests.ts';
import { IndexedDbSearch } from './search.ts';
import { conversationRow, LOG_KEY, type Table, TABLES } from './schema.ts';

/** The rows as one transaction sees them. */
export class IndexedDbTables implements StoreWriter {
  readonly #transaction: IDBTransaction;
  readonly #rows: RowReader;
  readonly #search: IndexedDbSearch;

  constructor(transaction: IDBTransaction, rows: RowReader) {
    this.#transaction = transaction;
    this.#rows = rows;
    this.#search = new IndexedDbSearch(transaction);
  }

  async getLog(): Promise<LogState> {
    return this.#rows.log(await resultOf(this.#table('log').get(LOG_KEY)));
  }

  async getConversation(id: ConversationId): Promise<Conversation | null> {
    return this.#conversation(await resultOf<object | undefined>(this.#table('conversations').get(id)));
  }

  async findConversationWith(peerId: UserId): Promise<Conversation | null> {
    return this.#conversation(await resultOf<object | undefined>(this.#table('conversations').index('peerId').get(peerId)));
  }

  async listConversations({ limit, offset }: { limit: number; offset: number }): Promise<Conversation[]> {
    const found = await pageFromEnd(this.#table('conversations').index('listOrder'), limit, offset);
    return readable(found, (row) => this.#conversation(row));
  }

  async getMessage(id: MessageId): Promise<Message | null> {
    return this.#message(await resultOf(this.#table('messages').index('id').get(id)));
  }

  async findMessageByClientMsgId(senderId: UserId, clientMsgId: ClientMsgId): Promise<Message | null> {
    return this.#message(await resultOf(this.#table('messages').index('clientMsgId').get([senderId, clientMsgId])));
  }

  async listMessages({ conversationId, fromSeq, toSeq }: { conversationId: ConversationId; fromSeq: number; toSeq: number }): Promise<Message[]> {
    // A range whose end lies before its begin is an error to IndexedDB, not an empty range.
    if (fromSeq > toSeq) return [];
    const range = IDBKeyRange.bound([conversationId, fromSeq], [conversationId, toSeq]);
    return readable(await resultOf(this.#table('messages').getAll(range)), (row) => this.#rows.message(row));
  }

  async getOutboxEntry(id: string): Promise<OutboxEntry | null> {
    const row: unknown = await resultOf(this.#table('outbox').get(id));
    return row === undefined ? null : this.#rows.outboxEntry(row);
  }

  async searchMessages({ limit, ...query }: StoredMessageSearch): Promise<Message[]> {
    const found: Message[] = [];
    let { before } = query;
    // Once, but for rows that cannot be read: those are left out and do not end the page.
    while (found.length < limit) {
      const asked = limit - found.length;
      const places = await this.#search.find({ ...query, ...(before === undefined ? {} : { before }), limit: asked });
      const rows = await Promise.all(places.map(({ conversationId, seq }) => resultOf<unknown>(this.#table('messages').get([conversationId, seq]))));
      found.push(...readable(rows, (row) => this.#message(row)));
      if (places.length < asked) break;
      before = places.at(-1)?.id as MessageId;
    }
    return found;
  }

  isSearchComplete(): Promise<boolean> {
    return this.#search.isComplete();
  }

  indexEarlierMessages(limit: number): Promise<boolean> {
    return this.#search.indexEarlier(limit, (row) => this.#message(row));
  }

  async listOutbox(conversationId?: ConversationId): Promise<OutboxEntry[]> {
    // All of them, and sorted here: few rows, and one that lacks what an index needs must not go unseen.
    const entries = readable(await resultOf(this.#table('outbox').getAll()), (row) => this.#rows.outboxEntry(row));
    return entries.filter((entry) => conversationId === undefined || entry.conversationId === conversationId).sort((a, b) => a.order - b.order);
  }

  async getReceipts(conversationId: ConversationId): Promise<PendingReceipts | null> {
    const row: unknown = await resultOf(this.#table('receipts').get(conversationId));
    return row === undefined ? null : this.#rows.receipts(row);
  }

  async listReceipts(): Promise<PendingReceipts[]> {
    return readable(await resultOf(this.#table('receipts').getAll()), (row) => this.#rows.receipts(row));
  }

  async getSettings(conversationId: ConversationId): Promise<PendingSettings | null> {
    const row: unknown = await resultOf(this.#table('settings').get(conversationId));
    return row === undefined ? null : this.#rows.settings(row);
  }

  async listSettings(): Promise<PendingSettings[]> {
    return readable(await resultOf(this.#table('settings').getAll()), (row) => this.#rows.settings(row));
  }

  async getPlace(conversationId: ConversationId): Promise<ReadingPlace | null> {
    const row: unknown = await resultOf(this.#table('places').get(conversationId));
    return row === undefined ? null : this.#rows.place(row);
  }

  async putLog(log: LogState): Promise<void> {
    await resultOf(this.#table('log').put(log, LOG_KEY));
  }

  async putConversation(conversation: Conversation): Promise<void> {
    await resultOf(this.#table('conversations').put(conversationRow(conversation)));
  }

  async putMessages(messages: readonly Message[], words: WordsOfRows = 'changed'): Promise<void> {
    const table = this.#table('messages');
    // Requests run in order, and one that fails takes the transaction with it: waiting for the last is waiting for all.
    let last: IDBRequest<IDBValidKey> | null = null;
    for (const message of messages) last = table.put(message);
    if (last !== null) await resultOf(last);
    if (words === 'changed') await this.#search.index(messages);
    else if (words === 'later') await this.#search.leaveForLater(messages);
  }

  async putOutboxEntry(entry: OutboxEntry): Promise<void> {
    await resultOf(this.#table('outbox').put(entry));
  }

  async deleteOutboxEntry(id: string): Promise<void> {
    await resultOf(this.#table('outbox').delete(id));
  }

  async putReceipts(receipts: PendingReceipts): Promise<void> {
    await resultOf(this.#table('receipts').put(receipts));
  }

  async deleteReceipts(conversationId: ConversationId): Promise<void> {
    await resultOf(this.#table('receipts').delete(conversationId));
  }

  async putSettings(settings: PendingSettings): Promise<void> {
    await resultOf(this.#table('settings').put(settings));
  }

  async deleteSettings(conversationId: ConversationId): Promise<void> {
    await resultOf(this.#table('settings').delete(conversationId));
  }

  async putPlace(conversationId: ConversationId, place: ReadingPlace | null): Promise<void> {
    if (place === null) await resultOf(this.#table('places').delete(conversationId));
    else await resultOf(this.#table('places').put({ conversationId, ...place }));
  }

  async clearServerState(): Promise<void> {
    await this.#clear(['conversations', 'messages']);
    await this.#search.clear();
  }

  async clear(): Promise<void> {
    await this.#clear(TABLES);
  }

  async #clear(tables: readonly Table[]): Promise<void> {
    for (const table of tables) await resultOf(this.#table(table).clear());
  }

  #table(table: Table): IDBObjectStore {
    return this.#transaction.objectStore(table);
  }

  /** A row is an object: it has a key path. */
  #conversation(row: object | undefined): Conversation | null {
    return row === undefined ? null : this.#rows.conversation('conversation' in row ? row.conversation : undefined);
  }

  #message(row: unknown): Message | null {
    return row === undefined ? null : this.#rows.message(row);
  }
}
