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

/** Blocks of the last hour in which these users are, either way round; each is told of the other. */
export async function findRecentBlocks(db: Queryable, userIds: readonly UserId[]): Promise<{ userId: UserId; peerId: UserId }[]> {
  const { rows } = await db.query<{ user_id: UserId; peer_id: UserId }>(
    `SELECT blocker_id AS user_id, blocked_id AS peer_id FROM blocks WHERE blocker_id = ANY($1::uuid[]) AND created_at > now() - interval '1 hour'
     UNION ALL
     SELECT blocked_id, blocker_id FROM blocks WHERE blocked_id = ANY($1::uuid[]) AND created_at > now() - interval '1 hour'`,
    [userIds],
  );
  return rows.map((row) => ({ userId: row.user_id, peerId: row.peer_id }));
}

/** @returns false when there was no such block */
export async function deleteBlock(db: Queryable, blockerId: UserId, blockedId: UserId): Promise<boolean> {
  const { rowCount } = await db.query('DELETE FROM blocks WHERE blocker_id = $1 AND blocked_id = $2', [blockerId, blockedId]);
  return rowCount === 1;
}
