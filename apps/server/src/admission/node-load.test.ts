import { expect, it } from 'vitest';
import { NodeLoad } from './node-load.ts';

function loadAt() {
  const state = { now: 0, waiting: 0, look: () => undefined as void };
  const load = new NodeLoad({
    clock: () => state.now,
    lateMs: 250,
    waitingForDatabase: () => state.waiting,
    every: (_ms, task) => {
      state.look = task;
      return () => undefined;
    },
  });
  const looks = (count: number, lateMs: number) => {
    for (let i = 0; i < count; i += 1) {
      state.now += 100 + lateMs;
      state.look();
    }
  };
  return { load, state, looks };
}

it('a node whose timers are late again and again is overloaded, until they are not', () => {
  const { load, looks } = loadAt();
  looks(10, 5);
  expect(load.isOverloaded()).toBe(false);
  looks(5, 300);
  expect(load.isOverloaded()).toBe(true);
  looks(6, 5);
  expect(load.isOverloaded()).toBe(false);
});

it('one long pause is not an overload', () => {
  const { load, looks } = loadAt();
  looks(9, 0);
  looks(1, 2_000);
  expect(load.isOverloaded()).toBe(false);
});

it('a node whose requests wait for the database is overloaded', () => {
  const { load, state } = loadAt();
  state.waiting = 501;
  expect(load.isOverloaded()).toBe(true);
  state.waiting = 0;
  expect(load.isOverloaded()).toBe(false);
});
