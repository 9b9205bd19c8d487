import type { UserId } from '@couplet/protocol';
import type { Queryable } from '../../database/transaction.ts';

/** @returns false when there was such a block already */
export async function insertBlock(db: Queryable, blockerId: UserId, blockedId: UserId, createdAt: Date): Promise<boolean> {
  const { rowCount } = await db.query('INSERT INTO blocks (blocker_id, blocked_id, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [
    blockerId,
    blockedId,
    createdAt,
  ]);
  return rowCount === 1;
}

/** @returns false when there was no such block */
export async function deleteBlock(db: Queryable, blockerId: UserId, blockedId: UserId): Promise<boolean> {
  const { rowCount } = await db.query('DELETE FROM blocks WHERE blocker_id = $1 AND blocked_id = $2', [blockerId, blockedId]);
  return rowCount === 1;
}
