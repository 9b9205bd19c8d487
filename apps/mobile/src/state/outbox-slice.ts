import type { PendingChange, PendingMessage } from '@couplet/client';
import type { ConversationId } from '@couplet/protocol';
import { createSlice, type PayloadAction } from '@reduxjs/toolkit';

/** What waits to be told to the server, in order. */
export interface ConversationOutbox {
  pending: PendingMessage[];
  /** Of messages; the messages themselves show them already. */
  changes: PendingChange[];
  /** Said, and being written to the device in this moment: behind what is pending. */
  composed: PendingMessage[];
}

/** Per conversation: a view of the messenger's outbox, which is the truth. */
export type OutboxState = Record<ConversationId, ConversationOutbox>;

const initialState: OutboxState = {};

export const outboxSlice = createSlice({
  name: 'outbox',
  initialState,
  reducers: {
    pendingChanged(state, action: PayloadAction<{ conversationId: ConversationId } & Omit<ConversationOutbox, 'composed'>>) {
      const { conversationId, pending, changes } = action.payload;
      const isPending = new Set(pending.map(({ clientMsgId }) => clientMsgId));
      const composed = state[conversationId]?.composed.filter(({ clientMsgId }) => !isPending.has(clientMsgId)) ?? [];
      put(state, conversationId, { pending, changes, composed });
    },
    messageComposed(state, { payload: pending }: PayloadAction<PendingMessage>) {
      const before = state[pending.conversationId] ?? NOTHING;
      put(state, pending.conversationId, { ...before, composed: [...before.composed, pending] });
    },
    /** It is in the outbox, and what the outbox tells shows it; or it could not be written and is not said. */
    messageWritten(state, { payload: { conversationId, clientMsgId } }: PayloadAction<PendingMessage>) {
      const before = state[conversationId];
      if (before !== undefined) put(state, conversationId, { ...before, composed: before.composed.filter((pending) => pending.clientMsgId !== clientMsgId) });
    },
    outboxForgotten: () => ({}),
  },
});

export const { pendingChanged, messageComposed, messageWritten, outboxForgotten } = outboxSlice.actions;

const NOTHING: ConversationOutbox = { pending: [], changes: [], composed: [] };

function put(state: OutboxState, conversationId: ConversationId, outbox: ConversationOutbox): void {
  if (outbox.pending.length === 0 && outbox.changes.length === 0 && outbox.composed.length === 0) delete state[conversationId];
  else state[conversationId] = outbox;
}
