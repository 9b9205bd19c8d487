import { type UserId, userIdSchema } from '@couplet/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LastSeen } from './last-seen.ts';

const ana = userIdSchema.parse('00000000-0000-7000-8000-000000000001');
const bo = userIdSchema.parse('00000000-0000-7000-8000-000000000002');
/** Timers of other files in this process are not ours to run to their end. */
const WRITTEN_WITHIN_MS = 6_000;
const [early, late] = ['2026-01-01T00:00:00.000000Z', '2026-01-01T00:01:00.000000Z'] as const;

let saved: (readonly [UserId, string])[][];
let failing: boolean;
let errors: unknown[];
let lastSeen: LastSeen;
beforeEach(() => {
  vi.useFakeTimers();
  saved = [];
  failing = false;
  errors = [];
  const save = async (times: ReadonlyMap<UserId, string>) => {
    if (failing) throw new Error('PostgreSQL is away');
    saved.push([...times]);
  };
  lastSeen = new LastSeen(save, (error) => errors.push(error));
});
afterEach(() => vi.useRealTimers());

describe('last seen', () => {
  it('is written for many people together, each with the latest time', async () => {
    lastSeen.note(ana, early);
    lastSeen.note(bo, early);
    lastSeen.note(ana, late);
    expect(lastSeen.unsaved(ana)).toBe(late);
    await vi.advanceTimersByTimeAsync(WRITTEN_WITHIN_MS);
    expect(saved).toEqual([[[ana, late], [bo, early]]]);
    expect(lastSeen.unsaved(ana)).toBeUndefined();
  });

  it('is written after an outage of the database though nobody else leaves, and never an older time over a newer', async () => {
    failing = true;
    lastSeen.note(ana, early);
    lastSeen.note(bo, early);
    await vi.advanceTimersByTimeAsync(WRITTEN_WITHIN_MS);
    expect(errors).toHaveLength(1);
    lastSeen.note(ana, late);
    failing = false;
    await vi.advanceTimersByTimeAsync(WRITTEN_WITHIN_MS);
    expect(saved.map((times) => new Map(times))).toEqual([new Map([[ana, late], [bo, early]])]);
  });

  it('is written at the end, after which nothing is tried any more', async () => {
    lastSeen.note(ana, early);
    failing = true;
    await lastSeen.close();
    expect(errors).toHaveLength(1);
    failing = false;
    await vi.advanceTimersByTimeAsync(WRITTEN_WITHIN_MS);
    expect(saved).toEqual([]);
  });
});
