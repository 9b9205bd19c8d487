import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    name: 'e2e',
    include: ['**/*.test.ts'],
    environment: 'node',
    // Each file has a server and a browser of its own; side by side they would only wait for each other.
    fileParallelism: false,
    // Starting a database and a browser on a busy machine of two cores.
    hookTimeout: 60_000,
    testTimeout: 60_000,
    // What a test waits for on such a machine comes late, not never.
    expect: { poll: { timeout: 10_000 } },
  },
});
