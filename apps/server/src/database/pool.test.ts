import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/test-database.ts';
import { addressFromUrl, assertReachable, createPool, DatabaseError, isDatabaseUnavailable, isoTimestamp } from './pool.ts';
import { inTransaction } from './transaction.ts';

describe('the pool', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.close());

  it('reads timestamps as ISO 8601 UTC with microseconds, in every time zone of the server', async () => {
    const client = await database.pool.connect();
    for (const zone of ['UTC', 'America/St_Johns', 'Asia/Kathmandu']) {
      await client.query(`SET timezone = '${zone}'`);
      const { rows } = await client.query("SELECT '2026-11-21T21:54:39.123456Z'::timestamptz AS exact, '2026-11-21T21:54:39Z'::timestamptz AS whole, NULL::timestamptz AS none");
      expect(rows).toEqual([{ exact: '2026-11-21T21:54:39.123456Z', whole: '2026-11-21T21:54:39.000000Z', none: null }]);
    }
    client.release(true);
  });

  it('reads int8 as a number', async () => {
    const { rows } = await database.pool.query('SELECT 9007199254740991::int8 AS big, count(*) AS users FROM users');
    expect(rows).toEqual([{ big: 9_007_199_254_740_991, users: 0 }]);
  });

  it('refuses a timestamp in another style rather than misread it', () => {
    expect(() => isoTimestamp('11/21/2026 21:54:39 UTC')).toThrow();
  });

  it.each([
    ['nobody listens', 'postgresql://somebody:hunter2@127.0.0.1:1/chat'],
    ['the database does not exist', 'missing'],
  ])('says in one sentence when %s, without the password', async (_case, url) => {
    const address = addressFromUrl(url === 'missing' ? database.url.replace(/test_\w+$/, 'no_such_database') : url);
    const pool = createPool(address, 2, () => undefined);
    const complaint: unknown = await assertReachable(pool, address, 'DATABASE_URL').catch((cause: unknown) => cause);
    await pool.end();
    expect(complaint).toBeInstanceOf(DatabaseError);
    expect(String(complaint)).toMatch(/^DatabaseError: Cannot reach the PostgreSQL of DATABASE_URL.*\.$/);
    expect(String(complaint)).not.toContain('hunter2');
  });

  it('takes a connection without an answer for lost, also in a transaction, and opens another', async () => {
    const pool = createPool({ ...database.address, query_timeout: 250 }, 1, () => undefined);
    const silences = [() => pool.query('SELECT pg_sleep(60)'), () => inTransaction(pool, (tx) => tx.query('SELECT pg_sleep(60)'))];
    for (const silence of silences) {
      const cause: unknown = await silence().catch((error: unknown) => error);
      expect(isDatabaseUnavailable(cause)).toBe(true);
      // Nothing more was asked of it: a ROLLBACK would have waited as long again.
      expect(pool.totalCount).toBe(0);
      // On a busy machine it may be late as well.
      await expect.poll(() => pool.query('SELECT 1').then(({ rowCount }) => rowCount, () => 0)).toBe(1);
    }
    await pool.end();
  });

  it('knows a connection that PostgreSQL ended from a wrong statement', async () => {
    const ended: unknown = await database.pool.query('SELECT pg_terminate_backend(pg_backend_pid())').catch((cause: unknown) => cause);
    expect(isDatabaseUnavailable(ended)).toBe(true);
    const wrong: unknown = await database.pool.query('SELECT nonsense').catch((cause: unknown) => cause);
    expect(isDatabaseUnavailable(wrong)).toBe(false);
    expect(isDatabaseUnavailable(new Error('anything'))).toBe(false);
  });
});
