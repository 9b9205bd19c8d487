import type { PendingMessage } from '@couplet/client';
import type { ConversationId } from '@couplet/protocol';
import { createSlice, type PayloadAction } from '@reduxjs/toolkit';

/** What waits to be sent, per conversation, in order: a view of the messenger's outbox, which is the truth. */
export type OutboxState = Record<ConversationId, PendingMessage[]>;

const initialState: OutboxState = {};

export const outboxSlice = createSlice({
  name: 'outbox',
  initialState,
  reducers: {
    pendingChanged(state, action: PayloadAction<{ conversationId: ConversationId; pending: PendingMessage[] }>) {
      const { conversationId, pending } = action.payload;
      if (pending.length === 0) delete state[conversationId];
      else state[conversationId] = pending;
    },
    outboxForgotten: () => ({}),
  },
});

export const { pendingChanged, outboxForgotten } = outboxSlice.actions;
