import type { PendingChange, PendingMessage } from '@couplet/client';
import type { ConversationId } from '@couplet/protocol';
import { createSlice, type PayloadAction } from '@reduxjs/toolkit';

/** What waits to be told to the server, in order. */
export interface ConversationOutbox {
  pending: PendingMessage[];
  /** Of messages; the messages themselves show them already. */
  changes: PendingChange[];
}

/** Per conversation: a view of the messenger's outbox, which is the truth. */
export type OutboxState = Record<ConversationId, ConversationOutbox>;

const initialState: OutboxState = {};

export const outboxSlice = createSlice({
  name: 'outbox',
  initialState,
  reducers: {
    pendingChanged(state, action: PayloadAction<{ conversationId: ConversationId } & ConversationOutbox>) {
      const { conversationId, pending, changes } = action.payload;
      if (pending.length === 0 && changes.length === 0) delete state[conversationId];
      else state[conversationId] = { pending, changes };
    },
    outboxForgotten: () => ({}),
  },
});

export const { pendingChanged, outboxForgotten } = outboxSlice.actions;
