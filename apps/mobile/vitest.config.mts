import { defineConfig } from 'vitest/config';

/** The pure parts only: screens are tried in a real browser, from end to end. */
export default defineConfig({
  test: {
    name: 'mobile',
    include: ['src/**/*.test.ts'],
    environment: 'node',
    // Two cores, of which the runner would leave one alone.
    maxWorkers: 2,
  },
});
