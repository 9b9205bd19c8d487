import type { SessionId, Viewer } from '@couplet/protocol';

export type SessionState =
  | { status: 'restoring' }
  | { status: 'signed-out'; reason: SignOutReason }
  | { status: 'signed-in'; viewer: Viewer; sessionId: SessionId };

/**
 * - `none`: nobody was signed in, or what was stored could not be read
 * - `logout`: the person signed out here
 * - `expired`: the refresh token was too old
 * - `revoked`: the session was ended from elsewhere
 */
export type SignOutReason = 'none' | 'logout' | 'expired' | 'revoked';
