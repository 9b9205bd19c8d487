import pg from 'pg';
import { expect, it } from 'vitest';
import type { Outcome } from './batcher.ts';
import { commitApart } from './commit-apart.ts';

function refusal(code: string): Error {
  const error = new pg.DatabaseError('refused', 7, 'error');
  error.code = code;
  return error;
}

/** Stores words, but refuses every batch that holds a bad one, as a database does. */
function pickyStore() {
  const stored: string[] = [];
  const commit = (requests: readonly string[]): Promise<readonly Outcome<string>[]> => {
    if (requests.some((request) => request.startsWith('bad'))) return Promise.reject(refusal('22021'));
    stored.push(...requests);
    return Promise.resolve(requests.map((request) => ({ status: 'done', result: request })));
  };
  return { commit, stored };
}

it('lets bad rows fail alone and stores the others in order', async () => {
  const { commit, stored } = pickyStore();
  const outcomes = await commitApart(['a', 'b', 'bad 1', 'c', 'd', 'bad 2', 'e'], commit);
  expect(stored).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(outcomes.map((outcome) => outcome.status)).toEqual(['done', 'done', 'rejected', 'done', 'done', 'rejected', 'done']);
});

it('does not try again when the fault is not in the rows', async () => {
  let attempts = 0;
  const commit = () => {
    attempts += 1;
    return Promise.reject(refusal('57P01'));
  };
  await expect(commitApart(['a', 'b'], commit)).rejects.toMatchObject({ code: '57P01' });
  expect(attempts).toBe(1);
});
