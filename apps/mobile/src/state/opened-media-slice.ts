import type { AttachmentId, ConversationId } from '@couplet/protocol';
import { createSlice, type PayloadAction } from '@reduxjs/toolkit';
import { sessionChanged } from './auth-slice.ts';

/** A picture or video of a conversation, by the message that carries it. */
export interface OpenedMedia {
  conversationId: ConversationId;
  seq: number;
  attachmentId: AttachmentId;
}

/** What is shown over the whole screen; whoever opened it stays as it is below. */
export const openedMediaSlice = createSlice({
  name: 'openedMedia',
  initialState: { opened: null as OpenedMedia | null },
  reducers: {
    mediaOpened(state, action: PayloadAction<OpenedMedia>) {
      state.opened = action.payload;
    },
    mediaClosed(state) {
      state.opened = null;
    },
  },
  extraReducers: (builder) => {
    builder.addCase(sessionChanged, (state, { payload }) => {
      if (payload.status === 'signed-out') state.opened = null;
    });
  },
});

export const { mediaOpened, mediaClosed } = openedMediaSlice.actions;
