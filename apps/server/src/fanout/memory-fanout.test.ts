import { describe } from 'vitest';
import { describeFanout } from './fanout-contract.ts';
import { MemoryFanout } from './memory-fanout.ts';

describe('the fan-out in memory', () => {
  describeFanout(async () => {
    const fanout = new MemoryFanout();
    return { near: fanout, far: fanout, settled: () => Promise.resolve(), close: () => fanout.close() };
  });
});
