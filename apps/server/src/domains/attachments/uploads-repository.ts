import type { AttachmentId, MessageId, NewUpload, UploadKind, UserId } from '@couplet/protocol';
import type { StoredPart } from '../../blobs/blob-store.ts';
import type { Queryable, Transaction } from '../../database/transaction.ts';
import type { StoredAttachment, StoredContent } from './stored-content.ts';

/** `discarded`: its message was deleted or its photo replaced; the bytes are removed soon. */
export type UploadStatus = 'uploading' | 'processing' | 'ready' | 'rejected' | 'discarded';

export interface UploadRow {
  id: AttachmentId;
  owner_id: UserId | null;
  kind: UploadKind;
  status: UploadStatus;
  name: string;
  declared_type: string;
  size_bytes: number;
  sha256: string | null;
  video: NewUpload['video'] | null;
  incoming_key: string;
  parts_id: string | null;
  parts: StoredPart[];
  content: StoredContent | null;
  reason: string | null;
  message_id: MessageId | null;
  used_at: string | null;
}

const COLUMNS = 'id, owner_id, kind, status, name, declared_type, size_bytes, sha256, video, incoming_key, parts_id, parts, content, reason, message_id, used_at';

export async function insertUpload(
  db: Queryable,
  upload: { id: AttachmentId; ownerId: UserId; given: NewUpload; incomingKey: string; partsId: string | null; createdAt: Date },
): Promise<UploadRow> {
  const { id, ownerId, given, incomingKey, partsId, createdAt } = upload;
  const { rows } = await db.query<UploadRow>(
    `INSERT INTO uploads (id, owner_id, kind, name, declared_type, size_bytes, sha256, video, incoming_key, parts_id, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING ${COLUMNS}`,
    [
      id,
      ownerId,
      given.kind,
      given.filename,
      given.contentType,
      given.sizeBytes,
      given.sha256 ?? null,
      given.video ? JSON.stringify(given.video) : null,
      incomingKey,
      partsId,
      createdAt,
    ],
  );
  const [row] = rows;
  if (!row) throw new Error('A statement that returns the row it wrote returned none');
  return row;
}

/** What counts against a person's quota, in bytes. */
export async function sumOfUploads(db: Queryable, ownerId: UserId): Promise<number> {
  const { rows } = await db.query<{ bytes: number }>(
    `SELECT coalesce(sum(size_bytes), 0)::bigint AS bytes FROM uploads WHERE owner_id = $1 AND status NOT IN ('rejected', 'discarded')`,
    [ownerId],
  );
  return rows[0]?.bytes ?? 0;
}

export async function findUpload(db: Queryable, id: AttachmentId): Promise<UploadRow | null> {
  const { rows } = await db.query<UploadRow>(`SELECT ${COLUMNS} FROM uploads WHERE id = $1`, [id]);
  return rows[0] ?? null;
}

export async function isUploadOpen(db: Queryable, incomingKey: string): Promise<boolean> {
  const { rows } = await db.query(`SELECT 1 FROM uploads WHERE incoming_key = $1 AND status = 'uploading'`, [incomingKey]);
  return rows.length > 0;
}

/** The last report of a part counts. Reports of several parts at once do not overwrite each other. */
export async function saveReportedPart(db: Queryable, id: AttachmentId, part: StoredPart): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE uploads SET parts = (SELECT coalesce(jsonb_agg(p), '[]') FROM jsonb_array_elements(parts) p WHERE (p->>'partNumber')::int <> $2) || $3::jsonb
     WHERE id = $1 AND status = 'uploading'`,
    [id, part.partNumber, JSON.stringify([part])],
  );
  return rowCount === 1;
}

/** From one status to the next, once, however many ask. */
export async function beginPreparing(tx: Transaction, id: AttachmentId): Promise<boolean> {
  const { rowCount } = await tx.query(`UPDATE uploads SET status = 'processing' WHERE id = $1 AND status = 'uploading'`, [id]);
  return rowCount === 1;
}

/** @returns false when it is no longer waited for: cancelled, or saved by another try */
export async function saveContent(db: Queryable, id: AttachmentId, content: StoredContent): Promise<boolean> {
  const { rowCount } = await db.query(`UPDATE uploads SET status = 'ready', content = $2, video = video - 'poster' WHERE id = $1 AND status = 'processing'`, [id, JSON.stringify(content)]);
  return rowCount === 1;
}

export async function rejectUpload(db: Queryable, id: AttachmentId, reason: string): Promise<void> {
  await db.query(`UPDATE uploads SET status = 'rejected', reason = $2 WHERE id = $1 AND status IN ('uploading', 'processing')`, [id, reason]);
}

/**
 * From then on nothing can use it.
 *
 * @returns false when it is in a message or a photo, or gone already
 */
export async function discardUnusedUpload(db: Queryable, id: AttachmentId): Promise<boolean> {
  const { rowCount } = await db.query(`UPDATE uploads SET status = 'discarded' WHERE id = $1 AND used_at IS NULL`, [id]);
  return rowCount === 1;
}

export async function discardUploadsOfMessage(tx: Transaction, messageId: MessageId): Promise<void> {
  await tx.query(`UPDATE uploads SET status = 'discarded', used_at = NULL WHERE message_id = $1`, [messageId]);
}

export async function useAsAvatar(tx: Transaction, use: { uploadId: AttachmentId | null; replaced: AttachmentId | null; at: Date }): Promise<void> {
  if (use.uploadId) await tx.query('UPDATE uploads SET used_at = $2 WHERE id = $1', [use.uploadId, use.at]);
  if (use.replaced) await tx.query(`UPDATE uploads SET status = 'discarded', used_at = NULL WHERE id = $1`, [use.replaced]);
}

/** Those of these that are the viewer's own or in a message of theirs. */
export async function findVisibleAttachments(db: Queryable, viewerId: UserId, ids: readonly AttachmentId[]): Promise<StoredAttachment[]> {
  const { rows } = await db.query<{ content: StoredAttachment }>(
    `SELECT u.content FROM uploads u LEFT JOIN messages m ON m.id = u.message_id
     WHERE u.id = ANY($2::uuid[]) AND u.kind = 'attachment' AND u.status = 'ready'
       AND (m.sender_id = $1 OR m.receiver_id = $1 OR (u.owner_id = $1 AND u.message_id IS NULL))`,
    [viewerId, ids],
  );
  return rows.map((row) => row.content);
}

export type CollectableUpload = UploadRow & { created_at: string };

/** Given up, forgotten, or of somebody who is gone; the oldest first, from behind `after` on. */
export async function listCollectable(db: Queryable, query: { unusedBefore: Date; after: CollectableUpload | null; limit: number }): Promise<CollectableUpload[]> {
  const { unusedBefore, after, limit } = query;
  const { rows } = await db.query<CollectableUpload>(
    `SELECT ${COLUMNS}, created_at FROM uploads
     WHERE used_at IS NULL AND (status = 'discarded' OR owner_id IS NULL OR created_at < $1) AND ($3::timestamptz IS NULL OR (created_at, id) > ($3, $4))
     ORDER BY created_at, id LIMIT $2`,
    [unusedBefore, limit, after?.created_at ?? null, after?.id ?? null],
  );
  return rows;
}

/** Unless it came into use meanwhile. */
export async function deleteUploadRow(db: Queryable, id: AttachmentId): Promise<boolean> {
  const { rowCount } = await db.query('DELETE FROM uploads WHERE id = $1 AND used_at IS NULL', [id]);
  return rowCount === 1;
}
