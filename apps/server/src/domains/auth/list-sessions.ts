import type { Session, SessionId, UserId } from '@couplet/protocol';
import type { PrismaClient } from '../../database/prisma.ts';
import { sessionView } from './session-view.ts';
import { listActiveSessions } from './sessions-repository.ts';

/** Nobody signs in on more devices than this; the answer is not paged. */
const LISTED = 100;

/** The devices on which the viewer is signed in, the latest used first. */
export async function listSessions(
  needs: { prisma: PrismaClient; now: () => number },
  viewer: { userId: UserId; sessionId: SessionId },
): Promise<{ items: Session[] }> {
  const sessions = await listActiveSessions(needs.prisma, viewer.userId, new Date(needs.now()), LISTED);
  return { items: sessions.map((session) => sessionView(session, viewer.sessionId)) };
}
