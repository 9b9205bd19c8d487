import { expect, it } from 'vitest';
import { formatBytes, formatDuration, mediaSize } from './media-size.ts';

it('a picture keeps its shape within the bubble, and a stripe can be tapped', () => {
  expect(mediaSize(4_000, 3_000)).toEqual({ width: 280, height: 210 });
  expect(mediaSize(3_000, 4_000)).toEqual({ width: 255, height: 340 });
  expect(mediaSize(200, 100)).toEqual({ width: 200, height: 100 });
  expect(mediaSize(5_000, 10).height).toBe(90);
  expect(mediaSize(undefined, undefined)).toEqual({ width: 280, height: 210 });
});

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
