import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    name: 'test-system',
    include: ['src/**/*.test.ts'],
    environment: 'node',
    // They mostly wait: two at a time, of two cores.
    maxWorkers: 2,
    // The server's: one real PostgreSQL for the whole run.
    globalSetup: ['../../apps/server/test/postgres.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
