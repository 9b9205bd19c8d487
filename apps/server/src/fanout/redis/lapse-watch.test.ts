import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/test-database.ts';
import { isLapseElsewhere, saveLapse } from './lapses-repository.ts';
import { LapseWatch } from './lapse-watch.ts';

const WAIT = { timeout: 20_000, interval: 20 };

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const closing: LapseWatch[] = [];
afterEach(() => {
  for (const watch of closing.splice(0)) watch.close();
});

function watchOf(node: string) {
  const told = { lapses: 0, errors: 0, failures: 0 };
  const watch = new LapseWatch({
    async save() {
      if (told.failures > 0) {
        told.failures -= 1;
        throw new Error('PostgreSQL is away');
      }
      await saveLapse(database.pool, node);
    },
    isElsewhere: () => isLapseElsewhere(database.pool, node),
    onLapse: () => void (told.lapses += 1),
    onError: () => void (told.errors += 1),
  });
  closing.push(watch);
  return { watch, told };
}

it('[P2] a node that is cut off from Redis tells the others by way of the database, and not itself', async () => {
  const [cutOff, other] = [watchOf('one'), watchOf('two')];
  cutOff.watch.declare();
  await vi.waitUntil(() => other.told.lapses > 0, WAIT);
  expect(cutOff.told).toEqual({ lapses: 0, errors: 0, failures: 0 });
});

it('[P2] says it again until the database has taken it', async () => {
  const [cutOff, other] = [watchOf('three'), watchOf('four')];
  await database.pool.query('DELETE FROM fanout_lapses');
  cutOff.told.failures = 1;
  cutOff.watch.declare();
  await vi.waitUntil(() => other.told.lapses > 0, WAIT);
  expect(cutOff.told.errors).toBe(1);
});

it('is not believed for ever', async () => {
  await saveLapse(database.pool, 'five');
  expect(await isLapseElsewhere(database.pool, 'six')).toBe(true);
  await database.pool.query("UPDATE fanout_lapses SET at = now() - interval '7 seconds'");
  expect(await isLapseElsewhere(database.pool, 'six')).toBe(false);
});
