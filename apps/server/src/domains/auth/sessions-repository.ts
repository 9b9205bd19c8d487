import type { SessionId, UserId } from '@couplet/protocol';
import type { PrismaClient } from '../../database/prisma.ts';
import type { Queryable, Transaction } from '../../database/transaction.ts';
import { USER_COLUMNS } from '../users/users-repository.ts';
import type { UserRow } from '../users/user-view.ts';

export interface NewSession {
  id: SessionId;
  userId: UserId;
  deviceName: string;
  /** Null: cannot be refreshed. */
  refreshSalt: Uint8Array | null;
  createdAt: Date;
  expiresAt: Date;
}

/** A session long expired is of no use even to whoever looks for a stolen token. */
const KEPT_AFTER_EXPIRY_DAYS = 7;
/** Bounds what one sign-in pays for the past. */
const REMOVED_AT_ONCE = 200;

export async function insertSessions(tx: Transaction, sessions: readonly NewSession[]): Promise<void> {
  await tx.query(
    `INSERT INTO sessions (id, user_id, device_name, refresh_salt, rotated_at, created_at, last_used_at, expires_at)
     SELECT id, user_id, device_name, salt, created_at, created_at, created_at, expires_at
     FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bytea[], $5::timestamptz[], $6::timestamptz[])
       AS t (id, user_id, device_name, salt, created_at, expires_at)`,
    [
      sessions.map((session) => session.id),
      sessions.map((session) => session.userId),
      sessions.map((session) => session.deviceName),
      sessions.map((session) => (session.refreshSalt ? Buffer.from(session.refreshSalt) : null)),
      sessions.map((session) => session.createdAt.toISOString()),
      sessions.map((session) => session.expiresAt.toISOString()),
    ],
  );
}

/** Some of the sessions of these users that ended long ago. */
export async function deleteLongExpiredSessions(db: Queryable, userIds: readonly UserId[], now: Date): Promise<void> {
  await db.query(
    `DELETE FROM sessions WHERE id IN (
       SELECT id FROM sessions
       WHERE user_id = ANY($1::uuid[]) AND coalesce(revoked_at, expires_at) < $2::timestamptz - make_interval(days => $3)
       LIMIT $4)`,
    [userIds, now.toISOString(), KEPT_AFTER_EXPIRY_DAYS, REMOVED_AT_ONCE],
  );
}

export interface SessionRow {
  user_id: UserId;
  refresh_salt: Buffer | null;
  generation: number;
  used_generation: number;
  rotated_at: string;
  expires_at: string;
  revoked_at: string | null;
}

/** The session with its user, locked: of two refreshes at once the second sees what the first did. */
export async function lockSession(tx: Transaction, id: SessionId): Promise<{ session: SessionRow; user: UserRow } | null> {
  const { rows } = await tx.query<SessionRow>(
    'SELECT user_id, refresh_salt, generation, used_generation, rotated_at, expires_at, revoked_at FROM sessions WHERE id = $1 FOR UPDATE',
    [id],
  );
  const session = rows[0];
  if (!session) return null;
  const { rows: users } = await tx.query<UserRow>(`SELECT ${USER_COLUMNS} FROM users WHERE id = $1`, [session.user_id]);
  return users[0] ? { session, user: users[0] } : null;
}

export async function rotateSession(tx: Transaction, id: SessionId, generation: number, now: Date, expiresAt: Date): Promise<void> {
  await tx.query('UPDATE sessions SET generation = $2, rotated_at = $3, last_used_at = $3, expires_at = $4 WHERE id = $1', [
    id,
    generation,
    now.toISOString(),
    expiresAt.toISOString(),
  ]);
}

/**
 * With the session goes its device: it is woken no more.
 *
 * @returns whether it was active until now
 */
export async function revokeSessionRow(db: Queryable, id: SessionId, now: Date): Promise<boolean> {
  const { rowCount } = await db.query(
    `WITH device AS (DELETE FROM devices WHERE session_id = $1)
     UPDATE sessions SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL`,
    [id, now.toISOString()],
  );
  return rowCount === 1;
}

/** Sessions of these users that were ended within the hour: longer than clocks differ, and than anybody needs to notice. */
export async function findRecentlyRevoked(db: Queryable, userIds: readonly UserId[]): Promise<{ userId: UserId; sessionId: SessionId }[]> {
  const { rows } = await db.query<{ id: SessionId; user_id: UserId }>(
    "SELECT id, user_id FROM sessions WHERE user_id = ANY($1::uuid[]) AND revoked_at > now() - interval '1 hour'",
    [userIds],
  );
  return rows.map((row) => ({ userId: row.user_id, sessionId: row.id }));
}

/** What every request asks of a session. */
export type SessionStateRow = Pick<SessionRow, 'user_id' | 'used_generation' | 'expires_at' | 'revoked_at'>;

/** Whose sessions they are and whether they still stand. */
export async function findSessionStates(db: Queryable, ids: readonly SessionId[]): Promise<Map<SessionId, SessionStateRow>> {
  const { rows } = await db.query<SessionStateRow & { id: SessionId }>({
    // Prepared: every request without a fresh answer in memory asks this.
    name: 'find-session-states',
    text: 'SELECT id, user_id, used_generation, expires_at, revoked_at FROM sessions WHERE id = ANY($1::uuid[])',
    values: [ids],
  });
  return new Map(rows.map((row) => [row.id, row]));
}

/** A token of this generation was used: whoever refreshed has it. */
export async function markGenerationUsed(db: Queryable, id: SessionId, generation: number): Promise<void> {
  await db.query('UPDATE sessions SET used_generation = $2 WHERE id = $1 AND used_generation < $2', [id, generation]);
}

export async function sessionBelongsTo(prisma: PrismaClient, id: SessionId, userId: UserId): Promise<boolean> {
  return (await prisma.session.count({ where: { id, userId } })) > 0;
}

/** Active ones, the latest used first. */
export async function listActiveSessions(prisma: PrismaClient, userId: UserId, now: Date, limit: number) {
  return prisma.session.findMany({
    where: { userId, revokedAt: null, expiresAt: { gt: now } },
    orderBy: [{ lastUsedAt: 'desc' }, { id: 'desc' }],
    take: limit,
    select: { id: true, deviceName: true, createdAt: true, lastUsedAt: true },
  });
}
