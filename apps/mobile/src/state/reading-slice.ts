import type { ConversationId } from '@couplet/protocol';
import { createSlice, type PayloadAction } from '@reduxjs/toolkit';

/** Where somebody stopped reading in the middle of a conversation. */
export interface ReadingPlace {
  /** Of the first message in view. */
  seq: number;
  /** Points from the top of the view to the top of that message; negative when it is partly above. */
  offset: number;
}

/** Of each conversation that was left elsewhere than at its end; the one left last is the last. */
export type ReadingState = Record<ConversationId, ReadingPlace>;

/** Who reads in the middle of more conversations than this finds the oldest ones at their end. */
const PLACES_KEPT = 100;

const initialState: ReadingState = {};

export const readingSlice = createSlice({
  name: 'reading',
  initialState,
  reducers: {
    /** `null`: at the end, where a conversation opens by itself. */
    placeLeft(state, { payload }: PayloadAction<{ conversationId: ConversationId; place: ReadingPlace | null }>) {
      delete state[payload.conversationId];
      if (payload.place === null) return;
      state[payload.conversationId] = payload.place;
      const [oldest, ...others] = Object.keys(state) as ConversationId[];
      if (others.length >= PLACES_KEPT && oldest !== undefined) delete state[oldest];
    },
    placesForgotten: () => initialState,
  },
});

export const { placeLeft, placesForgotten } = readingSlice.actions;
