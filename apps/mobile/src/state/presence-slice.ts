import type { ConversationId, Presence, UserId } from '@couplet/protocol';
import { createSlice, type PayloadAction } from '@reduxjs/toolkit';

/** Signals, not facts: presence of the people in sight and who is typing where. Never persisted. */
export interface PresenceState {
  byUser: Record<UserId, Presence>;
  typing: Record<ConversationId, UserId>;
}

const initialState: PresenceState = { byUser: {}, typing: {} };

export const presenceSlice = createSlice({
  name: 'presence',
  initialState,
  reducers: {
    presenceChanged(state, action: PayloadAction<Presence>) {
      state.byUser[action.payload.userId] = action.payload;
    },
    typingStarted(state, action: PayloadAction<{ conversationId: ConversationId; userId: UserId }>) {
      state.typing[action.payload.conversationId] = action.payload.userId;
    },
    typingEnded(state, action: PayloadAction<ConversationId>) {
      delete state.typing[action.payload];
    },
    /** Another account must not see who this one knew. */
    presenceErased: () => initialState,
    /** Without a connection nobody is known to be online, or to be typing. */
    presenceForgotten(state) {
      state.typing = {};
      for (const presence of Object.values(state.byUser)) presence.status = 'unknown';
    },
  },
});

export const { presenceChanged, typingStarted, typingEnded, presenceErased, presenceForgotten } = presenceSlice.actions;
