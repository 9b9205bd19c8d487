import { CoupletError, type UserId } from '@couplet/protocol';
import type { PrismaClient } from '../../database/prisma.ts';
import { insertBlock, userExists } from './blocks-repository.ts';

export interface BlockNeeds {
  prisma: PrismaClient;
  now: () => number;
  /** Tells the viewer's own devices that their conversation with this person changed. The other person is never told. */
  announceBlock(viewerId: UserId, peerId: UserId): Promise<void>;
}

/**
 * Blocking again changes nothing.
 *
 * @throws CoupletError `not_found`, `validation_failed` for blocking oneself
 */
export async function blockUser(needs: BlockNeeds, viewerId: UserId, peerId: UserId): Promise<void> {
  if (peerId === viewerId) throw new CoupletError('validation_failed', 'You cannot block yourself.');
  if (!(await userExists(needs.prisma, peerId))) throw new CoupletError('not_found');
  const isNew = await insertBlock(needs.prisma, viewerId, peerId, new Date(needs.now()));
  if (isNew) await needs.announceBlock(viewerId, peerId);
}
