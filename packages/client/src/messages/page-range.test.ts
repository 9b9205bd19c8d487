import { describe, expect, it } from 'vitest';
import { CONVERSATION_ID } from '../testing/index.ts';
import { pageRange } from './page-range.ts';

const range = (at: 'end' | 'before' | 'after' | 'around', seq: number, lastSeq: number, limit = 10) => {
  const base = { conversationId: CONVERSATION_ID, limit };
  const { fromSeq, toSeq } = pageRange(at === 'end' ? { ...base, at } : { ...base, at, seq }, lastSeq, limit);
  return [fromSeq, toSeq];
};

describe('the range of a page', () => {
  it('at the end is the last ones', () => {
    expect(range('end', 0, 100)).toEqual([91, 100]);
    expect(range('end', 0, 4)).toEqual([1, 4]);
    expect(range('end', 0, 0)).toEqual([1, 0]);
  });

  it('before and after a seq stops at either end', () => {
    expect(range('before', 50, 100)).toEqual([40, 49]);
    expect(range('before', 4, 100)).toEqual([1, 3]);
    expect(range('before', 1, 100)).toEqual([1, 0]);
    expect(range('after', 50, 100)).toEqual([51, 60]);
    expect(range('after', 97, 100)).toEqual([98, 100]);
    expect(range('after', 100, 100)).toEqual([101, 100]);
  });

  it('around a seq holds it, and is full wherever the conversation is long enough', () => {
    for (let seq = 1; seq <= 100; seq += 1) {
      const [from = 0, to = 0] = range('around', seq, 100);
      expect([to - from + 1, from <= seq && seq <= to]).toEqual([10, true]);
    }
    expect(range('around', 2, 5)).toEqual([1, 5]);
    expect(range('around', 999, 100)).toEqual([91, 100]);
    expect(range('around', 1, 0)).toEqual([1, 0]);
  });
});
