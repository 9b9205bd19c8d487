/**
 * The words of a text, as search sees them: the same on the server (PostgreSQL
 * full text) and on the device, in every language.
 *
 * Case and accents are folded; anything that is neither letter nor digit
 * separates words; scripts written without spaces (Han, Kana, Thai, Lao, Khmer,
 * Myanmar) give one word per character, so that any part of a sentence finds it.
 * A word is cut at 64 characters; a text gives at most 400 distinct words.
 */
export function searchWords(text: string): string[] {
  const folded = text.normalize('NFKD').replace(MARKS, '').toLowerCase();
  const words = new Set<string>();
  for (const match of folded.matchAll(WORD)) {
    words.add([...match[0]].slice(0, MAX_WORD_LENGTH).join(''));
    if (words.size === MAX_WORDS) break;
  }
  return [...words];
}

/** Whether it is a word of a script without spaces: no other word begins with it. */
export function isWholeWord(word: string): boolean {
  return WHOLE_WORD.test(word);
}

const UNSPACED = '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}';
// The look-ahead for a letter or digit: these scripts hold punctuation of their own (the Khmer khan).
const WORD = new RegExp(`(?=[\\p{L}\\p{N}])[${UNSPACED}]|(?:(?![${UNSPACED}])[\\p{L}\\p{N}])+`, 'gu');
const WHOLE_WORD = new RegExp(`^[${UNSPACED}]$`, 'u');
const MARKS = /\p{M}/gu;
const MAX_WORD_LENGTH = 64;
const MAX_WORDS = 400;
