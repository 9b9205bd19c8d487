import { expect, test } from 'vitest';
import { excerptAround } from './excerpt-around.ts';

test('a found message shows the part with the word', () => {
  expect(excerptAround(`${'far '.repeat(40)}needle here`, 'NEEDLE')).toMatch(/^….{24}needle here$/);
  expect(excerptAround('needle\n\n first', 'needle')).toBe('needle first');
});
