import { configDefaults, defineConfig } from 'vitest/config';

const IN_BROWSER = 'src/**/*.browser.test.ts';

/** The pure parts, and what only a real browser has: screens are tried from end to end. */
export default defineConfig({
  test: {
    environment: 'node',
    // Only to end what hangs.
    testTimeout: 30_000,
    projects: [
      // Two cores, of which the runner would leave one alone. Loading everything anew for each file cost more than the tests.
      { extends: true, test: { name: 'mobile', include: ['src/**/*.test.ts'], exclude: [...configDefaults.exclude, IN_BROWSER], maxWorkers: 2, isolate: false } },
      // After those and one at a time: some hold the app to its times.
      { extends: true, test: { name: 'mobile in a browser', include: [IN_BROWSER], maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
  },
});
