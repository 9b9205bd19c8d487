import { type ClientMsgId, type Conversation, type ConversationId, CoupletError, type Message, type MessageId, type UserId } from '@couplet/protocol';
import type { OutboxEntry } from '../outbox/outbox-entry.ts';
import type { Report } from '../problem-log.ts';
import { sortableTimestamp } from './compare-timestamps.ts';
import { readable, RowReader } from './row-reader.ts';
import type { StoredMessageSearch } from './search-index.ts';
import type { SqlDatabase, SqlValue } from './sql-database.ts';
import { SqliteSearch } from './sqlite-search.ts';
import { inTransaction, migrateSql, SQL_MIGRATIONS, type SqlMigration } from './sqlite-schema.ts';
import type { LogState, PendingReceipts, PendingSettings, ReadingPlace, Store, StoreWriter, WordsOfRows } from './store.ts';
import { createTurns } from './turns.ts';

export type { SqlDatabase };

export interface SqliteOptions {
  database: SqlDatabase;
  report: Report;
  migrations?: readonly SqlMigration[];
}

/** The device database of a phone. Rejects when it cannot be opened or brought to this version. */
export async function openSqliteStore({ database, report, migrations = SQL_MIGRATIONS }: SqliteOptions): Promise<Store> {
  await database.query('PRAGMA journal_mode = WAL', []);
  // Each commit is on the disk when it returns: a battery ends without a warning, and the outbox is the only copy.
  await database.query('PRAGMA synchronous = FULL', []);
  // What a sign-out deletes is overwritten, not only forgotten.
  await database.query('PRAGMA secure_delete = ON', []);
  await migrateSql(database, migrations);
  const tables = new SqliteTables(database, new RowReader(report));
  // One connection has one transaction at a time.
  const inTurn = createTurns();
  return {
    read: (body) => inTurn(() => body(tables)).catch(rethrow),
    transaction: (body) => inTurn(() => inTransaction(database, () => body(tables))).catch(rethrow),
    close: () => inTurn(() => database.close()),
  };
}

/** SQLite's own words for SQLITE_FULL; its codes are lost on the way through the platforms' bindings. */
const FULL = /database or disk is full/i;

function rethrow(error: unknown): never {
  if (error instanceof Error && FULL.test(error.message)) {
    throw new CoupletError('internal', 'This device has no room left for messages. Free some space and try again.', { cause: error });
  }
  throw error;
}

type Row = Record<string, unknown>;

class SqliteTables implements StoreWriter {
  readonly #database: SqlDatabase;
  readonly #rows: RowReader;
  readonly #search: SqliteSearch;

  constructor(database: SqlDatabase, rows: RowReader) {
    this.#database = database;
    this.#rows = rows;
    this.#search = new SqliteSearch(database);
  }

  async getLog(): Promise<LogState> {
    const [row] = await this.#query('SELECT owner, epoch, position, older_conversations AS "olderConversations" FROM log');
    return this.#rows.log(row);
  }

  async getConversation(id: ConversationId): Promise<Conversation | null> {
    return this.#one((row) => this.#rows.conversation(row), 'SELECT body FROM conversations WHERE id = ?', id);
  }

  async findConversationWith(peerId: UserId): Promise<Conversation | null> {
    return this.#one((row) => this.#rows.conversation(row), 'SELECT body FROM conversations WHERE peer_id = ?', peerId);
  }

  async listConversations({ limit, offset }: { limit: number; offset: number }): Promise<Conversation[]> {
    const statement = 'SELECT body FROM conversations ORDER BY pinned DESC, last_activity DESC, id DESC LIMIT ? OFFSET ?';
    return this.#all((row) => this.#rows.conversation(row), statement, limit, offset);
  }

  async getMessage(id: MessageId): Promise<Message | null> {
    return this.#one((row) => this.#rows.message(row), 'SELECT body FROM messages WHERE id = ?', id);
  }

  async findMessageByClientMsgId(senderId: UserId, clientMsgId: ClientMsgId): Promise<Message | null> {
    return this.#one((row) => this.#rows.message(row), 'SELECT body FROM messages WHERE sender_id = ? AND client_msg_id = ?', senderId, clientMsgId);
  }

  async listMessages({ conversationId, fromSeq, toSeq }: { conversationId: ConversationId; fromSeq: number; toSeq: number }): Promise<Message[]> {
    const statement = 'SELECT body FROM messages WHERE conversation_id = ? AND seq BETWEEN ? AND ? ORDER BY seq';
    return this.#all((row) => this.#rows.message(row), statement, conversationId, fromSeq, toSeq);
  }

  async getOutboxEntry(id: string): Promise<OutboxEntry | null> {
    return this.#one((row) => this.#rows.outboxEntry(row), 'SELECT body FROM outbox WHERE id = ?', id);
  }

