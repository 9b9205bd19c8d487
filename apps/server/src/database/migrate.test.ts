import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/test-database.ts';
import { MIGRATIONS_FOLDER } from '../server-package.ts';
import { migrate } from './migrate.ts';
import { DatabaseError } from './pool.ts';

describe('migrations', () => {
  let database: TestDatabase;
  let folder: string;
  beforeEach(async () => {
    database = await createTestDatabase({ empty: true });
    folder = await mkdtemp(join(tmpdir(), 'couplet-test-'));
  });
  afterEach(async () => {
    await database.close();
    await rm(folder, { recursive: true });
  });

  const write = async (name: string, sql: string) => {
    await mkdir(join(folder, name), { recursive: true });
    await writeFile(join(folder, name, 'migration.sql'), sql);
  };
  const ledger = async () => (await database.pool.query('SELECT migration_name, checksum, applied_steps_count FROM _prisma_migrations ORDER BY migration_name')).rows;

  it('brings an empty database to the schema of this version, and then have nothing to do', async () => {
    const all = (await readdir(MIGRATIONS_FOLDER)).sort();
    expect(await migrate(database.address, MIGRATIONS_FOLDER)).toEqual(all);
    expect(await migrate(database.address, MIGRATIONS_FOLDER)).toEqual([]);
    const { rows } = await database.pool.query('SELECT count(*) AS deployments FROM deployment');
    expect(rows).toEqual([{ deployments: 1 }]);
  });

  it('are applied once when many nodes start together', async () => {
    await write('1_first', 'CREATE TABLE a (id int)');
    await write('2_second', 'CREATE TABLE b (id int)');
    const applied = await Promise.all(Array.from({ length: 5 }, () => migrate(database.address, folder)));
    expect(applied.flat()).toEqual(['1_first', '2_second']);
    expect(await ledger()).toMatchObject([
      { migration_name: '1_first', checksum: expect.stringMatching(/^[0-9a-f]{64}$/), applied_steps_count: 1 },
      { migration_name: '2_second' },
    ]);
  });

  it('leave every table and column that a server of the version before reads and writes', async () => {
    const columns = async () =>
      (
        await database.pool.query<{ name: string; type: string; isRequired: boolean }>(
          `SELECT c.relname || '.' || a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
                  a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AS "isRequired"
           FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
           WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped`,
        )
      ).rows;
    const [first = '', ...later] = (await readdir(MIGRATIONS_FOLDER)).sort();
    await cp(join(MIGRATIONS_FOLDER, first), join(folder, first), { recursive: true });
    await migrate(database.address, folder);
    for (const migration of later) {
      const before = await columns();
      await cp(join(MIGRATIONS_FOLDER, migration), join(folder, migration), { recursive: true });
      await migrate(database.address, folder);
      const after = await columns();
      const tables = new Set(before.map(({ name }) => name.split('.')[0]));
      const names = new Set(before.map(({ name }) => name));
      // As they were, or at least no longer required; what is new in an old table, an old INSERT can leave out.
      for (const { name, type, isRequired } of before) {
        const now = after.find((column) => column.name === name);
        expect([migration, name, now?.type, isRequired || now?.isRequired === false]).toEqual([migration, name, type, true]);
      }
      const demanded = after.filter(({ name, isRequired }) => isRequired && !names.has(name) && tables.has(name.split('.')[0]));
      expect([migration, demanded]).toEqual([migration, []]);
    }
  });

  it('refuse to go on when an applied one was changed', async () => {
    await cp(MIGRATIONS_FOLDER, folder, { recursive: true });
    await migrate(database.address, folder);
    const [first = ''] = await readdir(folder);
    await write(first, 'SELECT 1');
    await expect(migrate(database.address, folder)).rejects.toThrow(DatabaseError);
    await expect(migrate(database.address, folder)).rejects.toThrow(`${first} was changed after it had been applied`);
  });

  it('leave nothing of one that fails', async () => {
    await write('1_good', 'CREATE TABLE a (id int)');
    await write('2_bad', 'CREATE TABLE b (id int); SELECT nonsense;');
    await expect(migrate(database.address, folder)).rejects.toThrow('The migration 2_bad failed and was rolled back');
    const { rows } = await database.pool.query("SELECT to_regclass('a') IS NOT NULL AS a, to_regclass('b') IS NOT NULL AS b");
    expect(rows).toEqual([{ a: true, b: false }]);
    expect(await ledger()).toMatchObject([{ migration_name: '1_good' }]);
  });

  it('give way to whoever uses a table, and are applied when it is free', async () => {
    await write('1_first', 'CREATE TABLE a (id int)');
    await migrate(database.address, folder);
    await write('2_second', 'ALTER TABLE a ADD COLUMN name text');
    const reader = await database.pool.connect();
    await reader.query('BEGIN');
    await reader.query('SELECT * FROM a');
    let gaveWay = 0;
    const giveWay = async () => {
      gaveWay += 1;
      // Nobody waits behind it meanwhile: another transaction takes the table at once.
      await database.pool.query('SELECT * FROM a');
      if (gaveWay === 2) await reader.query('COMMIT');
    };
    expect(await migrate(database.address, folder, { lockTimeoutMs: 1, giveWay })).toEqual(['2_second']);
    reader.release();
    expect(gaveWay).toBe(2);
  });

  it('give way to whoever waits for them while they wait for it', async () => {
    await write('1_first', 'CREATE TABLE a (id int); CREATE TABLE b (id int);');
    await migrate(database.address, folder);
    await write('2_second', 'ALTER TABLE a ADD COLUMN name text; ALTER TABLE b ADD COLUMN name text;');
    const reader = await database.pool.connect();
    await reader.query('BEGIN');
    await reader.query('SELECT * FROM b');
    let gaveWay = 0;
    const giveWay = async () => {
      gaveWay += 1;
      await reader.query('COMMIT');
    };
    const migrating = migrate(database.address, folder, { lockTimeoutMs: 60_000, giveWay });
    const isWaiting = async () => (await database.pool.query("SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'b'::regclass")).rows.length > 0;
    await vi.waitUntil(isWaiting, { timeout: 20_000, interval: 5 });
    // PostgreSQL ends the wait that began first: the migration's.
    await reader.query('SELECT * FROM a');
    expect(await migrating).toEqual(['2_second']);
    reader.release();
    expect(gaveWay).toBe(1);
  });

  it('give up on a table that is never free, and leave nothing', async () => {
    await write('1_first', 'CREATE TABLE a (id int)');
    await migrate(database.address, folder);
    await write('2_second', 'CREATE TABLE b (id int); ALTER TABLE a ADD COLUMN name text;');
    const reader = await database.pool.connect();
    await reader.query('BEGIN');
    await reader.query('SELECT * FROM a');
    await expect(migrate(database.address, folder, { lockTimeoutMs: 1, giveWay: () => Promise.resolve() })).rejects.toThrow('The migration 2_second failed');
    await reader.query('ROLLBACK');
    reader.release();
    const { rows } = await database.pool.query("SELECT to_regclass('b') IS NULL AS gone");
    expect(rows).toEqual([{ gone: true }]);
  });

  it('leave indexes alone that were built beforehand while people went on writing, and make those that are missing', async () => {
    const all = (await readdir(MIGRATIONS_FOLDER)).sort();
    const indexing = all.findIndex((name) => name.endsWith('_shared_media'));
    for (const name of all.slice(0, indexing)) await cp(join(MIGRATIONS_FOLDER, name), join(folder, name), { recursive: true });
    await migrate(database.address, folder);
    await database.pool.query(`CREATE INDEX CONCURRENTLY "messages_files_idx" ON "messages" ("conversation_id", "seq") WHERE "attachments" @> '[{"type": "file"}]'`);
    const filesIndex = async () => (await database.pool.query("SELECT 'messages_files_idx'::regclass::oid AS id, to_regclass('messages_media_idx') AS media")).rows;
    const [before] = await filesIndex();
    expect(await migrate(database.address, MIGRATIONS_FOLDER)).toEqual(all.slice(indexing));
    expect(await filesIndex()).toEqual([{ id: before.id, media: 'messages_media_idx' }]);
    expect(await migrate(database.address, MIGRATIONS_FOLDER)).toEqual([]);
  });

  it('build indexes while people go on writing, many nodes at once, and begin anew what was broken off', async () => {
    await write('1_first', 'CREATE TABLE a (id int); INSERT INTO a VALUES (1), (1);');
    await migrate(database.address, folder);
    await expect(database.pool.query('CREATE UNIQUE INDEX CONCURRENTLY a_id ON a (id)')).rejects.toThrow('could not create unique index');
    await write('2_second', '-- Not unique.\nCREATE INDEX "a_id" ON a (id);\nCREATE INDEX "a_id_again" ON a (id) WHERE id > 0;');
    // It waits for this writer, and nobody waits for it.
    const writer = await database.pool.connect();
    await writer.query('BEGIN');
    await writer.query('INSERT INTO a VALUES (2)');
    const migrating = Promise.all(Array.from({ length: 3 }, () => migrate(database.address, folder)));
    const waits = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%INDEX CONCURRENTLY%' AND wait_event_type = 'Lock'";
    const isWaiting = async () => (await database.pool.query(waits)).rows.length > 0;
    await vi.waitUntil(isWaiting, { timeout: 20_000, interval: 5 });
    await database.pool.query('INSERT INTO a VALUES (3)');
    await writer.query('COMMIT');
    writer.release();
    expect((await migrating).flat()).toEqual(['2_second']);
    const { rows } = await database.pool.query("SELECT indexrelid::regclass::text AS name, indisunique, indisvalid FROM pg_index WHERE indrelid = 'a'::regclass ORDER BY 1");
    expect(rows).toEqual([
      { name: 'a_id', indisunique: false, indisvalid: true },
      { name: 'a_id_again', indisunique: false, indisvalid: true },
    ]);
  });

  it('say which of them failed to build an index, and build it when it can be', async () => {
    await write('1_first', 'CREATE TABLE a (id int); INSERT INTO a VALUES (1), (1);');
    await migrate(database.address, folder);
    await write('2_second', 'CREATE UNIQUE INDEX "a_id" ON a (id);');
    await expect(migrate(database.address, folder)).rejects.toThrow('The migration 2_second failed: could not create unique index "a_id"');
    expect(await ledger()).toHaveLength(1);
    await database.pool.query('DELETE FROM a');
    expect(await migrate(database.address, folder)).toEqual(['2_second']);
  });

  it('lock nobody out of a large table: an index of one that was there is built apart, and no row of it is written', async () => {
    const made = new Set<string>();
    for (const name of (await readdir(MIGRATIONS_FOLDER)).sort()) {
      const sql = (await readFile(join(MIGRATIONS_FOLDER, name, 'migration.sql'), 'utf8')).replace(/^\s*--.*$/gm, '');
      const statements = sql.split(';').map((statement) => statement.trim()).filter((statement) => statement !== '');
      const makes = statements.flatMap((statement) => /^CREATE TABLE "(\w+)"/.exec(statement)?.[1] ?? []);
      const indexesOfOld = statements.filter((statement) => made.has(/^CREATE (?:UNIQUE )?INDEX "\w+" ON "(\w+)"/.exec(statement)?.[1] ?? ''));
      const rowsOfOld = statements.filter((statement) => made.has(/^(?:UPDATE|DELETE FROM|INSERT INTO) "(\w+)"/.exec(statement)?.[1] ?? ''));
      expect([name, indexesOfOld.length === 0 || indexesOfOld.length === statements.length]).toEqual([name, true]);
      // Sessions are few; the rule came after this one.
      if (!name.endsWith('_used_generation')) expect([name, rowsOfOld]).toEqual([name, []]);
      for (const table of makes) made.add(table);
    }
  });

  it('leave those of a newer version alone', async () => {
    await write('1_ours', 'CREATE TABLE a (id int)');
    await write('2_newer', 'CREATE TABLE b (id int)');
    await migrate(database.address, folder);
    await rm(join(folder, '2_newer'), { recursive: true });
    expect(await migrate(database.address, folder)).toEqual([]);
  });
});
