import { expect, it } from 'vitest';
import { CLOSE_CODES, reconnectAdvice } from './close-codes.ts';

it('gives each code once', () => {
  const codes = Object.values(CLOSE_CODES).map((entry) => entry.code);
  expect(new Set(codes).size).toBe(codes.length);
});

it('advises to come back later for any code it does not know', () => {
  expect(reconnectAdvice(1006)).toBe('backoff');
  expect(reconnectAdvice(4999)).toBe('backoff');
  expect(reconnectAdvice(4401)).toBe('reauthenticate');
  expect(reconnectAdvice(4503)).toBe('server-delay');
  expect(reconnectAdvice(4409)).toBe('never');
});
