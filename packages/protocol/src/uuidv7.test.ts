import { expect, it } from 'vitest';
import { userIdSchema } from './ids.ts';
import { uuidv7 } from './uuidv7.ts';

const fill = (value: number) => (bytes: Uint8Array) => {
  bytes.fill(value);
};

it('is a UUID of version 7 that carries its time', () => {
  expect(uuidv7(0x0190_a1b2_c3d4, fill(0xff))).toBe('0190a1b2-c3d4-7fff-bfff-ffffffffffff');
  expect(userIdSchema.safeParse(uuidv7(1, fill(0))).success).toBe(true);
});

it('sorts by time, whatever the random part', () => {
  expect(uuidv7(1_000, fill(0xff)) < uuidv7(1_001, fill(0))).toBe(true);
});
