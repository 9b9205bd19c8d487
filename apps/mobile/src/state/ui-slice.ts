import type { ConversationId } from '@couplet/protocol';
import { createSlice, type PayloadAction } from '@reduxjs/toolkit';
import type { Appearance } from '../ui/theme.tsx';

/** What pictures may take of the device, in bytes. The middle one is some thousand pictures as the thread shows them. */
export const MEDIA_BOUNDS = [100e6, 300e6, 1e9] as const;

export const LIST_WIDTH = { least: 280, most: 520, initial: 360 } as const;

export interface UiState {
  appearance: Appearance;
  selectedConversationId: ConversationId | null;
  /** Points, of the list in the two-pane layout. */
  listWidth: number;
  /** Phones only: where the server is. The web app's is where it came from. */
  serverUrl: string | null;
  /** Whether the person wants push notifications on this device. */
  pushes: 'undecided' | 'on' | 'off';
  /** Of photos that are sent, unless another one is chosen where they are sent. */
  photoQuality: PhotoQuality;
  /** Over a metered connection files wait, and pictures show small until they are opened. */
  waitsWhileMetered: boolean;
  /** How much of the device pictures may take. */
  mediaBoundBytes: number;
}

export type PhotoQuality = 'standard' | 'original';

export const initialUiState: UiState = { appearance: 'system', selectedConversationId: null, listWidth: LIST_WIDTH.initial, serverUrl: null, pushes: 'undecided', photoQuality: 'standard', waitsWhileMetered: false, mediaBoundBytes: MEDIA_BOUNDS[1] };

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
    pushesChosen(state, action: PayloadAction<'on' | 'off'>) {
      state.pushes = action.payload;
    },
    serverChosen(state, action: PayloadAction<string>) {
      state.serverUrl = action.payload;
    },
    photoQualityChosen(state, action: PayloadAction<PhotoQuality>) {
      state.photoQuality = action.payload;
    },
    meteredWaitChosen(state, action: PayloadAction<boolean>) {
      state.waitsWhileMetered = action.payload;
    },
    mediaBoundChosen(state, action: PayloadAction<number>) {
      state.mediaBoundBytes = action.payload;
    },
  },
});

export const { appearanceChosen, conversationSelected, listResized, pushesChosen, serverChosen, photoQualityChosen, meteredWaitChosen, mediaBoundChosen } = uiSlice.actions;
