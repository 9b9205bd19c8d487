import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    name: 'server',
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    environment: 'node',
    globalSetup: ['./test/postgres.ts'],
    // Two cores: the tests, and the PostgreSQL they all talk to.
    maxWorkers: 2,
    // Loading everything anew for each file cost more than the tests: nothing here keeps state in a module.
    isolate: false,
    // Only to end what hangs: on a busy machine everything here may take ten times as long.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