  async searchMessages({ limit, ...query }: StoredMessageSearch): Promise<Message[]> {
    const found: Message[] = [];
    let { before } = query;
    // Once, but for rows that cannot be read: those are left out and do not end the page.
    while (found.length < limit) {
      const asked = limit - found.length;
      const rows = await this.#search.find({ ...query, ...(before === undefined ? {} : { before }), limit: asked });
      found.push(...readable(rows, (row) => this.#rows.message(bodyOf(row))));
      if (rows.length < asked) break;
      before = String(rows.at(-1)?.['id']) as MessageId;
    }
    return found;
  }

  isSearchComplete(): Promise<boolean> {
    return this.#search.isComplete();
  }

  indexEarlierMessages(limit: number): Promise<boolean> {
    return this.#search.indexEarlier(limit, (row) => this.#rows.message(bodyOf(row)));
  }

  async listOutbox(conversationId?: ConversationId): Promise<OutboxEntry[]> {
    // All of them, and sorted here: few rows, and one that lacks a field must not go unseen.
    const entries = await this.#all((row) => this.#rows.outboxEntry(row), 'SELECT body FROM outbox');
    return entries.filter((entry) => conversationId === undefined || entry.conversationId === conversationId).sort((a, b) => a.order - b.order);
  }

  async getReceipts(conversationId: ConversationId): Promise<PendingReceipts | null> {
    return this.#one((row) => this.#rows.receipts(row), 'SELECT body FROM receipts WHERE conversation_id = ?', conversationId);
  }

  async listReceipts(): Promise<PendingReceipts[]> {
    return this.#all((row) => this.#rows.receipts(row), 'SELECT body FROM receipts');
  }

  async getSettings(conversationId: ConversationId): Promise<PendingSettings | null> {
    return this.#one((row) => this.#rows.settings(row), 'SELECT body FROM settings WHERE conversation_id = ?', conversationId);
  }

  async listSettings(): Promise<PendingSettings[]> {
    return this.#all((row) => this.#rows.settings(row), 'SELECT body FROM settings');
  }

  async getPlace(conversationId: ConversationId): Promise<ReadingPlace | null> {
    const [row] = await this.#query('SELECT seq, place_offset AS "offset" FROM places WHERE conversation_id = ?', conversationId);
    return row === undefined ? null : this.#rows.place(row);
  }

  async putLog({ owner, epoch, position, olderConversations }: LogState): Promise<void> {
    await this.#query('DELETE FROM log');
    await this.#query('INSERT INTO log (owner, epoch, position, older_conversations) VALUES (?, ?, ?, ?)', owner, epoch, position, olderConversations);
  }

  async putConversation(conversation: Conversation): Promise<void> {
    const { id, peer, pinned, lastActivityAt } = conversation;
    const statement = 'INSERT OR REPLACE INTO conversations (id, peer_id, pinned, last_activity, body) VALUES (?, ?, ?, ?, ?)';
    await this.#query(statement, id, peer.id, pinned ? 1 : 0, sortableTimestamp(lastActivityAt), JSON.stringify(conversation));
  }

  /** What may wait does not: an entry of FTS5 costs the same then. */
  async putMessages(messages: readonly Message[], words: WordsOfRows = 'changed'): Promise<void> {
    for (let first = 0; first < messages.length; first += ROWS_A_STATEMENT) {
      const chunk = messages.slice(first, first + ROWS_A_STATEMENT);
      const values = chunk.map(() => '(?, ?, ?, ?, ?, ?)').join(', ');
      await this.#query(
        `INSERT OR REPLACE INTO messages (conversation_id, seq, id, sender_id, client_msg_id, body) VALUES ${values}`,
        ...chunk.flatMap((message) => [message.conversationId, message.seq, message.id, message.senderId, message.clientMsgId, JSON.stringify(message)]),
      );
      if (words !== 'same') await this.#search.index(chunk);
    }
  }

  async putOutboxEntry(entry: OutboxEntry): Promise<void> {
    await this.#query('INSERT OR REPLACE INTO outbox (id, body) VALUES (?, ?)', entry.id, JSON.stringify(entry));
  }

  async deleteOutboxEntry(id: string): Promise<void> {
    await this.#query('DELETE FROM outbox WHERE id = ?', id);
  }

  async putReceipts(receipts: PendingReceipts): Promise<void> {
    await this.#query('INSERT OR REPLACE INTO receipts (conversation_id, body) VALUES (?, ?)', receipts.conversationId, JSON.stringify(receipts));
  }

  async deleteReceipts(conversationId: ConversationId): Promise<void> {
    await this.#query('DELETE FROM receipts WHERE conversation_id = ?', conversationId);
  }

  async putSettings(settings: PendingSettings): Promise<void> {
    await this.#query('INSERT OR REPLACE INTO settings (conversation_id, body) VALUES (?, ?)', settings.conversationId, JSON.stringify(settings));
  }

  async deleteSettings(conversationId: ConversationId): Promise<void> {
    await this.#query('DELETE FROM settings WHERE conversation_id = ?', conversationId);
  }

  async putPlace(conversationId: ConversationId, place: ReadingPlace | null): Promise<void> {
    if (place === null) await this.#query('DELETE FROM places WHERE conversation_id = ?', conversationId);
    else await this.#query('INSERT OR REPLACE INTO places (conversation_id, seq, place_offset) VALUES (?, ?, ?)', conversationId, place.seq, place.offset);
  }

  async clearServerState(): Promise<void> {
    await this.#query('DELETE FROM conversations');
    await this.#query('DELETE FROM messages');
    await this.#search.clear();
  }

  async clear(): Promise<void> {
    await this.clearServerState();
    for (const table of ['outbox', 'receipts', 'settings', 'places', 'log']) await this.#query(`DELETE FROM ${table}`);
  }

  #query(statement: string, ...parameters: SqlValue[]): Promise<Row[]> {
    return this.#database.query(statement, parameters);
  }

  async #one<Value>(read: (row: unknown) => Value | null, statement: string, ...parameters: SqlValue[]): Promise<Value | null> {
    const [row] = await this.#query(statement, ...parameters);
    return row === undefined ? null : read(bodyOf(row));
  }

  async #all<Value>(read: (row: unknown) => Value | null, statement: string, ...parameters: SqlValue[]): Promise<Value[]> {
    return readable(await this.#query(statement, ...parameters), (row) => read(bodyOf(row)));
  }
}

/** `null`, which fits nothing, for text that is no JSON. */
function bodyOf(row: Row): unknown {
  try {
    return JSON.parse(String(row['body']));
  } catch {
    return null;
  }
}

/** 300 parameters: below the 999 that the oldest SQLite on phones takes. */
const ROWS_A_STATEMENT = 50;
