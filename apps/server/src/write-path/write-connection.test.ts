import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/test-database.ts';
import { WriteConnection } from './write-connection.ts';
import { numberAt, type Statement, textAt } from './write-transaction.ts';

const SMALL = 1;
const LARGE = 100;

describe('the write path\'s connection', () => {
  let database: TestDatabase;
  let connection: WriteConnection;
  beforeAll(async () => {
    database = await createTestDatabase({ empty: true });
    await database.pool.query('CREATE TABLE counters (name text PRIMARY KEY, n bigint NOT NULL CHECK (n < 100))');
    connection = new WriteConnection(database.address);
  });
  beforeEach(async () => {
    await database.pool.query("TRUNCATE counters; INSERT INTO counters VALUES ('a', 1), ('b', 1)");
  });
  afterAll(async () => {
    await connection.close();
    await database.close();
  });

  const lock = (name: string): Statement => ({ name: 'lock', text: 'SELECT name, n FROM counters WHERE name = $1 FOR UPDATE', values: [name] });
  const set = (name: string, n: number): Statement => ({ name: 'set', text: 'UPDATE counters SET n = $2 WHERE name = $1', values: [name, String(n)] });
  const stored = async () => Object.fromEntries((await database.pool.query<{ name: string; n: number }>('SELECT name, n FROM counters')).rows.map((row) => [row.name, row.n]));
  const addOne = (name: string, size = SMALL) =>
    connection.transaction(size, { first: [lock(name)], second: ([rows]) => rows?.map((row) => set(name, numberAt(row, 1) + 1)) ?? [] });

  it('reads under its locks, then writes, and has committed when it resolves', async () => {
    await addOne('a');
    expect(await stored()).toEqual({ a: 2, b: 1 });
  });

  it('gives each statement of the first step its own rows, also those without any', async () => {
    const names: string[][] = [];
    await connection.transaction(SMALL, {
      first: [lock('a'), lock('nobody'), lock('b')],
      second(answers) {
        names.push(...answers.map((rows) => rows.map((row) => textAt(row, 0))));
        return [];
      },
    });
    expect(names).toEqual([['a'], [], ['b']]);
  });

  it('leaves nothing of a transaction of which one statement fails, and goes on', async () => {
    const failing = connection.transaction(SMALL, { first: [lock('a')], second: () => [set('a', 50), set('b', 100)] });
    await expect(failing).rejects.toMatchObject({ code: '23514' });
    expect(await stored()).toEqual({ a: 1, b: 1 });
    await addOne('a');
    expect(await stored()).toEqual({ a: 2, b: 1 });
  });

  it('goes on after a first step that fails, with what that step had prepared', async () => {
    const divide: Statement = { name: 'divide', text: 'SELECT 1 / $1::int', values: ['0'] };
    const fresh: Statement = { name: 'fresh', text: 'SELECT $1::int', values: ['1'] };
    await expect(connection.transaction(SMALL, { first: [fresh, divide], second: () => [] })).rejects.toMatchObject({ code: '22012' });
    const answers: number[] = [];
    await connection.transaction(SMALL, {
      first: [fresh, { ...divide, values: ['1'] }],
      second(found) {
        answers.push(...found.flatMap((rows) => rows.map((row) => numberAt(row, 0))));
        return [];
      },
    });
    expect(answers).toEqual([1, 1]);
  });

  it('gives its locks back when what it read cannot be used', async () => {
    const confused = connection.transaction(SMALL, {
      first: [lock('a')],
      second() {
        throw new Error('confused');
      },
    });
    await expect(confused).rejects.toMatchObject({ code: 'unavailable' });
    await database.pool.query("UPDATE counters SET n = 7 WHERE name = 'a'");
    await addOne('a');
    expect(await stored()).toEqual({ a: 8, b: 1 });
  });

  it('plans small and large batches their way, also after a transaction that set the way was rolled back', async () => {
    const mode = async (size: number) => {
      const seen: string[] = [];
      await connection.transaction(size, {
        first: [{ name: 'mode', text: "SELECT current_setting('plan_cache_mode')", values: [] }],
        second([rows]) {
          for (const row of rows ?? []) seen.push(textAt(row, 0));
          return [];
        },
      });
      return seen;
    };
    expect(await mode(SMALL)).toEqual(['force_generic_plan']);
    expect(await mode(LARGE)).toEqual(['force_custom_plan']);
    await expect(connection.transaction(SMALL, { first: [lock('a')], second: () => [set('a', 100)] })).rejects.toMatchObject({ code: '23514' });
    expect(await mode(SMALL)).toEqual(['force_generic_plan']);
  });

  it('begins again, with what it reads then, when it was chosen to end a deadlock', async () => {
    await database.pool.query(`CREATE FUNCTION refuse(code text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = code; END $$`);
    const refuse: Statement = { name: 'refuse', text: 'SELECT refuse($1)', values: ['40P01'] };
    const read: number[] = [];
    await connection.transaction(SMALL, {
      first: [lock('a')],
      second([rows = []]) {
        read.push(...rows.map((row) => numberAt(row, 1)));
        return read.length === 1 ? [set('a', 50), refuse] : [set('a', 2)];
      },
    });
    expect(read).toEqual([1, 1]);
    expect(await stored()).toEqual({ a: 2, b: 1 });
  });

  it('answers unavailable when PostgreSQL gives no answer, and opens another', async () => {
    const impatient = new WriteConnection({ ...database.address, query_timeout: 250 });
    const silence = impatient.transaction(SMALL, { first: [lock('b'), { name: 'silence', text: 'SELECT pg_sleep(60)', values: [] }], second: () => [] });
    await expect(silence).rejects.toMatchObject({ code: 'unavailable' });
    // Of another row: what the lost one locked, PostgreSQL gives back when it notices. On a busy machine it may be late as well.
    const again = () => impatient.transaction(SMALL, { first: [lock('a')], second: () => [set('a', 5)] }).then(() => 'stored', () => 'unavailable');
    await expect.poll(again).toBe('stored');
    expect(await stored()).toEqual({ a: 5, b: 1 });
    await impatient.close();
    await database.pool.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND datname = current_database()");
  });

  it('answers unavailable when the connection is lost on the way, and opens another', async () => {
    const lost = connection.transaction(SMALL, {
      first: [{ name: 'pid', text: 'SELECT pg_backend_pid()', values: [] }],
      second: ([rows]) => rows?.map((row) => ({ name: 'end', text: 'SELECT pg_terminate_backend($1::int)', values: [textAt(row, 0)] })) ?? [],
    });
    await expect(lost).rejects.toMatchObject({ code: 'unavailable' });
    await addOne('a');
    expect(await stored()).toEqual({ a: 2, b: 1 });
  });
});
