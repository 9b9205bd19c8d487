import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/test-database.ts';
import { measureStatements } from './measure-statements.ts';
import { createPool } from './pool.ts';
import { inTransaction } from './transaction.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ empty: true });
});
afterAll(() => database.close());

it('tells of every statement how it ended, in and out of transactions, and leaves its answer as it is', async () => {
  const told: { outcome: string; seconds: number }[] = [];
  const pool = createPool(database.address, 2, () => undefined);
  measureStatements(pool, (outcome, seconds) => told.push({ outcome, seconds }));
  const { rows } = await pool.query('SELECT $1::int AS one', [1]);
  expect(rows).toEqual([{ one: 1 }]);
  await expect(pool.query('SELECT nothing')).rejects.toThrow('nothing');
  expect(told.splice(0).map(({ outcome }) => outcome)).toEqual(['answered', 'failed']);

  const slept = await inTransaction(pool, (tx) => tx.query("SELECT pg_sleep(0.05), 'yes' AS slept"));
  expect(slept.rows).toMatchObject([{ slept: 'yes' }]);
  await pool.end();
  expect(told.map(({ outcome }) => outcome)).toEqual(['answered', 'answered', 'answered']);
  const [begin, sleep] = told;
  expect(sleep?.seconds).toBeGreaterThan(0.04);
  expect(begin?.seconds).toBeLessThan(5);
});
