import type { ConversationId } from '@couplet/protocol';
import { expect, test } from 'vitest';
import { placeLeft, placesForgotten, type ReadingPlace, readingSlice, type ReadingState } from './reading-slice.ts';

const PLACE: ReadingPlace = { seq: 12, offset: -3.5 };
const id = (number: number) => `conversation-${number}` as ConversationId;
const leave = (state: ReadingState, number: number, place: ReadingPlace | null) => readingSlice.reducer(state, placeLeft({ conversationId: id(number), place }));

test('a place is kept until the conversation is left at its end', () => {
  const kept = leave({}, 1, PLACE);
  expect(kept).toEqual({ [id(1)]: PLACE });
  expect(leave(kept, 1, null)).toEqual({});
});

test('of very many places the ones left longest ago go', () => {
  let state: ReadingState = {};
  for (let number = 0; number < 100; number += 1) state = leave(state, number, PLACE);
  state = leave(state, 0, PLACE);
  state = leave(state, 100, PLACE);
  expect(Object.keys(state)).toHaveLength(100);
  expect(state[id(0)]).toEqual(PLACE);
  expect(state[id(1)]).toBeUndefined();
});

test('signing out forgets them all', () => {
  expect(readingSlice.reducer(leave({}, 1, PLACE), placesForgotten())).toEqual({});
});
