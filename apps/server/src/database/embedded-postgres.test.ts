import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLog } from '../log.ts';
import { type EmbeddedPostgres, openEmbeddedPostgres } from './embedded-postgres.ts';
import { DatabaseError } from './pool.ts';
import { isRunning } from './process-identity.ts';

describe('the embedded PostgreSQL', () => {
  // Setting one up takes most of a second: the tests share a folder, each leaves it whole.
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'couplet-test-'));
  });
  afterAll(() => rm(dataDir, { recursive: true, force: true }));

  const open = (folder = dataDir) => openEmbeddedPostgres({ dataDir: folder, log: createLog('silent', 'test') });
  const ask = async (postgres: EmbeddedPostgres, statement: string) => {
    const client = new pg.Client(postgres.address());
    await client.connect();
    try {
      return (await client.query(statement)).rows;
    } finally {
      await client.end();
    }
  };

  it('keeps its data, is durable, and is gone when closed', async () => {
    const first = await open();
    await ask(first, 'CREATE TABLE kept AS SELECT 42 AS answer');
    const settings = await ask(first, "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes', 'data_checksums', 'listen_addresses') ORDER BY name");
    expect(settings.map(({ name, setting }) => `${name}=${setting}`)).toEqual(['data_checksums=on', 'fsync=on', 'full_page_writes=on', 'listen_addresses=', 'synchronous_commit=on']);
    const { pid } = first;
    await first.close();
    expect(isRunning(pid)).toBe(false);
    const second = await open();
    expect(await ask(second, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    await second.close();
  });

  it('stops the one that a killed server left behind, and nothing committed is lost', async () => {
    const owner = spawn(process.execPath, ['--input-type=module', '-e', OWNER, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(owner.stdout.setEncoding('utf8'), 'data');
    const orphan = Number(line);
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    expect(isRunning(orphan)).toBe(true);
    const postgres = await open();
    expect(isRunning(orphan)).toBe(false);
    expect(await ask(postgres, 'SELECT answer FROM kept_by_orphan')).toEqual([{ answer: 42 }]);
    await postgres.close();
  });

  it('starts although another program has the id of the killed one by now', async () => {
    await (await open()).close();
    await writeFile(join(dataDir, 'postgres/postmaster.pid'), `${process.pid}\n${join(dataDir, 'postgres')}\n`);
    const postgres = await open();
    expect(await ask(postgres, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await postgres.close();
  });

  it('comes back when it was killed alone', async () => {
    const postgres = await open();
    const before = postgres.pid;
    process.kill(before, 'SIGKILL');
    await expect.poll(() => ask(postgres, 'SELECT 1 AS one').catch(() => null), { timeout: 10_000 }).toEqual([{ one: 1 }]);
    expect(postgres.pid).not.toBe(before);
    await postgres.close();
  });

  it('says in one sentence that its data is damaged, and leaves it as it is', async () => {
    await (await open()).close();
    const control = join(dataDir, 'postgres/global/pg_control');
    const whole = await readFile(control);
    await writeFile(control, 'damaged');
    const complaint: unknown = await open().catch((cause: unknown) => cause);
    expect(complaint).toBeInstanceOf(DatabaseError);
    expect(String(complaint)).toMatch(/^DatabaseError: The embedded PostgreSQL does not start on .*postgres \(it says: .+\): restore that folder/);
    expect(await readFile(control, 'utf8')).toBe('damaged');
    await writeFile(control, whole);
  });

  it('finishes what an interrupted set-up began', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'couplet-test-'));
    await writeFile(join(folder, 'postgres.new'), 'half');
    const postgres = await open(folder);
    expect(await ask(postgres, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await postgres.close();
    await rm(folder, { recursive: true });
  });
});

/** A process that owns a PostgreSQL, tells its id and waits to be killed. */
const OWNER = `
const { openEmbeddedPostgres } = await import(${JSON.stringify(new URL('./embedded-postgres.ts', import.meta.url).href)});
const { createLog } = await import(${JSON.stringify(new URL('../log.ts', import.meta.url).href)});
const { default: pg } = await import('pg');
const postgres = await openEmbeddedPostgres({ dataDir: process.argv[1], log: createLog('silent', 'owner') });
const client = new pg.Client(postgres.address());
await client.connect();
await client.query('CREATE TABLE kept_by_orphan AS SELECT 42 AS answer');
console.log(postgres.pid);
setInterval(() => {}, 1000);
`;
