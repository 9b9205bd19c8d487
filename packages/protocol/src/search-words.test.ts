import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isWholeWord, searchWords } from './search-words.ts';

it.each([
  ['Élodie, à bientôt !', ['elodie', 'a', 'bientot']],
  ['invoice-2026-114.pdf', ['invoice', '2026', '114', 'pdf']],
  ['ana@demo.test', ['ana', 'demo', 'test']],
  ['Ärger ärger', ['arger']],
  ['你好 world', ['你', '好', 'world']],
  ['ขอบ', ['ข', 'อ', 'บ']],
  ['Привет, мир', ['привет', 'мир']],
  ['👍🏽 !!', []],
  ['កខ។', ['ក', 'ខ']],
  ['𐐀'.repeat(65), ['𐐨'.repeat(64)]],
])('finds the words of %s', (text, words) => {
  expect(searchWords(text)).toEqual(words);
});

it('gives words that need no quoting in a search index', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      for (const word of searchWords(text)) expect(word).toMatch(/^[\p{L}\p{N}]{1,64}$/u);
    }),
  );
});

it('is bounded', () => {
  const text = Array.from({ length: 2_000 }, (_, n) => `w${n}`).join(' ');
  expect(searchWords(text)).toHaveLength(400);
  expect(searchWords('x'.repeat(8_000))).toEqual(['x'.repeat(64)]);
});

it('knows the words that no other word begins with', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('你', '好', 'ข', 'か', 'か\u3099', 'x', 'ä', '9', '각', ' ') }), (text) => {
      const words = searchWords(text);
      for (const word of words.filter(isWholeWord)) expect(words.filter((other) => other.startsWith(word))).toEqual([word]);
    }),
  );
  expect(searchWords('你 x 각 かa').filter(isWholeWord)).toEqual(['你', 'か']);
});
