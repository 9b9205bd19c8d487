import type { OutboxEntry, Store } from '@couplet/client';
import { CONVERSATION_ID, sampleConversation, sampleEntry, sampleId, sampleMessage, seededRandom } from '@couplet/client/testing';
import { describeStore } from '@couplet/client/testing/contracts';
import { searchWords } from '@couplet/protocol';
import { openIndexedDbStore } from '../indexed-db-store.ts';
import { endOf, resultOf } from '../requests.ts';
import { migrate, MIGRATIONS, type Migration } from '../schema.ts';
import { type TestsInPage, testsInPage } from './vitest-in-page.ts';

/** What the tests of the IndexedDB store ask of a page, one page per tab. */
export interface StorePageCommands {
  contract: TestsInPage;
  /** What the stores of this page reported. */
  problems: string[];
  /** Opens the database of this name; `laterVersions` migrations are added that rewrite every outbox entry. */
  open(name: string, laterVersions?: number): Promise<void>;
  /** Writes an outbox entry into a new database of this name as the first version of the app did. */
  writeAsFirstVersion(name: string, order: number): Promise<void>;
  close(): Promise<void>;
  /** Writes an outbox entry; answers once it is kept. */
  write(order: number): Promise<void>;
  outbox(): Promise<string[]>;
  /** Adds one to the log's position `times` times, each in a transaction of its own. */
  count(times: number): Promise<void>;
  position(): Promise<number>;
  /** Puts rows as they are, past the store. */
  damage(table: string, rows: { value: unknown; key?: string }[]): Promise<void>;
  readEverything(): Promise<{ conversations: number; messages: number[]; outbox: string[]; owner: string | null }>;
  putSamples(): Promise<void>;
  /** Makes the database as the version of that many migrations left it, with messages of these texts. */
  leaveEarlier(name: string, version: number, texts: string[]): Promise<void>;
  /** Takes earlier messages into the search index, so many at a time; answers in how many pieces. */
  indexEarlier(limit: number): Promise<number>;
  isSearchComplete(): Promise<boolean>;
  /** The seqs found. */
  search(q: string): Promise<number[]>;
  /** Fills a conversation with `total` messages: milliseconds of each transaction of 50. */
  fill(total: number): Promise<number[]>;
  /** Reads `pages` pages of 50 all over that conversation: milliseconds of each. */
  measurePages(total: number, pages: number): Promise<number[]>;
  /** Milliseconds until 20 messages were found, and how many there were. */
  measureSearch(q: string): Promise<{ found: number; milliseconds: number }>;
}

const problems: string[] = [];
const report = (where: string, error: unknown) => void problems.push(`${where}: ${error instanceof Error ? error.message : String(error)}`);
let store: Store | null = null;
let databases = 0;

const textsOf = (entries: readonly OutboxEntry[]) => entries.map((entry) => (entry.type === 'message' ? entry.text : entry.type));

function current(): Store {
  if (store === null) throw new Error('No store is open');
  return store;
}

describeStore('the IndexedDB store', () => openIndexedDbStore({ name: `contract-${(databases += 1)}`, report }));

const rewriteOutbox: Migration = (_database, upgrade) => {
  const outbox = upgrade.objectStore('outbox');
  const request = outbox.openCursor();
  request.onsuccess = () => {
    const cursor = request.result;
    if (cursor === null) return;
    cursor.update({ ...(cursor.value as object), addedLater: true });
    cursor.continue();
  };
};

/** About ten words, frequent ones and rare ones, as people write. */
function textOf(seq: number): string {
  const random = seededRandom(seq);
  return Array.from({ length: 4 + (seq % 13) }, () => `${Math.floor(40 + 3_000 * random.fraction() ** 3).toString(36)}${SYLLABLES[seq % SYLLABLES.length]!}`).join(' ');
}

const SYLLABLES = ['on', 'er', 'la', 'mi', 'so'];

