import type { UserId } from '@couplet/protocol';
import { describe, expect, it } from 'vitest';
import { LogEnds } from './log-ends.ts';

const [ana, bo, cleo] = ['ana', 'bo', 'cleo'] as UserId[] as [UserId, UserId, UserId];

function createScene(answer: (userIds: readonly UserId[]) => Promise<ReadonlyMap<UserId, number>>) {
  const asked: (readonly UserId[])[] = [];
  const timers = new Set<() => void>();
  const ends = new LogEnds({
    lastPositions: (userIds) => {
      asked.push(userIds);
      return answer(userIds);
    },
    schedule: (_delayMs, task) => {
      timers.add(task);
      return () => void timers.delete(task);
    },
  });
  return { ends, asked, timers };
}

describe('the ends of logs', () => {
  it('are read with one query for all who ask at once, each user once', async () => {
    const { ends, asked, timers } = createScene(async () => new Map([[ana, 7], [bo, 3]]));
    expect(await Promise.all([ends.find(ana), ends.find(bo), ends.find(ana), ends.find(cleo)])).toEqual([7, 3, 7, 0]);
    expect(asked).toEqual([[ana, bo, cleo]]);
    expect(timers.size).toBe(0);
  });

  it('are left unsaid when the database fails or does not answer in time', async () => {
    const failing = createScene(() => Promise.reject(new Error('gone')));
    expect(await failing.ends.find(ana)).toBeUndefined();
    const silent = createScene(() => new Promise(() => undefined));
    const end = silent.ends.find(ana);
    for (const timer of silent.timers) timer();
    expect(await end).toBeUndefined();
  });
});
