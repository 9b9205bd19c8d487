import { CoupletError, type SessionId, type UserId } from '@couplet/protocol';
import type { PrismaClient } from '../../database/prisma.ts';
import { type EndSessionNeeds, endSession } from './end-session.ts';
import { sessionBelongsTo } from './sessions-repository.ts';

/** @throws CoupletError `not_found` when the viewer has no such session */
export async function revokeSession(needs: EndSessionNeeds & { prisma: PrismaClient }, viewerId: UserId, sessionId: SessionId): Promise<void> {
  if (!(await sessionBelongsTo(needs.prisma, sessionId, viewerId))) throw new CoupletError('not_found');
  await endSession(needs, viewerId, sessionId, 'revoked');
}
