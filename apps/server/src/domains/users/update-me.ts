import { CoupletError, type UserId, type Viewer } from '@couplet/protocol';
import type pg from 'pg';
import { inTransaction, type Transaction } from '../../database/transaction.ts';
import type { AppendedEvent } from '../../event-log/append-events.ts';
import { viewerView } from './user-view.ts';
import { updateProfile } from './users-repository.ts';

export interface UpdateMeNeeds {
  pool: pg.Pool;
  now: () => number;
  announceProfiles(tx: Transaction, userIds: readonly UserId[]): Promise<AppendedEvent[]>;
  deliver(appended: readonly AppendedEvent[]): Promise<void>;
}

/** @throws CoupletError `already_registered` when somebody else has the username */
export async function updateMe(
  needs: UpdateMeNeeds,
  viewerId: UserId,
  changes: { name?: string | undefined; username?: string | undefined },
): Promise<Viewer> {
  const updatedAt = new Date(needs.now()).toISOString();
  const { after, appended } = await inTransaction(needs.pool, async (tx) => {
    const saved = await updateProfile(tx, viewerId, changes, updatedAt);
    if (!saved) throw new CoupletError('not_authenticated');
    const { before, after } = saved;
    const isVisible = before.name !== after.name || before.username !== after.username;
    return { after, appended: isVisible ? await needs.announceProfiles(tx, [viewerId]) : [] };
  });
  await needs.deliver(appended);
  return viewerView(after);
}
