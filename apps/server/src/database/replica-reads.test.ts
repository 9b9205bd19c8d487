import { afterEach, beforeEach, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/test-database.ts';
import { addressFromUrl } from './pool.ts';
import { ReplicaReads } from './replica-reads.ts';

let primary: TestDatabase;
let replica: TestDatabase;
let clock = 0;
let complaints = 0;
let reads: ReplicaReads;

beforeEach(async () => {
  [primary, replica] = await Promise.all([createTestDatabase({ empty: true }), createTestDatabase({ empty: true })]);
  await replica.pool.query('CREATE TABLE here (n int)');
  complaints = 0;
  reads = new ReplicaReads({ primary: primary.pool, replica: addressFromUrl(replica.url), now: () => clock, onAvoided: () => (complaints += 1) });
});
afterEach(async () => {
  await reads.close();
  await Promise.all([primary.close(), replica.close()]);
});

const whoAnswers = () =>
  reads.read(async (db) => {
    const { rows } = await db.query<{ name: string }>('SELECT current_database() AS name');
    return rows[0]?.name === new URL(replica.url).pathname.slice(1) ? 'replica' : 'primary';
  });

it('come from the replica; after a failure there from the primary, which answers alone for ten seconds', async () => {
  expect(await whoAnswers()).toBe('replica');
  await primary.pool.query('CREATE TABLE only_here (n int)');
  expect((await reads.read((db) => db.query('SELECT * FROM only_here'))).rows).toEqual([]);
  expect(complaints).toBe(1);
  clock += 9_999;
  expect(await whoAnswers()).toBe('primary');
  clock += 1;
  expect(await whoAnswers()).toBe('replica');
  expect(complaints).toBe(1);
});

it('that are wrong in themselves fail, and turn nobody away from the replica', async () => {
  await expect(reads.read((db) => db.query('SELECT nonsense'))).rejects.toMatchObject({ code: '42703' });
  expect(complaints).toBe(0);
  expect(await whoAnswers()).toBe('replica');
});

it('come from the primary where there is no replica', async () => {
  const alone = new ReplicaReads({ primary: primary.pool, replica: null, now: () => clock, onAvoided: () => undefined });
  expect((await alone.read((db) => db.query('SELECT 1 AS one'))).rows).toEqual([{ one: 1 }]);
  await alone.close();
});
