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
    // Only to end what hangs: starting servers takes half a minute where the host takes the processor away.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
