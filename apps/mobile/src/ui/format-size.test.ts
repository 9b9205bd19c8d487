import { expect, it } from 'vitest';
import { formatBytes, formatDuration } from './format-size.ts';

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_500, '1.5 KB'],
  [25_000_000, '25.0 MB'],
  [200_000_000, '200 MB'],
])('%d bytes are %s', (bytes, words) => {
  expect(formatBytes(bytes)).toBe(words);
});

it('a duration is minutes and seconds', () => {
  expect([formatDuration(0), formatDuration(67_400)]).toEqual(['0:00', '1:07']);
});
