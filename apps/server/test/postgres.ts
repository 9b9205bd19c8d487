import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { MIGRATIONS_FOLDER } from '../src/server-package.ts';
import { openEmbeddedPostgres } from '../src/database/embedded-postgres.ts';
import { migrate } from '../src/database/migrate.ts';
import { createLog } from '../src/log.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the cluster of this test run listens; its superuser may do everything. */
    postgresSocket: string;
  }
}

/** Migrated once; every test database is a copy of it. */
const TEMPLATE = 'couplet_template';

let stop: (() => Promise<void>) | undefined;

/** One real PostgreSQL for the whole run. It forgets on a power cut, which a test run does not outlive anyway. */
export async function setup(project: TestProject): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'couplet-test-'));
  const postgres = await openEmbeddedPostgres({
    dataDir,
    log: createLog('silent', 'test'),
    settings: { fsync: 'off', full_page_writes: 'off', max_connections: '300', autovacuum: 'off', deadlock_timeout: '200ms' },
  });
  const admin = new pg.Client(postgres.address('postgres'));
  await admin.connect();
  await admin.query(`CREATE DATABASE ${TEMPLATE}`);
  await admin.end();
  await migrate(postgres.address(TEMPLATE), MIGRATIONS_FOLDER);
  project.provide('postgresSocket', String(postgres.address().host));
  stop = async () => {
    await postgres.close();
    await rm(dataDir, { recursive: true, force: true });
  };
}

export async function teardown(): Promise<void> {
  await stop?.();
}
