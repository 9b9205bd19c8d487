import { expect, test } from 'vitest';
import { mostZoom, movedSquare, placeOf, widestSquare, zoomedSquare, zoomOf } from './photo-crop.ts';

const LANDSCAPE = { width: 4_000, height: 3_000 };

test('begins with the middle of the picture', () => {
  expect(widestSquare(LANDSCAPE)).toEqual({ left: 500, top: 0, side: 3_000 });
  expect(widestSquare({ width: 300, height: 900 })).toEqual({ left: 0, top: 300, side: 300 });
});

test('follows the finger and never leaves the picture', () => {
  const square = widestSquare(LANDSCAPE);
  expect(movedSquare(LANDSCAPE, square, 200, 50)).toEqual({ left: 300, top: 0, side: 3_000 });
  expect(movedSquare(LANDSCAPE, square, -9_999, 0).left).toBe(1_000);
  expect(movedSquare(LANDSCAPE, square, 9_999, 0).left).toBe(0);
});

test('zooms around the middle of what is shown, back out into the picture', () => {
  const close = zoomedSquare(LANDSCAPE, widestSquare(LANDSCAPE), 3);
  expect(close).toEqual({ left: 1_500, top: 1_000, side: 1_000 });
  expect(zoomOf(LANDSCAPE, close)).toBe(3);
  const corner = movedSquare(LANDSCAPE, close, -9_999, -9_999);
  expect(zoomedSquare(LANDSCAPE, corner, 1)).toEqual({ left: 1_000, top: 0, side: 3_000 });
});

test('zooms in as long as there are pixels to show, and never out of the picture', () => {
  expect(zoomedSquare(LANDSCAPE, widestSquare(LANDSCAPE), 1_000).side).toBe(128);
  expect(zoomedSquare(LANDSCAPE, widestSquare(LANDSCAPE), 0.1).side).toBe(3_000);
  expect(mostZoom({ width: 60, height: 40 })).toBe(1);
});

test('the square fills the stage', () => {
  expect(placeOf(LANDSCAPE, { left: 1_500, top: 1_000, side: 1_000 }, 300)).toEqual({ left: -450, top: -300, width: 1_200, height: 900 });
});
