import type { ConversationId, MessageId, MessageType, RegisteredDeviceId, UserId } from '@couplet/protocol';
import type { Queryable, Transaction } from '../../database/transaction.ts';
import type { DevicePlatform } from './push-provider.ts';

/** `acknowledged`: a device acknowledged what had been pushed; only to be counted. */
export type DueKind = PushKind | 'acknowledged';
export type PushKind = 'message' | 'read';

/** What has come due, once for every device that it may go to; without one where the user has none. */
export interface DueRow {
  user_id: UserId;
  conversation_id: ConversationId;
  seq: number;
  kind: DueKind;
  acknowledged: boolean;
  read: boolean;
  silenced: boolean;
  device_id: RegisteredDeviceId | null;
  platform: DevicePlatform | null;
}

/** Of the member `m`: nothing is pushed to them of this conversation. */
const SILENCED = 'm.archived OR coalesce(m.muted_until > now(), false)';

/**
 * Takes out what has come due, the longest due first. What another node is taking
 * out is left to it. By the clock of PostgreSQL, as it was written: those of two
 * nodes may differ by more than the grace time.
 */
export async function takeDue(tx: Transaction, limit: number): Promise<DueRow[]> {
  const { rows } = await tx.query<DueRow>({
    name: 'take-due-pushes',
    text: `WITH taken AS (
             DELETE FROM due_pushes WHERE ctid = ANY(ARRAY(
               SELECT ctid FROM due_pushes WHERE due_at <= now() ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED
             ))
             RETURNING due_at, user_id, conversation_id, seq, kind
           )
           SELECT t.user_id, t.conversation_id, t.seq, t.kind, d.id AS device_id, d.platform,
                  m.delivered_seq >= t.seq AS acknowledged, m.read_seq >= t.seq AS read,
                  ${SILENCED} AS silenced
           FROM taken t
           JOIN members m ON m.conversation_id = t.conversation_id AND m.user_id = t.user_id
           LEFT JOIN (devices d JOIN sessions s ON s.id = d.session_id AND s.revoked_at IS NULL
                        -- A session without a refresh token ends within minutes, while the app goes on by new ones.
                        AND (s.expires_at > now() OR s.refresh_salt IS NULL)) ON d.user_id = t.user_id
           ORDER BY t.due_at, t.conversation_id, t.seq`,
    values: [limit],
  });
  return rows;
}

/**
 * From here on reading up to `seq` brings a silent push that clears the
 * notification. Against a reading that is being stored at the same moment the row's
 * lock decides: either it is seen here, or it sees this.
 *
 * @returns null when it was read, the conversation was silenced, or the member is gone
 */
export async function markPushed(db: Queryable, push: { userId: UserId; conversationId: ConversationId; seq: number }): Promise<{ acknowledged: boolean } | null> {
  const { rows } = await db.query<{ acknowledged: boolean }>({
    name: 'mark-pushed',
    text: `UPDATE members m SET pushed_seq = greatest(m.pushed_seq, $3)
           WHERE m.conversation_id = $1 AND m.user_id = $2 AND m.read_seq < $3 AND NOT (${SILENCED})
           RETURNING m.delivered_seq >= $3 AS acknowledged`,
    values: [push.conversationId, push.userId, push.seq],
  });
  return rows[0] ?? null;
}

export interface PushedDeviceRow {
  platform: DevicePlatform;
  token: string;
  app_id: string | null;
  /** Unread messages of all the user's conversations. */
  badge: number;
}

export async function findPushedDevice(db: Queryable, deviceId: RegisteredDeviceId): Promise<PushedDeviceRow | null> {
  const { rows } = await db.query<PushedDeviceRow>({
    name: 'find-pushed-device',
    text: `SELECT d.platform, d.token, d.app_id,
                  (SELECT coalesce(sum(unread_a), 0) FROM conversations WHERE user_a_id = d.user_id)
                + (SELECT coalesce(sum(unread_b), 0) FROM conversations WHERE user_b_id = d.user_id) AS badge
           FROM devices d JOIN sessions s ON s.id = d.session_id AND s.revoked_at IS NULL
           WHERE d.id = $1`,
    values: [deviceId],
  });
  return rows[0] ?? null;
}

export interface PushedMessageRow {
  id: MessageId;
  type: MessageType;
  text: string | null;
  sender_name: string;
}

/** Null when it was deleted, or its sender is blocked by now. */
export async function findPushedMessage(db: Queryable, push: { conversationId: ConversationId; userId: UserId; seq: number; textLength: number }): Promise<PushedMessageRow | null> {
  const { rows } = await db.query<PushedMessageRow>({
    name: 'find-pushed-message',
    text: `SELECT m.id, m.type, left(m.text, $4) AS text, u.name AS sender_name
           FROM messages m JOIN users u ON u.id = m.sender_id
           WHERE m.conversation_id = $1 AND m.seq = $3 AND m.deleted_at IS NULL
             AND NOT EXISTS (SELECT 1 FROM blocks WHERE blocker_id = $2 AND blocked_id = m.sender_id)`,
    values: [push.conversationId, push.userId, push.seq, push.textLength],
  });
  return rows[0] ?? null;
}
