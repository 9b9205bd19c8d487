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
    async close() {
      await prisma.$disconnect();
      await pool.end();
      await asAdmin(`DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
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
