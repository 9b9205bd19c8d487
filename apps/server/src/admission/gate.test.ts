import { describe, expect, it } from 'vitest';
import { Gate, NodeFullError } from './gate.ts';

interface Scene {
  gate: Gate;
  refused: number;
  overloaded: boolean;
  /** Runs what was scheduled and not cancelled. */
  timePasses(): void;
}

function scene(bounds = { running: 2, waiting: 3, waitingMs: 5_000 }): Scene {
  const tasks = new Set<() => void>();
  const made: Scene = {
    refused: 0,
    overloaded: false,
    timePasses: () => {
      for (const task of tasks) task();
    },
    gate: new Gate(bounds, {
      retryAfterMs: () => 1_234,
      isOverloaded: () => made.overloaded,
      onRefused: () => (made.refused += 1),
      schedule: (_delayMs, task) => {
        tasks.add(task);
        return () => tasks.delete(task);
      },
    }),
  };
  return made;
}

/** Work that ends when it is told to. */
function work() {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const state = { isBegun: false };
  return { state, resolve, reject, run: () => ((state.isBegun = true), promise) };
}

describe('a gate', () => {
  it('runs so much at once, lets so much wait in order, and refuses the rest at once', async () => {
    const opened = scene();
    const { gate } = opened;
    const jobs = Array.from({ length: 5 }, work);
    const ended = jobs.map((job) => gate.run(job.run));
    expect(jobs.map(({ state }) => state.isBegun)).toEqual([true, true, false, false, false]);
    expect([gate.running, gate.waiting]).toEqual([2, 3]);
    await expect(gate.run(work().run)).rejects.toMatchObject({ code: 'unavailable', retryAfterMs: 1_234, retryable: true });
    expect(opened.refused).toBe(1);
    jobs[1]?.resolve('second');
    expect(await ended[1]).toBe('second');
    expect(jobs.map(({ state }) => state.isBegun)).toEqual([true, true, true, false, false]);
    for (const job of jobs) job.resolve('done');
    await Promise.all(ended);
    expect([gate.running, gate.waiting]).toEqual([0, 0]);
  });

  it('gives the place of work that failed to the next one', async () => {
    const { gate } = scene({ running: 1, waiting: 3, waitingMs: 5_000 });
    const [first, second] = [work(), work()];
    const failed = gate.run(first.run);
    const next = gate.run(second.run);
    first.reject(new Error('no'));
    await expect(failed).rejects.toThrow('no');
    second.resolve('yes');
    expect(await next).toBe('yes');
    expect(gate.running).toBe(0);
  });

  it('refuses what waited too long, and never begins it', async () => {
    const opened = scene({ running: 1, waiting: 3, waitingMs: 5_000 });
    const [first, second] = [work(), work()];
    const ended = opened.gate.run(first.run);
    const waiting = opened.gate.run(second.run);
    opened.timePasses();
    await expect(waiting).rejects.toBeInstanceOf(NodeFullError);
    first.resolve('done');
    await ended;
    expect(second.state.isBegun).toBe(false);
    expect([opened.refused, opened.gate.running, opened.gate.waiting]).toEqual([1, 0, 0]);
  });

  it('takes only one at a time while the node is late with everything', async () => {
    const opened = scene();
    opened.overloaded = true;
    const first = work();
    const ended = opened.gate.run(first.run);
    await expect(opened.gate.run(work().run)).rejects.toBeInstanceOf(NodeFullError);
    first.resolve('done');
    expect(await ended).toBe('done');
  });
});
