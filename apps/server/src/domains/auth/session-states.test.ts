import type { SessionId } from '@couplet/protocol';
import { expect, it } from 'vitest';
import type { Queryable } from '../../database/transaction.ts';
import { SessionStates } from './session-states.ts';

const session = (n: number) => `0190a1b2-0000-7000-8000-${String(n).padStart(12, '0')}` as SessionId;

/** A database whose answers are given by hand. */
function setUp() {
  const asked: { ids: string[]; answer(): void; fail(error: Error): void }[] = [];
  const pool: Queryable = {
    query: (query: unknown) =>
      new Promise<never>((resolve, reject) => {
        const [ids] = (query as { values: [string[]] }).values;
        const rows = ids.map((id) => ({ id, user_id: `owner of ${id}`, used_generation: 0, expires_at: '', revoked_at: null }));
        asked.push({ ids, answer: () => resolve({ rows } as never), fail: reject });
      }),
  };
  return { states: new SessionStates(pool), asked };
}

it('asks at once on a quiet node, and together for all who come while four look-ups are under way', async () => {
  const { states, asked } = setUp();
  const found = Array.from({ length: 300 }, (_, n) => states.find(session(n)));
  expect(asked.map(({ ids }) => ids.length)).toEqual([1, 1, 1, 1]);
  asked[0]?.answer();
  await found[0];
  await new Promise((resolve) => setImmediate(resolve));
  expect(asked.map(({ ids }) => ids.length)).toEqual([1, 1, 1, 1, 296]);
  for (const { answer } of asked) answer();
  expect((await Promise.all(found)).map((state) => state?.user_id)).toEqual(found.map((_, n) => `owner of ${session(n)}`));
});

it('never answers with what was looked up before somebody asked', async () => {
  const { states, asked } = setUp();
  const early = states.find(session(1));
  const late = states.find(session(1));
  expect(asked).toHaveLength(2);
  for (const { answer } of asked) answer();
  await Promise.all([early, late]);
});

it('tells a failure to those who asked, and goes on', async () => {
  const { states, asked } = setUp();
  const first = states.find(session(1));
  asked[0]?.fail(new Error('away'));
  await expect(first).rejects.toThrow('away');
  const second = states.find(session(1));
  asked[1]?.answer();
  expect((await second)?.user_id).toBe(`owner of ${session(1)}`);
});
