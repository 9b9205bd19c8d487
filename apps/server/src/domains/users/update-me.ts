import { CoupletError, type UserId, type Viewer } from '@couplet/protocol';
import type pg from 'pg';
import { inTransaction } from '../../database/transaction.ts';
import { viewerView } from './user-view.ts';
import { updateProfile } from './users-repository.ts';

export interface UpdateMeNeeds {
  pool: pg.Pool;
  now: () => number;
  /** Tells the people this user talks with that what they see of them changed. */
  announceProfile(userId: UserId): Promise<void>;
}

/** @throws CoupletError `already_registered` when somebody else has the username */
export async function updateMe(
  needs: UpdateMeNeeds,
  viewerId: UserId,
  changes: { name?: string | undefined; username?: string | undefined },
): Promise<Viewer> {
  const updatedAt = new Date(needs.now()).toISOString();
  const saved = await inTransaction(needs.pool, (tx) => updateProfile(tx, viewerId, changes, updatedAt));
  if (!saved) throw new CoupletError('not_authenticated');
  const { before, after } = saved;
  if (before.name !== after.name || before.username !== after.username) await needs.announceProfile(viewerId);
  return viewerView(after);
}
