import type { Message } from '@couplet/protocol';
import { type StoredMessageSearch, wordsOf } from './search-index.ts';
import type { SqlDatabase, SqlValue } from './sql-database.ts';
import { readable } from './row-reader.ts';

type Row = Record<string, unknown>;

/** The full-text index of the messages, within the caller's transaction. */
export class SqliteSearch {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  /** Rows of `id` and `body`. The bodies of the page only: what is sorted is small. */
  async find({ words, conversationId, before, limit }: StoredMessageSearch): Promise<Row[]> {
    if (words.length === 0) return [];
    return this.#query(
      `SELECT found.id, body FROM (
         SELECT s.id, s.conversation_id, s.seq FROM message_words JOIN searchable AS s ON s.entry = message_words.rowid
         WHERE message_words MATCH ? AND (? IS NULL OR s.conversation_id = ?) AND (? IS NULL OR s.id < ?)
         ORDER BY s.id DESC LIMIT ?
       ) AS found JOIN messages USING (conversation_id, seq) ORDER BY found.id DESC`,
      words.map((word) => `"${word}" *`).join(' AND '),
      conversationId ?? null,
      conversationId ?? null,
      before ?? null,
      before ?? null,
      limit,
    );
  }

  /** At most 50 messages. Most writes of a message leave its words as they are (receipts): those cost one look. */
  async index(messages: readonly Message[]): Promise<void> {
    const keys = messages.map(() => '(?, ?)').join(', ');
    const stored = await this.#query(
      `SELECT entry, conversation_id AS "conversationId", seq, id, words FROM searchable WHERE (conversation_id, seq) IN (VALUES ${keys})`,
      ...messages.flatMap(({ conversationId, seq }) => [conversationId, seq]),
    );
    const before = new Map(stored.map((row) => [`${String(row['conversationId'])} ${String(row['seq'])}`, row]));
    // One row a key, the last: a caller may name a message twice.
    const wanted = new Map(messages.map((message) => [`${message.conversationId} ${message.seq}`, { message, words: wordsOf(message).join(' ') }]));
    const changed = [...wanted].filter(([key, { message, words }]) => {
      const row = before.get(key);
      return row === undefined ? words !== '' : row['words'] !== words || row['id'] !== message.id;
    });
    if (changed.length === 0) return;
    await this.#remove(changed.flatMap(([key]) => (before.has(key) ? [Number(before.get(key)?.['entry'])] : [])));
    const added = changed.map(([, row]) => row).filter(({ words }) => words !== '');
    if (added.length === 0) return;
    const entries = await this.#query(
      `INSERT INTO searchable (conversation_id, seq, id, words) VALUES ${added.map(() => '(?, ?, ?, ?)').join(', ')} RETURNING entry`,
      ...added.flatMap(({ message, words }) => [message.conversationId, message.seq, message.id, words]),
    );
    // New entries are above all others, so these are the ones between.
    const numbers = entries.map(({ entry }) => Number(entry));
    await this.#query('INSERT INTO message_words (rowid, words) SELECT entry, words FROM searchable WHERE entry BETWEEN ? AND ?', Math.min(...numbers), Math.max(...numbers));
  }

  async clear(): Promise<void> {
    await this.#query("INSERT INTO message_words (message_words) VALUES ('delete-all')");
    await this.#query('DELETE FROM searchable');
    await this.#query('DELETE FROM search_backlog');
  }

  async isComplete(): Promise<boolean> {
    return (await this.#query('SELECT 1 FROM search_backlog')).length === 0;
  }

  async indexEarlier(limit: number, read: (row: Row) => Message | null): Promise<boolean> {
    const [after] = await this.#query('SELECT conversation_id AS "conversationId", seq FROM search_backlog');
    if (after === undefined) return true;
    const rows = await this.#query(
      'SELECT conversation_id AS "conversationId", seq, body FROM messages WHERE (conversation_id, seq) > (?, ?) ORDER BY conversation_id, seq LIMIT ?',
      String(after['conversationId']),
      Number(after['seq']),
      limit,
    );
    const messages = readable(rows, read);
    for (let first = 0; first < messages.length; first += ROWS_A_STATEMENT) await this.index(messages.slice(first, first + ROWS_A_STATEMENT));
    const last = rows.at(-1);
    await this.#query('DELETE FROM search_backlog');
    if (last === undefined || rows.length < limit) return true;
    await this.#query('INSERT INTO search_backlog (conversation_id, seq) VALUES (?, ?)', String(last['conversationId']), Number(last['seq']));
    return false;
  }

  async #remove(entries: readonly number[]): Promise<void> {
    if (entries.length === 0) return;
    const marks = entries.map(() => '?').join(', ');
    // With the words that were indexed: FTS5 finds by them what to take out.
    await this.#query(`INSERT INTO message_words (message_words, rowid, words) SELECT 'delete', entry, words FROM searchable WHERE entry IN (${marks})`, ...entries);
    await this.#query(`DELETE FROM searchable WHERE entry IN (${marks})`, ...entries);
  }

  #query(statement: string, ...parameters: SqlValue[]): Promise<Row[]> {
    return this.#database.query(statement, parameters);
  }
}

/** 200 parameters: below the 999 that the oldest SQLite on phones takes. */
const ROWS_A_STATEMENT = 50;
