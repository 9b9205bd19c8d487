import { expect, it } from 'vitest';
import { plainArray, textArray } from './array-literals.ts';

it('ids, numbers and times are written as they are', () => {
  expect(plainArray([])).toBe('{}');
  expect(plainArray([7])).toBe('{7}');
  expect(plainArray([null])).toBe('{NULL}');
  expect(plainArray(['2026-11-22T04:00:00.000001Z', null, 'text'])).toBe('{2026-11-22T04:00:00.000001Z,NULL,text}');
});

it('texts are quoted, so that nothing in them ends an element', () => {
  expect(textArray(['', 'NULL', null, 'a,b {c}', 'she said "no"\\ ', 'two\nlines'])).toBe(
    '{"","NULL",NULL,"a,b {c}","she said \\"no\\"\\\\ ","two\nlines"}',
  );
});
