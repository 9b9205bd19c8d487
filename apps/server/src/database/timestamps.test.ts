import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hourOf, isoFromMicros, microsFromIso } from './timestamps.ts';

it('keeps microseconds on the way to text and back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_000_000_000_000_000 }), (micros) => {
      expect(microsFromIso(isoFromMicros(micros))).toBe(micros);
    }),
  );
});

it('reads text with fewer digits', () => {
  expect(microsFromIso('2026-11-21T21:54:39Z')).toBe(1_795_298_079_000_000);
  expect(microsFromIso('2026-11-21T21:54:39.5Z')).toBe(1_795_298_079_500_000);
});

it('orders text as it orders time', () => {
  expect(isoFromMicros(1_795_298_079_123_456)).toBe('2026-11-21T21:54:39.123456Z');
  expect(isoFromMicros(hourOf(1_795_298_079_123_456))).toBe('2026-11-21T21:00:00.000000Z');
});
