import type { ConversationId } from '@couplet/protocol';
import { createSlice, type PayloadAction } from '@reduxjs/toolkit';
import type { Appearance } from '../ui/theme.tsx';

export const LIST_WIDTH = { least: 280, most: 520, initial: 360 } as const;

export interface UiState {
  appearance: Appearance;
  selectedConversationId: ConversationId | null;
  /** Points, of the list in the two-pane layout. */
  listWidth: number;
  /** Phones only: where the server is. The web app's is where it came from. */
  serverUrl: string | null;
}

export const initialUiState: UiState = { appearance: 'system', selectedConversationId: null, listWidth: LIST_WIDTH.initial, serverUrl: null };

export const uiSlice = createSlice({
  name: 'ui',
  initialState: initialUiState,
  reducers: {
    appearanceChosen(state, action: PayloadAction<Appearance>) {
      state.appearance = action.payload;
    },
    conversationSelected(state, action: PayloadAction<ConversationId | null>) {
      state.selectedConversationId = action.payload;
    },
    listResized(state, action: PayloadAction<number>) {
      state.listWidth = Math.round(Math.max(LIST_WIDTH.least, Math.min(action.payload, LIST_WIDTH.most)));
    },
    serverChosen(state, action: PayloadAction<string>) {
      state.serverUrl = action.payload;
    },
  },
});

export const { appearanceChosen, conversationSelected, listResized, serverChosen } = uiSlice.actions;
