import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/test-database.ts';
import { prepared, withIdAmong } from './prepared.ts';

describe('a prepared statement', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.close());

  it('is planned a few times by a connection, and then no more', async () => {
    const client = await database.pool.connect();
    try {
      const id = '00000000-0000-7000-8000-000000000000';
      const { condition, value } = withIdAmong('id', 1, [id]);
      for (let run = 0; run < 50; run += 1) await client.query(prepared(`SELECT name FROM users WHERE ${condition}`, [value]));
      const { rows } = await client.query<{ generic: number; custom: number }>(
        "SELECT generic_plans AS generic, custom_plans AS custom FROM pg_prepared_statements WHERE statement LIKE 'SELECT name FROM users%'",
      );
      expect(rows).toEqual([{ generic: 45, custom: 5 }]);
    } finally {
      client.release();
    }
  });

  it('has one name for one text, whatever its values', () => {
    expect(prepared('SELECT $1', [1]).name).toBe(prepared('SELECT $1', [2]).name);
    expect(prepared('SELECT $1', [1]).name).not.toBe(prepared('SELECT $1 ', [1]).name);
  });

  it('asks for one id by equality and for others as a list', () => {
    expect(withIdAmong('m.id', 2, ['a'])).toEqual({ condition: 'm.id = $2', value: 'a' });
    expect(withIdAmong('m.id', 2, ['a', 'b'])).toEqual({ condition: 'm.id = ANY($2::uuid[])', value: ['a', 'b'] });
  });
});
