import { defineConfig } from 'vitest/config';

// Loading everything anew for each file cost more than the tests: nothing here keeps state in a module. The time is only to end what hangs.
export default defineConfig({ test: { name: 'client', include: ['src/**/*.test.ts'], maxWorkers: 2, isolate: false, testTimeout: 30_000 } });
