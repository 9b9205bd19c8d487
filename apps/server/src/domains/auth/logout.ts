import type { SessionId, UserId } from '@couplet/protocol';
import { type EndSessionNeeds, endSession } from './end-session.ts';

/** Ends the session that asks. */
export async function logout(needs: EndSessionNeeds, viewer: { userId: UserId; sessionId: SessionId }): Promise<void> {
  await endSession(needs, viewer.userId, viewer.sessionId, 'logout');
}
