import type { UserId } from '@couplet/protocol';
import type { Queryable } from '../../database/transaction.ts';

export async function findLastSeen(db: Queryable, userIds: readonly UserId[]): Promise<Map<UserId, string>> {
  if (userIds.length === 0) return new Map();
  const { rows } = await db.query<{ id: UserId; last_seen_at: string }>(
    'SELECT id, last_seen_at FROM users WHERE id = ANY($1::uuid[]) AND last_seen_at IS NOT NULL',
    [userIds],
  );
  return new Map(rows.map((row) => [row.id, row.last_seen_at]));
}

/** Only moves forward: two nodes may write the same person's in either order. */
export async function saveLastSeen(db: Queryable, lastSeen: ReadonlyMap<UserId, string>): Promise<void> {
  await db.query(
    `UPDATE users SET last_seen_at = v.at FROM unnest($1::uuid[], $2::timestamptz[]) AS v(id, at)
     WHERE users.id = v.id AND (users.last_seen_at IS NULL OR users.last_seen_at < v.at)`,
    [[...lastSeen.keys()], [...lastSeen.values()]],
  );
}
