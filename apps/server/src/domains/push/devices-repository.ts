import type { RegisteredDeviceId, SessionId, UserId } from '@couplet/protocol';
import type { Queryable, Transaction } from '../../database/transaction.ts';
import type { DevicePlatform } from './push-provider.ts';

export interface NewDevice {
  id: RegisteredDeviceId;
  userId: UserId;
  sessionId: SessionId;
  platform: DevicePlatform;
  token: string;
  tokenHash: Buffer;
  appId: string | null;
  renewedAt: Date;
}

/** Sends look at it under the lock of the log: from the commit on none is stored without asking for a push. */
export async function markHavingDevices(tx: Transaction, userId: UserId): Promise<void> {
  await tx.query('UPDATE event_logs SET has_devices = true WHERE user_id = $1', [userId]);
}

/** In place of what the session had, and of what another session had under the same token. */
export async function saveDevice(tx: Transaction, device: NewDevice): Promise<RegisteredDeviceId> {
  const { id, userId, sessionId, platform, token, tokenHash, appId, renewedAt } = device;
  await tx.query('DELETE FROM devices WHERE token_hash = $1 AND session_id <> $2', [tokenHash, sessionId]);
  const { rows } = await tx.query<{ id: RegisteredDeviceId }>(
    `INSERT INTO devices (id, user_id, session_id, platform, token, token_hash, app_id, renewed_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (session_id) DO UPDATE SET platform = $4, token = $5, token_hash = $6, app_id = $7, renewed_at = $8
     RETURNING id`,
    [id, userId, sessionId, platform, token, tokenHash, appId, renewedAt],
  );
  const [row] = rows;
  if (!row) throw new Error('A statement that returns the row it wrote returned none');
  return row.id;
}

/** All but the `kept` that were renewed last. */
export async function deleteOldestDevices(tx: Transaction, userId: UserId, kept: number): Promise<void> {
  await tx.query('DELETE FROM devices WHERE id IN (SELECT id FROM devices WHERE user_id = $1 ORDER BY renewed_at DESC, id DESC OFFSET $2)', [userId, kept]);
}

export async function deleteDeviceOf(db: Queryable, userId: UserId, id: RegisteredDeviceId): Promise<boolean> {
  const { rowCount } = await db.query('DELETE FROM devices WHERE id = $1 AND user_id = $2', [id, userId]);
  return rowCount === 1;
}

/** Unless it was registered again with another token, or after `since`. */
export async function deleteGoneDevice(db: Queryable, gone: { id: RegisteredDeviceId; token: string; since: Date | null }): Promise<boolean> {
  const { rowCount } = await db.query('DELETE FROM devices WHERE id = $1 AND token = $2 AND ($3::timestamptz IS NULL OR renewed_at <= $3)', [gone.id, gone.token, gone.since]);
  return rowCount === 1;
}

/**
 * The user's last device has gone: sends ask for no more pushes. The log is locked
 * first and looked at with a statement of its own, so that a device that is being
 * registered is either seen or marks the log after this.
 */
export async function unmarkWithoutDevices(tx: Transaction, userId: UserId): Promise<void> {
  await tx.query('SELECT 1 FROM event_logs WHERE user_id = $1 FOR UPDATE', [userId]);
  await tx.query('UPDATE event_logs SET has_devices = false WHERE user_id = $1 AND NOT EXISTS (SELECT 1 FROM devices WHERE user_id = $1)', [userId]);
}
