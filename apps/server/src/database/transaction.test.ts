import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/test-database.ts';
import { inTransaction, violatedConstraint } from './transaction.ts';

describe('a transaction', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
    await database.pool.query('CREATE TABLE counters (id int PRIMARY KEY, value int NOT NULL)');
  });
  beforeEach(async () => {
    await database.pool.query('TRUNCATE counters');
    await database.pool.query('INSERT INTO counters VALUES (1, 0), (2, 0)');
  });
  afterAll(() => database.close());

  const values = async () => (await database.pool.query('SELECT value FROM counters ORDER BY id')).rows.map((row) => row.value);

  it('commits what was done, and nothing of what failed', async () => {
    await inTransaction(database.pool, (tx) => tx.query('UPDATE counters SET value = 1 WHERE id = 1'));
    const failing = inTransaction(database.pool, async (tx) => {
      await tx.query('UPDATE counters SET value = 5');
      throw new Error('changed its mind');
    });
    await expect(failing).rejects.toThrow('changed its mind');
    expect(await values()).toEqual([1, 0]);
  });

  it('does not call committed what a swallowed failure rolled back', async () => {
    const failing = inTransaction(database.pool, async (tx) => {
      await tx.query('UPDATE counters SET value = 5');
      await tx.query('SELECT nonsense').catch(() => undefined);
    });
    await expect(failing).rejects.toThrow('rolled back');
    expect(await values()).toEqual([0, 0]);
  });

  it('runs again after a deadlock', async () => {
    // Both hold their first row before either asks for its second: one of them must be the victim.
    const bothHold = barrier(2);
    const cross = (first: number, second: number) => {
      let attempt = 0;
      return inTransaction(database.pool, async (tx) => {
        attempt += 1;
        await tx.query('UPDATE counters SET value = value + 1 WHERE id = $1', [first]);
        if (attempt === 1) await bothHold();
        await tx.query('UPDATE counters SET value = value + 1 WHERE id = $1', [second]);
        return attempt;
      });
    };
    const attempts = await Promise.all([cross(1, 2), cross(2, 1)]);
    expect(Math.max(...attempts)).toBeGreaterThan(1);
    expect(await values()).toEqual([2, 2]);
  });

  it('runs again after a serialization failure, and gives up after the third', async () => {
    let attempts = 0;
    const failing = inTransaction(
      database.pool,
      async (tx) => {
        attempts += 1;
        await tx.query('SELECT value FROM counters WHERE id = 1');
        await database.pool.query('UPDATE counters SET value = value + 1 WHERE id = 1');
        await tx.query('UPDATE counters SET value = value + 10 WHERE id = 1');
      },
      { isolation: 'repeatable read' },
    );
    await expect(failing).rejects.toMatchObject({ code: '40001' });
    expect(attempts).toBe(3);
  });

  it('gives a connection that was cut off back as a new one', async () => {
    const cut = inTransaction(database.pool, (tx) => tx.query('SELECT pg_terminate_backend(pg_backend_pid())'));
    await expect(cut).rejects.toThrow();
    expect(await values()).toEqual([0, 0]);
  });

  it('names the constraint that was violated', async () => {
    const cause: unknown = await database.pool.query('INSERT INTO counters VALUES (1, 1)').catch((error: unknown) => error);
    expect(violatedConstraint(cause)).toBe('counters_pkey');
    expect(violatedConstraint(new Error('anything'))).toBeNull();
  });
});

function barrier(count: number): () => Promise<void> {
  let arrived = 0;
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return () => {
    arrived += 1;
    if (arrived === count) open();
    return opened;
  };
}
