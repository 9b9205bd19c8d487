import { CoupletError, type UserId } from '@couplet/protocol';
import type { BlockNeeds } from './block-user.ts';
import { deleteBlock, userExists } from './blocks-repository.ts';

/**
 * Without a block it changes nothing.
 *
 * @throws CoupletError `not_found`
 */
export async function unblockUser(needs: Omit<BlockNeeds, 'now'>, viewerId: UserId, peerId: UserId): Promise<void> {
  if (!(await userExists(needs.prisma, peerId))) throw new CoupletError('not_found');
  const wasBlocked = await deleteBlock(needs.prisma, viewerId, peerId);
  if (wasBlocked) await needs.announceBlock(viewerId, peerId);
}
