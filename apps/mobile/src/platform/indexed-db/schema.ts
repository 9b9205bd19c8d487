import { sortableTimestamp } from '@couplet/client';
import type { Conversation } from '@couplet/protocol';

/**
 * One step from a version of the database to the next. It may create and change
 * tables and rows; it never drops what the person wrote (outbox, settings,
 * receipts): what it cannot carry over as it is, it rewrites. Steps are only ever
 * added, for there are devices at every version.
 */
export type Migration = (database: IDBDatabase, upgrade: IDBTransaction) => void;

/** The database's version is their number. */
export const MIGRATIONS: readonly Migration[] = [createTables, keyOutboxByEntry, createSearch, createPlaces];

export const TABLES = ['log', 'conversations', 'messages', 'outbox', 'receipts', 'settings', 'search', 'places'] as const;
export type Table = (typeof TABLES)[number];

/** The log's state is a single row. */
export const LOG_KEY = 'log';
/** Beside it: the key of the last of an earlier version's messages that is in the search index. Without one, all are. */
export const SEARCH_BACKLOG_KEY = 'search-backlog';

/** And there: the blocks with messages that a catch-up left for later. Without a row, there are none. */
export const SEARCH_LATER_KEY = 'search-later';

/** The first and the last block, by the id of the conversation. */
export type BlocksForLater = Record<string, [first: number, last: number]>;

/** The words of the messages with neighbouring seqs. */
export interface SearchBlock {
  conversationId: string;
  block: number;
  /** Of its messages. */
  newestId: string;
  /** A line a message: each word with a space before it, a tab, the id, a tab, the seq. */
  text: string;
}

/** A conversation with what its indexes need beside it. */
export interface ConversationRow {
  id: string;
  peerId: string;
  /** Ascending: the list from its end to its beginning. */
  listOrder: [pinned: 0 | 1, lastActivity: string, id: string];
  conversation: Conversation;
}

export function conversationRow(conversation: Conversation): ConversationRow {
  const { id, peer, pinned, lastActivityAt } = conversation;
  return { id, peerId: peer.id, listOrder: [pinned ? 1 : 0, sortableTimestamp(lastActivityAt), id], conversation };
}

function createTables(database: IDBDatabase): void {
  database.createObjectStore('log' satisfies Table);
  const conversations = database.createObjectStore('conversations' satisfies Table, { keyPath: 'id' });
  conversations.createIndex('peerId', 'peerId');
  conversations.createIndex('listOrder', 'listOrder');
  const messages = database.createObjectStore('messages' satisfies Table, { keyPath: ['conversationId', 'seq'] });
  // Not unique, though ids are: a server that answered one twice would make a
  // unique index refuse the whole transaction, and with it every sync after it.
  messages.createIndex('id', 'id');
  messages.createIndex('clientMsgId', ['senderId', 'clientMsgId']);
  database.createObjectStore('outbox' satisfies Table, { keyPath: 'clientMsgId' });
  database.createObjectStore('receipts' satisfies Table, { keyPath: 'conversationId' });
  database.createObjectStore('settings' satisfies Table, { keyPath: 'conversationId' });
}

/**
 * The outbox takes changes of messages too: its key is no longer a message's
 * alone. The key of a table cannot be changed, so that the rows move to a new one.
 */
function keyOutboxByEntry(database: IDBDatabase, upgrade: IDBTransaction): void {
  const before = upgrade.objectStore('outbox' satisfies Table);
  before.name = 'outboxByClientMsgId';
  const outbox = database.createObjectStore('outbox' satisfies Table, { keyPath: 'id' });
  const rows = before.openCursor();
  rows.onsuccess = () => {
    const cursor = rows.result;
    if (cursor === null) {
      database.deleteObjectStore(before.name);
      return;
    }
    outbox.put({ ...(cursor.value as object), id: cursor.key });
    cursor.continue();
  };
}

/** The messages that are here already are indexed by and by: this step holds up the first frame. */
function createSearch(database: IDBDatabase, upgrade: IDBTransaction): void {
  const search = database.createObjectStore('search' satisfies Table, { keyPath: ['conversationId', 'block'] });
  search.createIndex('newestId', 'newestId');
  upgrade.objectStore('log' satisfies Table).put([], SEARCH_BACKLOG_KEY);
}

function createPlaces(database: IDBDatabase): void {
  database.createObjectStore('places' satisfies Table, { keyPath: 'conversationId' });
}

/** Brings a database of any version up to the last migration's. */
export function migrate(database: IDBDatabase, upgrade: IDBTransaction, fromVersion: number, migrations: readonly Migration[]): void {
  for (const step of migrations.slice(fromVersion)) step(database, upgrade);
}
