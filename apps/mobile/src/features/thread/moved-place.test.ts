import { expect, it } from 'vitest';
import { placeAfter, withMoved } from './moved-place.ts';

it('an entry moves down and up, and the others keep their order', () => {
  expect(withMoved(['a', 'b', 'c', 'd'], 0, 2)).toEqual(['b', 'c', 'a', 'd']);
  expect(withMoved(['a', 'b', 'c', 'd'], 3, 1)).toEqual(['a', 'd', 'b', 'c']);
  expect(withMoved(['a', 'b'], 1, 1)).toEqual(['a', 'b']);
});

it('what is dragged takes the place it lies over for more than half, and never leaves the list', () => {
  expect(placeAfter(1, 30, 64, 4)).toBe(1);
  expect(placeAfter(1, 34, 64, 4)).toBe(2);
  expect(placeAfter(1, -1_000, 64, 4)).toBe(0);
  expect(placeAfter(1, 1_000, 64, 4)).toBe(3);
});
