import { describe, expect, it } from 'vitest';
import { describeStore } from '../testing/contracts.ts';
import { CONVERSATION_ID, sampleConversation, sampleEntry, sampleMessage, VIEWER_ID } from '../testing/index.ts';
import { openNodeSqlite } from '../testing/node-sqlite-database.ts';
import type { SqlDatabase } from './sql-database.ts';
import { migrateSql, SQL_MIGRATIONS, type SqlMigration } from './sqlite-schema.ts';
import { openSqliteStore } from './sqlite-store.ts';
import { EMPTY_LOG } from './store.ts';

const report = () => undefined;

describeStore('the SQLite store', () => openSqliteStore({ database: openNodeSqlite(), report }));

/** A database that outlives the store that closes it: the file of a device. */
function keptDatabase(): SqlDatabase {
  const { query } = openNodeSqlite();
  return { query, close: async () => undefined };
}

describe('the SQLite database of a device', () => {
  it('[O1] keeps an entry whose transaction ended, and nothing of one that was cut off', async () => {
    const database = keptDatabase();
    const store = await openSqliteStore({ database, report });
    await store.transaction((writer) => writer.putOutboxEntry(sampleEntry(1)));
    await expect(
      store.transaction(async (writer) => {
        await writer.putOutboxEntry(sampleEntry(2));
        throw new Error('killed');
      }),
    ).rejects.toThrow('killed');
    await store.close();
    const next = await openSqliteStore({ database, report });
    expect(await next.read((reader) => reader.listOutbox())).toEqual([sampleEntry(1)]);
  });

  it('[O4] is carried over by later versions of the app, the outbox with it', async () => {
    const database = keptDatabase();
    const store = await openSqliteStore({ database, report });
    await store.transaction(async (writer) => {
      await writer.putOutboxEntry(sampleEntry(1));
      await writer.putSettings({ conversationId: CONVERSATION_ID, settings: { draft: 'half a sen' } });
    });
    await store.close();
    const laterVersion: SqlMigration = ["UPDATE outbox SET body = json_set(body, '$.addedLater', 1)"];
    const later = await openSqliteStore({ database, report, migrations: [...SQL_MIGRATIONS, laterVersion] });
    await later.read(async (reader) => {
      expect(await reader.listOutbox()).toEqual([sampleEntry(1)]);
      expect((await reader.getSettings(CONVERSATION_ID))?.settings).toEqual({ draft: 'half a sen' });
    });
    expect(await database.query("SELECT json_extract(body, '$.addedLater') AS added FROM outbox", [])).toEqual([{ added: 1 }]);
  });

  it('[O4] takes over the outbox that the version before wrote', async () => {
    const database = keptDatabase();
    await migrateSql(database, SQL_MIGRATIONS.slice(0, 1));
    const { type: _type, id: _id, mayBeStored: _mayBeStored, ...written } = sampleEntry(1, { attempts: 2, notBefore: 9 });
    await database.query('INSERT INTO outbox (client_msg_id, body) VALUES (?, ?)', [written.clientMsgId, JSON.stringify(written)]);
    await database.query('INSERT INTO outbox (client_msg_id, body) VALUES (?, ?)', ['broken', '{']);
    const store = await openSqliteStore({ database, report });
    expect(await store.read((reader) => reader.listOutbox())).toEqual([sampleEntry(1, { attempts: 2, notBefore: 9, mayBeStored: true })]);
    await store.transaction((writer) => writer.deleteOutboxEntry(written.clientMsgId));
    expect(await store.read((reader) => reader.listOutbox())).toEqual([]);
  });

  it('[O4] takes the messages that a version before wrote into the search, in pieces', async () => {
    const database = keptDatabase();
    await migrateSql(database, SQL_MIGRATIONS.slice(0, 2));
    const texts = ['tea at nine', 'coffee', 'tea at ten', 'water', 'TÉA'];
    for (const [index, text] of texts.entries()) {
      const { conversationId, seq, id, senderId, clientMsgId, ...rest } = sampleMessage(index + 1, { text });
      const body = JSON.stringify({ conversationId, seq, id, senderId, clientMsgId, ...rest });
      await database.query('INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?)', [conversationId, seq, id, senderId, clientMsgId, body]);
    }
    await database.query("UPDATE messages SET body = '{broken' WHERE seq = 2", []);
    const store = await openSqliteStore({ database, report });
    const isComplete = () => store.read((reader) => reader.isSearchComplete());
    const piece = () => store.transaction((writer) => writer.indexEarlierMessages(2));
    const search = () => store.read(async (reader) => (await reader.searchMessages({ words: ['tea'], limit: 9 })).map(({ seq }) => seq));
    expect([await isComplete(), await piece(), await search()]).toEqual([false, false, [1]]);
    // What is written meanwhile is found at once.
    await store.transaction((writer) => writer.putMessages([sampleMessage(9, { text: 'more tea' })]));
    expect(await search()).toEqual([9, 1]);
    expect([await piece(), await isComplete(), await piece(), await piece()]).toEqual([false, false, false, true]);
    expect([await isComplete(), await search()]).toEqual([true, [9, 5, 3, 1]]);
  });

  it('[S6] finds what it can read where a found message cannot be read, and does not end the page there', async () => {
    const database = keptDatabase();
    const store = await openSqliteStore({ database, report });
    await store.transaction((writer) => writer.putMessages([1, 2, 3, 4].map((seq) => sampleMessage(seq))));
    await database.query("UPDATE messages SET body = '{broken' WHERE seq = 3", []);
    const found = await store.read((reader) => reader.searchMessages({ words: ['mess'], limit: 2 }));
    expect(found.map(({ seq }) => seq)).toEqual([4, 2]);
  });

  it('keeps no word in the file of a message that was deleted', async () => {
    const database = keptDatabase();
    const store = await openSqliteStore({ database, report });
    await store.transaction((writer) => writer.putMessages([sampleMessage(1, { text: 'umbrella' })]));
    const holdsWord = async () => (await database.query("SELECT 1 FROM message_words_data WHERE instr(block, CAST('umbrella' AS BLOB)) > 0", [])).length > 0;
    expect(await holdsWord()).toBe(true);
    await store.transaction((writer) => writer.putMessages([sampleMessage(1, { version: 1, deletedAt: sampleMessage(1).createdAt })]));
    expect(await holdsWord()).toBe(false);
  });

  it('[O4] is left as it was by a migration that fails, and refused by an older version', async () => {
    const database = keptDatabase();
    const store = await openSqliteStore({ database, report });
    await store.transaction((writer) => writer.putOutboxEntry(sampleEntry(1)));
    const broken: SqlMigration = ['DELETE FROM outbox', 'SELECT * FROM nowhere'];
    await expect(openSqliteStore({ database, report, migrations: [...SQL_MIGRATIONS, broken] })).rejects.toThrow('nowhere');
    expect(await store.read((reader) => reader.listOutbox())).toEqual([sampleEntry(1)]);
    await expect(openSqliteStore({ database, report, migrations: [] })).rejects.toMatchObject({ code: 'protocol_outdated' });
  });

  it('[S6] leaves out rows that cannot be read, reports them, and gives the rest', async () => {
    const database = keptDatabase();
    const reported: string[] = [];
    const store = await openSqliteStore({ database, report: (where, error) => void reported.push(`${where}: ${String(error)}`) });
    await store.transaction(async (writer) => {
      await writer.putLog({ ...EMPTY_LOG, owner: VIEWER_ID });
      await writer.putConversation(sampleConversation());
      await writer.putMessages([sampleMessage(1), sampleMessage(2), sampleMessage(3)]);
      await writer.putOutboxEntry(sampleEntry(1));
      await writer.putOutboxEntry(sampleEntry(2));
    });
    await database.query("UPDATE messages SET body = '{broken' WHERE seq = 2", []);
    await database.query("UPDATE messages SET body = json_set(body, '$.seq', 'x') WHERE seq = 3", []);
    await database.query("UPDATE outbox SET body = json_remove(body, '$.order', '$.state') WHERE id = 'entry-2'", []);
    await database.query("UPDATE log SET epoch = 'not an epoch', position = 12", []);
    await store.read(async (reader) => {
      expect(await reader.listMessages({ conversationId: CONVERSATION_ID, fromSeq: 1, toSeq: 9 })).toEqual([sampleMessage(1)]);
      // Bookkeeping that is gone does not cost what the person wrote.
      expect((await reader.listOutbox()).map(({ id, state }) => [id, state.status])).toEqual([
        ['entry-2', 'queued'],
        ['entry-1', 'queued'],
      ]);
      // The device stays its owner's, and takes a snapshot.
      expect(await reader.getLog()).toEqual({ ...EMPTY_LOG, owner: VIEWER_ID });
    });
    expect(reported).toHaveLength(2);
  });

  it('says in words that the device is full', async () => {
    const database = keptDatabase();
    const store = await openSqliteStore({ database, report });
    await database.query('PRAGMA max_page_count = 30', []);
    const fill = store.transaction((writer) => writer.putMessages(Array.from({ length: 500 }, (_, index) => sampleMessage(index + 1, { text: 'x'.repeat(1_000) }))));
    await expect(fill).rejects.toMatchObject({ name: 'CoupletError', message: expect.stringMatching(/no room left/) as string });
    expect(await store.read((reader) => reader.listMessages({ conversationId: CONVERSATION_ID, fromSeq: 1, toSeq: 500 }))).toEqual([]);
  });
});
