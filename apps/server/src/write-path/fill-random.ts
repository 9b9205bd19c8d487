import { randomFillSync } from 'node:crypto';

/** Random bytes are fetched for 256 ids at once: a fetch costs more than an id does otherwise. */
const POOL = new Uint8Array(4_096);
let used = POOL.length;

/** Fills `bytes` (at most 4,096) with strong random values, none of them used twice. */
export function fillRandom(bytes: Uint8Array): void {
  if (used + bytes.length > POOL.length) {
    randomFillSync(POOL);
    used = 0;
  }
  bytes.set(POOL.subarray(used, used + bytes.length));
  used += bytes.length;
}
