import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { addressFromUrl, createPool, type DatabaseAddress } from '../src/database/pool.ts';
import { createPrisma, type PrismaClient } from '../src/database/prisma.ts';

const TEMPLATE = 'couplet_template';
const POOL_SIZE = 20;

export interface TestDatabase {
  /** For DATABASE_URL. */
  url: string;
  address: DatabaseAddress;
  pool: pg.Pool;
  prisma: PrismaClient;
  /** Keeps it as it is now; the answered function puts it back, once. Nobody else may be connected at either moment. */
  backUp(): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/**
 * A fresh database of this test file, migrated.
 *
 * @param options.empty without any table, for tests of the migrations themselves
 */
export async function createTestDatabase(options: { empty?: boolean } = {}): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await asAdmin(`CREATE DATABASE ${name} TEMPLATE ${options.empty ? 'template0' : TEMPLATE}`);
  const url = urlOf(name);
  const address = addressFromUrl(url);
  const pool = createPool(address, POOL_SIZE, () => undefined);
  const prisma = createPrisma(pool);
  return {
    url,
    address,
    pool,
    prisma,
    async backUp() {
      const copy = `${name}_copy`;
      await withoutConnections(name);
      await asAdmin(`CREATE DATABASE ${copy} TEMPLATE ${name}`);
      return async () => {
        await asAdmin(`DROP DATABASE ${name} WITH (FORCE)`);
        await asAdmin(`ALTER DATABASE ${copy} RENAME TO ${name}`);
      };
    },
    async close() {
      await prisma.$disconnect();
      await pool.end();
      await asAdmin(`DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

/** The pool's own idle connections too: it makes new ones when it is asked again. */
async function withoutConnections(name: string): Promise<void> {
  await asAdmin(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`);
}

async function asAdmin(statement: string): Promise<void> {
  const client = new pg.Client(addressFromUrl(urlOf('postgres')));
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

function urlOf(database: string): string {
  return `postgresql://couplet@${encodeURIComponent(inject('postgresSocket'))}/${database}`;
}
