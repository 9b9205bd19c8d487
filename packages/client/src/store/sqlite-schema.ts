import { CoupletError } from '@couplet/protocol';
import type { SqlDatabase } from './sql-database.ts';

/**
 * The statements of one step from a version of the database to the next. A step
 * never drops what the person wrote (outbox, settings, receipts): what it cannot
 * carry over as it is, it rewrites. Steps are only ever added, for there are
 * devices at every version.
 */
export type SqlMigration = readonly string[];

/**
 * A row is kept as JSON, with what it is found by in columns of its own: a new
 * field of the protocol needs no migration.
 */
const CREATE_TABLES: SqlMigration = [
  'CREATE TABLE log (owner TEXT, epoch TEXT, position INTEGER NOT NULL, older_conversations TEXT)',
  'CREATE TABLE conversations (id TEXT PRIMARY KEY, peer_id TEXT NOT NULL, pinned INTEGER NOT NULL, last_activity TEXT NOT NULL, body TEXT NOT NULL)',
  'CREATE INDEX conversations_by_peer ON conversations (peer_id)',
  'CREATE INDEX conversations_in_list_order ON conversations (pinned, last_activity, id)',
  // By key on the disk as well: a page of a thread is read in one piece.
  'CREATE TABLE messages (conversation_id TEXT NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL, sender_id TEXT NOT NULL, client_msg_id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (conversation_id, seq)) WITHOUT ROWID',
  // Not unique, though ids are: a server that answered one twice would make a
  // unique index refuse the whole transaction, and with it every sync after it.
  'CREATE INDEX messages_by_id ON messages (id)',
  'CREATE INDEX messages_by_client_msg_id ON messages (sender_id, client_msg_id)',
  'CREATE TABLE outbox (client_msg_id TEXT PRIMARY KEY, body TEXT NOT NULL)',
  'CREATE TABLE receipts (conversation_id TEXT PRIMARY KEY, body TEXT NOT NULL)',
  'CREATE TABLE settings (conversation_id TEXT PRIMARY KEY, body TEXT NOT NULL)',
];

/** The outbox takes changes of messages too: its key is no longer a message's alone. Rows stay as they are, for their reader knows both forms. */
const KEY_OUTBOX_BY_ENTRY: SqlMigration = ['ALTER TABLE outbox RENAME COLUMN client_msg_id TO id'];

/**
 * Full-text search. The words come from `searchWords` and must be taken as they
 * are: the `ascii` tokenizer separates at spaces and other ASCII punctuation, which
 * no word holds, and takes every character beyond ASCII for a letter.
 *
 * `searchable` keeps what was indexed of a message, for FTS5 needs it to take the
 * words out again when the text changes; `secure-delete` takes them out of the
 * file as well. Messages of before are indexed in pieces, after the key in
 * `search_backlog`; without a row there, all are.
 */
const CREATE_SEARCH: SqlMigration = [
  'CREATE TABLE searchable (entry INTEGER PRIMARY KEY, conversation_id TEXT NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL, words TEXT NOT NULL)',
  'CREATE UNIQUE INDEX searchable_by_key ON searchable (conversation_id, seq)',
  "CREATE VIRTUAL TABLE message_words USING fts5(words, content='searchable', content_rowid='entry', tokenize='ascii', detail=none)",
  "INSERT INTO message_words (message_words, rank) VALUES ('secure-delete', 1)",
  'CREATE TABLE search_backlog (conversation_id TEXT NOT NULL, seq INTEGER NOT NULL)',
  "INSERT INTO search_backlog (conversation_id, seq) VALUES ('', 0)",
];

const CREATE_PLACES: SqlMigration = ['CREATE TABLE places (conversation_id TEXT PRIMARY KEY, seq INTEGER NOT NULL, place_offset REAL NOT NULL)'];

/** The database's `user_version` is their number. */
export const SQL_MIGRATIONS: readonly SqlMigration[] = [CREATE_TABLES, KEY_OUTBOX_BY_ENTRY, CREATE_SEARCH, CREATE_PLACES];

/** Brings a database of any version up to the last migration's: all of it, or nothing. */
export async function migrateSql(database: SqlDatabase, migrations: readonly SqlMigration[]): Promise<void> {
  const [row] = await database.query('PRAGMA user_version', []);
  const version = Number(row?.['user_version'] ?? 0);
  if (version > migrations.length) throw new CoupletError('protocol_outdated', 'The device database was written by a newer version of the app.');
  if (version === migrations.length) return;
  await inTransaction(database, async () => {
    for (const statement of migrations.slice(version).flat()) await database.query(statement, []);
    await database.query(`PRAGMA user_version = ${migrations.length}`, []);
  });
}

/** Begun as a writer: it never finds out half-way that another one was faster. */
export async function inTransaction<Result>(database: SqlDatabase, body: () => Promise<Result>): Promise<Result> {
  await database.query('BEGIN IMMEDIATE', []);
  try {
    const result = await body();
    await database.query('COMMIT', []);
    return result;
  } catch (error) {
    // A full disk may have rolled it back already, which makes this one fail: the first error tells why.
    await database.query('ROLLBACK', []).catch(() => undefined);
    throw error;
  }
}
