import type { RandomPort } from '../ports/ports.ts';

/** The same numbers for the same seed (mulberry32). Not for ids that anybody should not guess. */
export function seededRandom(seed: number): RandomPort {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }
  return {
    fraction: () => next() / 2 ** 32,
    fill(bytes) {
      for (let i = 0; i < bytes.length; i += 1) bytes[i] = next() & 0xff;
    },
  };
}
