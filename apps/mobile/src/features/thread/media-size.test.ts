import { expect, it } from 'vitest';
import { mediaSize, tileFrame, tileShape } from './media-size.ts';

it('a picture keeps its shape within the bubble, and a stripe can be tapped', () => {
  expect(mediaSize(4_000, 3_000)).toEqual({ width: 280, height: 210 });
  expect(mediaSize(3_000, 4_000)).toEqual({ width: 255, height: 340 });
  expect(mediaSize(200, 100)).toEqual({ width: 200, height: 100 });
  expect(mediaSize(5_000, 10).height).toBe(90);
  expect(mediaSize(undefined, undefined)).toEqual({ width: 280, height: 210 });
});

it('an album has two squares in a row, and its last row no gap', () => {
  const shapesOf = (count: number) => Array.from({ length: count }, (_, index) => tileShape(index, count));
  expect([shapesOf(1), shapesOf(2), shapesOf(3)]).toEqual([['alone'], ['square', 'square'], ['square', 'square', 'wide']]);
  expect(tileFrame('wide', 4_000, 3_000)).toEqual(tileFrame('square', 3_000, 4_000));
  expect(tileFrame('alone', 4_000, 3_000)).toMatchObject({ width: 280, height: 210 });
});
