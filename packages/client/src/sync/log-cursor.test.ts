import { describe, expect, it } from 'vitest';
import { advance, contiguous, cursorAt, hasGap, hold, notice } from './log-cursor.ts';

describe('the place in the log', () => {
  it('takes the next event, ignores an old one and holds a later one', () => {
    let cursor = cursorAt<string>(4);
    cursor = hold(cursor, 4, 'old');
    expect([contiguous(cursor), hasGap(cursor)]).toEqual([[], false]);
    cursor = hold(cursor, 6, 'six');
    expect([contiguous(cursor), hasGap(cursor)]).toEqual([[], true]);
    cursor = hold(cursor, 5, 'five');
    expect([contiguous(cursor), hasGap(cursor)]).toEqual([['five', 'six'], false]);
  });

  it('drops what a page has brought and keeps what lies beyond it', () => {
    let cursor = cursorAt<string>(0);
    for (const position of [2, 3, 5]) cursor = hold(cursor, position, String(position));
    cursor = advance(cursor, 3);
    expect([cursor.reached, contiguous(cursor), hasGap(cursor)]).toEqual([3, [], true]);
    cursor = advance(cursor, 4);
    expect(contiguous(cursor)).toEqual(['5']);
  });

  it('has a gap when the log is known to go on and nothing of it is here', () => {
    const cursor = notice(cursorAt<string>(4), 4);
    expect(hasGap(cursor)).toBe(false);
    expect(hasGap(notice(cursor, 5))).toBe(true);
    expect(hasGap(hold(notice(cursor, 5), 5, 'five'))).toBe(false);
    expect(notice(notice(cursor, 7), 5).seen).toBe(7);
  });

  it('remembers that there is more when it can hold no more', () => {
    let cursor = cursorAt<number>(0);
    for (let position = 1; position <= 1_500; position += 1) cursor = hold(cursor, position, position);
    expect(contiguous(cursor)).toHaveLength(1_000);
    cursor = advance(cursor, 1_000);
    expect([cursor.held.size, cursor.seen, hasGap(cursor)]).toEqual([0, 1_500, true]);
  });
});
