import type { ClockPort, ConnectionState, MessengerEvent, SyncPhase } from '@couplet/client';
import { expect, test } from 'vitest';
import { loadScreens } from './load-screens.ts';

/** A connection that is where it is put, a timer that runs when told, and what was loaded. */
function setUp(begun: ConnectionState) {
  let state = begun;
  const listeners = new Set<(event: MessengerEvent) => void>();
  const timers = new Set<() => void>();
  const clock: ClockPort = {
    now: () => 0,
    schedule(_delayMs, task) {
      timers.add(task);
      return () => void timers.delete(task);
    },
  };
  const connection = { state: () => state, hasNetwork: () => true, wake: () => undefined, setActive: () => undefined };
  const subscribe = (listener: (event: MessengerEvent) => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  const loaded: string[] = [];
  const load = (name: string) => () => Promise.resolve(loaded.push(name));
  const failing = () => Promise.reject(new Error('no network'));
  const end = loadScreens({ connection, subscribe }, clock, { next: load('thread'), others: [failing, load('people'), load('settings')] });
  return {
    loaded,
    listeners,
    end,
    async quiet() {
      for (const task of [...timers]) task();
      await settled();
    },
    async put(next: ConnectionState) {
      state = next;
      for (const listener of [...listeners]) listener({ type: 'connection-changed', state });
      await settled();
    },
  };
}

const online = (phase: SyncPhase): ConnectionState => ({ status: 'online', connectionId: 'c', since: 0, phase });

/** Everything that was resolved has been told. */
function settled(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

test('while the device catches up only the screen that is opened next is loaded, and then the others', async () => {
  const { loaded, listeners, quiet, put } = setUp({ status: 'connecting', attempt: 1 });
  expect(loaded).toEqual([]);
  await quiet();
  expect(loaded).toEqual(['thread']);
  await put(online('backfill'));
  expect(loaded).toEqual(['thread']);
  await put(online('live'));
  expect(loaded).toEqual(['thread', 'people', 'settings']);
  expect(listeners.size).toBe(0);
});

test('without a connection nothing is waited for, and what fails holds up nothing', async () => {
  const { loaded, quiet } = setUp({ status: 'offline', attempt: 1, retryAt: null, reason: 'no network' });
  await quiet();
  expect(loaded).toEqual(['thread', 'people', 'settings']);
});

test('after its end nothing more is loaded and nothing is listened to', async () => {
  const { loaded, listeners, end, quiet, put } = setUp(online('backfill'));
  await quiet();
  end();
  expect(listeners.size).toBe(0);
  await put(online('live'));
  expect(loaded).toEqual(['thread']);
});
