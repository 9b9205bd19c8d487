import { CoupletError, type UserId } from '@couplet/protocol';
import { inTransaction } from '../../database/transaction.ts';
import type { BlockNeeds } from './block-user.ts';
import { deleteBlock } from './blocks-repository.ts';
import { userExists } from './users-repository.ts';

/**
 * Without a block it changes nothing.
 *
 * @throws CoupletError `not_found`
 */
export async function unblockUser(
  needs: Pick<BlockNeeds, 'pool' | 'announceBlock' | 'deliver'>,
  viewerId: UserId,
  peerId: UserId,
): Promise<void> {
  if (!(await userExists(needs.pool, peerId))) throw new CoupletError('not_found');
  const appended = await inTransaction(needs.pool, async (tx) => {
    const wasBlocked = await deleteBlock(tx, viewerId, peerId);
    return wasBlocked ? needs.announceBlock(tx, viewerId, peerId) : [];
  });
  await needs.deliver(appended);
}
