import { CoupletError, type User, type UserId } from '@couplet/protocol';
import type { Queryable } from '../../database/transaction.ts';
import { userView } from './user-view.ts';
import { findUser } from './users-repository.ts';

/** @throws CoupletError `not_found` */
export async function getUser(needs: { pool: Queryable }, userId: UserId): Promise<User> {
  const row = await findUser(needs.pool, userId);
  if (!row) throw new CoupletError('not_found');
  return userView(row);
}
