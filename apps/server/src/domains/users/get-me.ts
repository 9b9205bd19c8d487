import { CoupletError, type UserId, type Viewer } from '@couplet/protocol';
import type { Queryable } from '../../database/transaction.ts';
import { viewerView } from './user-view.ts';
import { findUser } from './users-repository.ts';

/** @throws CoupletError `not_authenticated` when the user was erased since the token was made */
export async function getMe(needs: { pool: Queryable }, viewerId: UserId): Promise<Viewer> {
  const row = await findUser(needs.pool, viewerId);
  if (!row) throw new CoupletError('not_authenticated');
  return viewerView(row);
}
