import type { Message, SyncPage } from '@couplet/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addressFromUrl, createPool, createPoolBehindPooler } from '../src/database/pool.ts';
import { prepared } from '../src/database/prepared.ts';
import { openPooler, type Pooler } from './pgbouncer.ts';
import { startTestServer } from './test-server.ts';
import { createTestDatabase, type TestDatabase } from './test-database.ts';

const failNever = () => undefined;

describe('behind PgBouncer in transaction mode', () => {
  let pooler: Pooler;
  let database: TestDatabase;
  beforeEach(async () => {
    pooler = await openPooler(1);
    database = await createTestDatabase();
  });
  afterEach(async () => {
    await pooler.close();
    await database.close();
  });

  const nameOf = ({ url }: TestDatabase) => new URL(url).pathname.slice(1);
  /** Each twice on two connections at once, which share one session of PostgreSQL. */
  const askTwice = async (pool: ReturnType<typeof createPool>) => {
    const clients = await Promise.all([pool.connect(), pool.connect()]);
    try {
      for (const client of [...clients, ...clients]) await client.query(prepared('SELECT $1::int AS n', [1]));
    } finally {
      for (const client of clients) client.release(true);
    }
  };

  it('statements that every connection prepares for itself work on the pool that gives them no names, and not on the other', async () => {
    const address = addressFromUrl(pooler.urlOf(nameOf(database)));
    const [named, nameless] = [createPool(address, 2, failNever), createPoolBehindPooler(address, 2, failNever)];
    try {
      await expect(askTwice(named)).rejects.toThrow(/prepared statement "\S+" already exists/);
      await askTwice(nameless);
    } finally {
      await Promise.all([named.end(), nameless.end()]);
    }
  });

  it('a server migrates, and people sign up, find each other, write, read and catch up', async () => {
    const system = await startTestServer({ env: (own) => ({ DATABASE_POOLER_URL: pooler.urlOf(nameOf(own)) }) });
    try {
      const [ana, bo] = await Promise.all([system.signUp('Ana'), system.signUp('Bo')]);
      const { body: conversation } = await system.call<{ id: string }>('POST', '/api/conversations', { token: ana.accessToken, body: { userId: bo.user.id } });
      const sends = Array.from({ length: 20 }, (_, n) =>
        system.call<Message>('POST', `/api/conversations/${conversation.id}/messages`, {
          token: (n % 2 === 0 ? ana : bo).accessToken,
          body: { clientMsgId: `m${n}`, type: 'text', text: `number ${n}` },
        }),
      );
      expect((await Promise.all(sends)).map((answer) => answer.status)).toEqual(Array.from({ length: 20 }, () => 201));
      const pages = await Promise.all(
        Array.from({ length: 8 }, (_, n) => system.call<SyncPage>('GET', '/api/sync?since=0', { token: (n % 2 === 0 ? ana : bo).accessToken })),
      );
      for (const page of pages) {
        expect(page.body.events.filter((event) => event.type === 'chat.message.new')).toHaveLength(20);
      }
      const { body: found } = await system.call<{ items: unknown[] }>('GET', '/api/search/messages?q=number', { token: bo.accessToken });
      expect(found.items).toHaveLength(20);
      const { rows } = await system.database.pool.query<{ name: string; sessions: number }>(
        `SELECT application_name AS name, count(*) AS sessions FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid() GROUP BY 1`,
      );
      const sessions = new Map(rows.map((row) => [row.name, row.sessions]));
      // All requests shared the pooler's one; what needs a session of its own has it.
      expect(sessions.get('')).toBe(1);
      expect(sessions.get('couplet')).toBeUndefined();
      expect(sessions.get('couplet-write-path')).toBeGreaterThan(0);
    } finally {
      await system.close();
    }
  });
});