window.storePage = {
  contract: testsInPage,
  problems,
  async open(name, laterVersions = 0) {
    const migrations = [...MIGRATIONS, ...Array.from({ length: laterVersions }, () => rewriteOutbox)];
    store = await openIndexedDbStore({ name, report, migrations });
  },
  close: () => current().close(),
  write: (order) => current().transaction((writer) => writer.putOutboxEntry(sampleEntry(order))),
  async writeAsFirstVersion(name, order) {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
      if (request.transaction !== null) migrate(request.result, request.transaction, 0, MIGRATIONS.slice(0, 1));
    };
    const database = await resultOf(request);
    const { type: _type, id: _id, mayBeStored: _mayBeStored, ...written } = sampleEntry(order);
    const transaction = database.transaction('outbox', 'readwrite');
    transaction.objectStore('outbox').put(written);
    await endOf(transaction);
    database.close();
  },
  outbox: () => current().read(async (reader) => textsOf(await reader.listOutbox())),
  async count(times) {
    const increment = () =>
      current().transaction(async (writer) => {
        const log = await writer.getLog();
        await writer.putLog({ ...log, epoch: sampleId('e', 1) as typeof log.epoch, position: log.position + 1 });
      });
    await Promise.all(Array.from({ length: times }, increment));
  },
  position: () => current().read(async (reader) => (await reader.getLog()).position),
  async damage(table, rows) {
    const [{ name } = { name: '' }] = await indexedDB.databases();
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(name ?? '');
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    await new Promise<void>((resolve, reject) => {
      const transaction = database.transaction(table, 'readwrite');
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
      for (const { value, key } of rows) transaction.objectStore(table).put(value, key);
    });
    database.close();
  },
  readEverything: () =>
    current().read(async (reader) => ({
      conversations: (await reader.listConversations({ limit: 100, offset: 0 })).length,
      messages: (await reader.listMessages({ conversationId: CONVERSATION_ID, fromSeq: 1, toSeq: 100 })).map(({ seq }) => seq),
      outbox: textsOf(await reader.listOutbox()),
      owner: (await reader.getLog()).owner,
    })),
  putSamples: () =>
    current().transaction(async (writer) => {
      await writer.putConversation(sampleConversation());
      await writer.putMessages([sampleMessage(1), sampleMessage(2), sampleMessage(3)]);
      await writer.putOutboxEntry(sampleEntry(1));
    }),
  async leaveEarlier(name, version, texts) {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(name, version);
      request.onupgradeneeded = () => migrate(request.result, request.transaction!, 0, MIGRATIONS.slice(0, version));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    database.close();
    await window.storePage.damage(
      'messages',
      texts.map((text, index) => ({ value: sampleMessage(index + 1, { text }) })),
    );
  },
  async indexEarlier(limit) {
    let pieces = 1;
    while (!(await current().transaction((writer) => writer.indexEarlierMessages(limit)))) pieces += 1;
    return pieces;
  },
  isSearchComplete: () => current().read((reader) => reader.isSearchComplete()),
  search: (q) => current().read(async (reader) => (await reader.searchMessages({ words: searchWords(q), limit: 50 })).map(({ seq }) => seq)),
  async fill(total) {
    const times: number[] = [];
    for (let first = 1; first <= total; first += 50) {
      const messages = Array.from({ length: 50 }, (_, index) => sampleMessage(first + index, { text: textOf(first + index) }));
      const begun = performance.now();
      await current().transaction((writer) => writer.putMessages(messages));
      times.push(performance.now() - begun);
    }
    return times;
  },
  async measureSearch(q) {
    const begun = performance.now();
    const found = await current().read((reader) => reader.searchMessages({ words: searchWords(q), limit: 20 }));
    return { found: found.length, milliseconds: performance.now() - begun };
  },
  async measurePages(total, pages) {
    const times: number[] = [];
    for (let page = 0; page < pages; page += 1) {
      const fromSeq = 1 + Math.floor((page * (total - 50)) / pages);
      const begun = performance.now();
      const found = await current().read((reader) => reader.listMessages({ conversationId: CONVERSATION_ID, fromSeq, toSeq: fromSeq + 49 }));
      times.push(performance.now() - begun);
      if (found.length !== 50) throw new Error(`A page held ${found.length} messages`);
    }
    return times;
  },
};

declare global {
  interface Window {
    storePage: StorePageCommands;
  }
}
