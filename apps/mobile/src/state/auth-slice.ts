import type { SessionState } from '@couplet/client';
import type { Viewer } from '@couplet/protocol';
import { createSlice, type PayloadAction } from '@reduxjs/toolkit';

/**
 * Who is signed in, as the screens see it. Tokens are not here: they stay in
 * the platform's secure storage. While `restoring`, `viewer` is the one of the
 * last run, so that the first frame already has a face.
 */
export interface AuthState {
  status: SessionState['status'];
  viewer: Viewer | null;
  /** Why the session ended, for the sign-in screen to say. */
  endedBy: 'none' | 'logout' | 'expired' | 'revoked';
}

export const initialAuthState: AuthState = { status: 'restoring', viewer: null, endedBy: 'none' };

export const authSlice = createSlice({
  name: 'auth',
  initialState: initialAuthState,
  reducers: {
    sessionChanged(state, action: PayloadAction<SessionState>) {
      const session = action.payload;
      switch (session.status) {
        case 'restoring':
          state.status = 'restoring';
          return;
        case 'signed-out':
          return { status: 'signed-out', viewer: null, endedBy: session.reason };
        case 'signed-in':
          return { status: 'signed-in', viewer: session.viewer, endedBy: 'none' };
      }
    },
  },
});

export const { sessionChanged } = authSlice.actions;
