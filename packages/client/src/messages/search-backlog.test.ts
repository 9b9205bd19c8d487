import { expect, it } from 'vitest';
import { createMemoryStore } from '../store/memory-store.ts';
import type { Store } from '../store/store.ts';
import { ManualClock, settle } from '../testing/index.ts';
import { SearchBacklog } from './search-backlog.ts';

/** A store whose search lacks so many pieces. */
function behind(pieces: number): { store: Store; left: () => number } {
  let left = pieces;
  const store = createMemoryStore();
  return {
    left: () => left,
    store: {
      ...store,
      read: (body) => store.read((reader) => body({ ...methodsOf(reader), isSearchComplete: async () => left === 0 })),
      transaction: (body) =>
        store.transaction((writer) =>
          body({
            ...methodsOf(writer),
            indexEarlierMessages: async () => {
              left -= 1;
              return left === 0;
            },
          }),
        ),
    },
  };
}

function methodsOf<Rows extends object>(rows: Rows): Rows {
  return Object.assign(Object.create(rows) as Rows);
}

it('indexes earlier messages piece by piece, after the first moments and with pauses', async () => {
  const clock = new ManualClock();
  const { store, left } = behind(3);
  const backlog = new SearchBacklog({ store, clock, report: () => undefined });
  backlog.start();
  await settle();
  expect(left()).toBe(3);
  await clock.advance(3_000);
  expect(left()).toBe(2);
  await clock.advance(100);
  expect(left()).toBe(1);
  await clock.advance(100);
  await clock.advance(10_000);
  expect(left()).toBe(0);
});

it('stops when it is closed', async () => {
  const clock = new ManualClock();
  const { store, left } = behind(3);
  const backlog = new SearchBacklog({ store, clock, report: () => undefined });
  backlog.start();
  await settle();
  await clock.advance(3_000);
  backlog.close();
  await clock.advance(10_000);
  expect(left()).toBe(2);
});
