import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isEmojiOnly, isRightToLeft, segmentsOf } from './message-text.ts';

function links(text: string): string[] {
  return segmentsOf(text).flatMap((segment) => (segment.type === 'link' ? [segment.href] : []));
}

test('an address in a sentence is a link without the sentence’s full stop', () => {
  expect(segmentsOf('See https://example.org/a?b=1. Then call.')).toEqual([
    { type: 'words', text: 'See ' },
    { type: 'link', text: 'https://example.org/a?b=1', href: 'https://example.org/a?b=1' },
    { type: 'words', text: '. Then call.' },
  ]);
});

test('www alone becomes https', () => {
  expect(links('www.example.org!')).toEqual(['https://www.example.org']);
});

test('brackets around an address are not part of it, brackets inside are', () => {
  expect(links('(https://example.org)')).toEqual(['https://example.org']);
  expect(links('https://example.org/Couplet_(verse)')).toEqual(['https://example.org/Couplet_(verse)']);
});

test('only web addresses become links', () => {
  expect(links('javascript:alert(1) file:///etc ftp://x.y mailto:a@b.c')).toEqual([]);
});

test('joined again the segments are the text, whatever it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.webUrl(), (words, url) => {
      const text = `${words} ${url} ${words}`;
      expect(segmentsOf(text).map((segment) => segment.text).join('')).toBe(text);
    }),
  );
});

test.each(['👍', '❤️', '👩‍👩‍👧‍👦', '🇨🇭', '1️⃣', '😀 😀😀', '👋🏽'])('%s alone is large', (text) => {
  expect(isEmojiOnly(text)).toBe(true);
});

test.each(['مرحبا', 'שלום 👋', '👋 123 مرحبا abc', '1. كلمة', '𞤀𞤁'])('%s reads from right to left', (text) => {
  expect(isRightToLeft(text)).toBe(true);
});

test.each(['', '👋 12:30', 'hello مرحبا', 'Привет', 'नमस्ते', '你好'])('%s reads from left to right', (text) => {
  expect(isRightToLeft(text)).toBe(false);
});

test.each(['', '   ', '12', '#', 'ok 👍', '😀😀😀😀😀😀', '©opy', 'a'.repeat(8_000)])('%s is text', (text) => {
  expect(isEmojiOnly(text)).toBe(false);
});
