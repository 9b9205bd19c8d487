import { describe } from 'vitest';
import { describeChannelState } from './channel-state-contract.ts';
import { MemoryChannelState } from './memory-channel-state.ts';

describe('channel state in memory', () => {
  describeChannelState(() => {
    let now = 1_000_000;
    const state = new MemoryChannelState(() => now);
    const pass = (ms: number) => {
      now += ms;
    };
    return Promise.resolve({ near: state, far: state, settled: () => Promise.resolve(), pass });
  });
});
