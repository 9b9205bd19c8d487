import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The app speaks Pusher unless built otherwise; what depends on how it speaks is gone through both ways. */
const OVER_BOTH_TRANSPORTS = [
  'browser-killed',
  'changes-made-offline',
  'cut-off',
  'kept-on-the-device',
  'long-history',
  'offline-web-app',
  'searching',
  'server-killed-in-a-burst',
  'sign-in',
  'swallowed-answers',
  'two-people-talk',
  'where-one-was',
];

/** Where `npm run build` puts the app that speaks the native protocol, for tests alone. */
const NATIVE_WEB_DIST = join(import.meta.dirname, '../apps/mobile/dist-native');

/** Those that keep a browser busy. The others mostly wait. */
const BUSY = ['long-history', 'server-killed-in-a-burst', 'swallowed-answers', 'browser-killed'];

/** Over Pusher those come first, over the native protocol last: beside each other they would only wait for two cores. */
class BusyApart extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const ofProject = (name: string) => {
      const own = files.filter(({ project }) => project.name === name);
      const busy = BUSY.flatMap((word) => own.filter(({ moduleId }) => moduleId.includes(word)));
      return [...new Set([...busy, ...own])];
    };
    const [pusher, native] = [ofProject('pusher'), ofProject('native').reverse()];
    const inTurn = pusher.flatMap((file, place) => [file, ...native.slice(place, place + 1)]);
    return Promise.resolve([...new Set([...inTurn, ...native, ...files])]);
  }
}

export default defineConfig({
  test: {
    environment: 'node',
    // A journey waits more than it works, and each file has a server and a browser of its own. A third lane would wait for the other two.
    maxWorkers: 2,
    sequence: { sequencer: BusyApart },
    // Starting a database and a browser on a busy machine of two cores.
    hookTimeout: 120_000,
    testTimeout: 120_000,
    // What a test waits for on such a machine comes late, not never.
    expect: { poll: { timeout: 20_000 } },
    projects: [
      { extends: true, test: { name: 'pusher', include: ['journeys/*.test.ts'] } },
      { extends: true, test: { name: 'native', include: OVER_BOTH_TRANSPORTS.map((name) => `journeys/${name}.test.ts`), env: { WEB_DIR: NATIVE_WEB_DIST, HISTORY: '400' } } },
      // After the journeys, alone: a run of faults counts what happened within its seconds.
      { extends: true, test: { name: 'faults', include: ['faults/*.test.ts'], sequence: { groupOrder: 1 } } },
    ],
  },
});
