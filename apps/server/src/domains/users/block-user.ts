import { CoupletError, type UserId } from '@couplet/protocol';
import type pg from 'pg';
import { inTransaction, type Transaction } from '../../database/transaction.ts';
import type { AppendedEvent } from '../../event-log/append-events.ts';
import { insertBlock } from './blocks-repository.ts';
import { userExists } from './users-repository.ts';

export interface BlockNeeds {
  pool: pg.Pool;
  now: () => number;
  announceBlock(tx: Transaction, viewerId: UserId, peerId: UserId): Promise<AppendedEvent[]>;
  deliver(appended: readonly AppendedEvent[]): Promise<void>;
  /** From now on neither of the two sees the other's presence. */
  severPresence(one: UserId, other: UserId): void;
}

/**
 * Blocking again changes nothing.
 *
 * @throws CoupletError `not_found`, `validation_failed` for blocking oneself
 */
export async function blockUser(needs: BlockNeeds, viewerId: UserId, peerId: UserId): Promise<void> {
  if (peerId === viewerId) throw new CoupletError('validation_failed', 'You cannot block yourself.');
  if (!(await userExists(needs.pool, peerId))) throw new CoupletError('not_found');
  const appended = await inTransaction(needs.pool, async (tx) => {
    const isNew = await insertBlock(tx, viewerId, peerId, new Date(needs.now()));
    return isNew ? needs.announceBlock(tx, viewerId, peerId) : [];
  });
  needs.severPresence(viewerId, peerId);
  await needs.deliver(appended);
}
