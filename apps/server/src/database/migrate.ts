import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { type DatabaseAddress, DatabaseError } from './pool.ts';

/** The advisory lock that `prisma migrate` takes: the two never run at once. */
const MIGRATION_LOCK = 72_707_369;
const TURN_ASKED_EVERY_MS = 100;
/** A migration that waits for a table lock makes everybody behind it wait: it gives way after this. */
const LOCK_TIMEOUT_MS = 2_000;
/** What waited behind it gets this long before it is tried again. */
const GIVE_WAY_MS = 1_000;
/** Half a minute in all: a transaction that holds a table longer has to be ended by somebody. */
const MAX_ATTEMPTS = 10;

/** As `prisma migrate` creates it, so that its `deploy` and `status` stay usable. */
const CREATE_LEDGER = `
  CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id                  VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum            VARCHAR(64) NOT NULL,
    finished_at         TIMESTAMPTZ,
    migration_name      VARCHAR(255) NOT NULL,
    logs                TEXT,
    rolled_back_at      TIMESTAMPTZ,
    started_at          TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count INTEGER NOT NULL DEFAULT 0
  )`;

interface MigrateOptions {
  lockTimeoutMs?: number;
  giveWay?: () => Promise<void>;
}

interface Migration {
  name: string;
  sql: string;
  checksum: string;
}

/**
 * Applies the migrations that the database does not have yet, in order, each in
 * one transaction with its row of the ledger (indexes excepted). Nodes that start
 * together take turns. Migrations of a newer version are left alone: versions N
 * and N+1 run side by side.
 *
 * One that cannot have a table's lock at once, or is in a deadlock with those who
 * use it, gives way to them and tries again, so that no request waits long behind
 * it. One that makes nothing but indexes locks nobody out, however long it takes.
 *
 * @param folder holds `<stamp>_<name>/migration.sql`
 * @param options for tests: how long it waits for a lock, and what it does before it tries again
 * @returns the names applied now
 * @throws DatabaseError when an applied migration was changed or one fails
 */
export async function migrate(address: DatabaseAddress, folder: string, options: MigrateOptions = {}): Promise<string[]> {
  const migrations = await readMigrations(folder);
  const client = new pg.Client({ ...address, application_name: 'couplet-migrate' });
  // A lost connection also rejects the query in progress, which is where it is reported.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await takeTurn(client);
    await client.query(CREATE_LEDGER);
    return await applyMissing(client, migrations, options);
  } finally {
    // Closing the connection releases the lock.
    await client.end();
  }
}

/** Asks again and again: an index waits for every statement that began before it, and so for one that waits for the lock. */
async function takeTurn(client: pg.Client): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ isOurs: boolean }>('SELECT pg_try_advisory_lock($1) AS "isOurs"', [MIGRATION_LOCK]);
    if (rows[0]?.isOurs) return;
    await delay(TURN_ASKED_EVERY_MS);
  }
}

async function applyMissing(client: pg.Client, migrations: readonly Migration[], options: MigrateOptions): Promise<string[]> {
  const { rows } = await client.query<{ migration_name: string; checksum: string; finished_at: string | null }>(
    'SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL',
  );
  const ledger = new Map(rows.map((row) => [row.migration_name, row]));
  const applied: string[] = [];
  for (const migration of migrations) {
    const entry = ledger.get(migration.name);
    if (entry === undefined) {
      await applyGivingWay(client, migration, options);
      applied.push(migration.name);
    } else if (entry.finished_at === null) {
      throw new DatabaseError(`The migration ${migration.name} failed before: resolve it with "prisma migrate resolve" and start again.`);
    } else if (entry.checksum !== migration.checksum) {
      throw new DatabaseError(`The migration ${migration.name} was changed after it had been applied: restore its file and start again.`);
    }
  }
  return applied;
}

async function applyGivingWay(client: pg.Client, migration: Migration, options: MigrateOptions): Promise<void> {
  const { lockTimeoutMs = LOCK_TIMEOUT_MS, giveWay = () => delay(GIVE_WAY_MS) } = options;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await apply(client, migration, lockTimeoutMs);
      return;
    } catch (error) {
      const isLocked = error instanceof DatabaseError && error.cause instanceof pg.DatabaseError && KEPT_OUT.includes(error.cause.code ?? '');
      if (!isLocked || attempt === MAX_ATTEMPTS) throw error;
    }
    await giveWay();
  }
}

/** The SQLSTATEs of a lock timeout and of a deadlock: a migration of several tables may wait for somebody who waits for it. */
const KEPT_OUT: readonly string[] = ['55P03', '40P01'];

async function apply(client: pg.Client, migration: Migration, lockTimeoutMs: number): Promise<void> {
  const indexes = indexesOf(migration.sql);
  try {
    if (indexes === null) await applyInOneStep(client, migration, lockTimeoutMs);
    else await buildIndexes(client, migration, indexes);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DatabaseError(`The migration ${migration.name} failed${indexes === null ? ' and was rolled back' : ''}: ${reason}.`, { cause });
  }
}

async function applyInOneStep(client: pg.Client, migration: Migration, lockTimeoutMs: number): Promise<void> {
  try {
    await client.query('BEGIN');
    await client.query(`SET LOCAL lock_timeout = ${lockTimeoutMs}`);
    await client.query(migration.sql);
    await enterIntoLedger(client, migration);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/**
 * While people go on writing, which is why it cannot be one transaction: what is
 * there and whole is left alone, and what was broken off is begun anew. It waits
 * as long as it takes for the transactions that began before it; only another
 * change of the table would wait behind it.
 */
async function buildIndexes(client: pg.Client, migration: Migration, indexes: readonly Index[]): Promise<void> {
  for (const { name, statement } of indexes) {
    const { rows } = await client.query<{ isWhole: boolean }>('SELECT indisvalid AS "isWhole" FROM pg_index WHERE indexrelid = to_regclass($1)', [`"${name}"`]);
    const [found] = rows;
    if (found?.isWhole) continue;
    if (found) await client.query(`DROP INDEX CONCURRENTLY "${name}"`);
    await client.query(statement);
  }
  await enterIntoLedger(client, migration);
}

async function enterIntoLedger(client: pg.Client, { name, checksum }: Migration): Promise<void> {
  await client.query(
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
     VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`,
    [randomUUID(), checksum, name],
  );
}

interface Index {
  name: string;
  /** Makes it without locking anybody out. */
  statement: string;
}

/** Of a migration that makes nothing but indexes; `null` of any other. */
function indexesOf(sql: string): Index[] | null {
  const statements = sql.replace(/^\s*--.*$/gm, '').split(';').map((statement) => statement.trim()).filter((statement) => statement !== '');
  const indexes = statements.map((statement) => {
    const [, create = '', name = '', rest = ''] = CREATES_INDEX.exec(statement) ?? [];
    return { name, statement: `${create} CONCURRENTLY "${name}"${rest}` };
  });
  return indexes.length > 0 && indexes.every(({ name }) => name !== '') ? indexes : null;
}

const CREATES_INDEX = /^(CREATE (?:UNIQUE )?INDEX) "(\w+)"( ON .*)$/s;

async function readMigrations(folder: string): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name).sort();
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(join(folder, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}
