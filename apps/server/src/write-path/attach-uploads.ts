import type { AttachmentId, MessageType, UserId } from '@couplet/protocol';
import type { StoredAttachment } from '../domains/attachments/stored-content.ts';
import { plainArray, textArray } from './array-literals.ts';
import type { SendRequest, StoredSend } from './sends.ts';
import { type Statement, textAt, type TextRow } from './write-transaction.ts';

/** Uploads that this batch may attach, those of each owner under their ids. Taken ones are taken out. */
export type LockedUploads = Map<AttachmentId, { ownerId: UserId; content: StoredAttachment }>;

/** Ready and in no message: what is not found here cannot be attached. Locked in id order, after the conversations. */
export function lockUploads(ids: readonly AttachmentId[]): Statement {
  return {
    name: 'lock-uploads',
    text: `SELECT id, owner_id, content FROM uploads
           WHERE id = ANY($1::uuid[]) AND kind = 'attachment' AND status = 'ready' AND used_at IS NULL AND owner_id IS NOT NULL
           ORDER BY id FOR UPDATE`,
    values: [plainArray(ids)],
  };
}

/** @param rows the answer to `lockUploads` */
export function lockedUploads(rows: readonly TextRow[]): LockedUploads {
  return new Map(
    rows.map((row) => [
      textAt(row, 0) as AttachmentId,
      { ownerId: textAt(row, 1) as UserId, content: JSON.parse(textAt(row, 2)) as StoredAttachment },
    ]),
  );
}

/** What the request attaches, in its order, or `null` when one cannot be attached; then none is taken. */
export function takeUploads(uploads: LockedUploads, { senderId, attachmentIds }: SendRequest): readonly StoredAttachment[] | null {
  if (attachmentIds.length === 0) return NONE;
  const contents = attachmentIds.map((id) => {
    const upload = uploads.get(id);
    return upload?.ownerId === senderId ? upload.content : undefined;
  });
  const isWhole = contents.every((content) => content !== undefined) && new Set(attachmentIds).size === attachmentIds.length;
  if (!isWhole) return null;
  for (const id of attachmentIds) uploads.delete(id);
  return contents;
}

const NONE: readonly StoredAttachment[] = [];

/** Pictures alone are an image, with videos among them a video; anything else makes it a file. */
export function typeOfMessage(attachments: readonly StoredAttachment[]): MessageType {
  if (attachments.length === 0) return 'text';
  if (attachments.every(({ type }) => type === 'image')) return 'image';
  return attachments.every(({ type }) => type !== 'file') ? 'video' : 'file';
}

/** Statements of their own, so that messages without attachments, nearly all, pay nothing for them. */
export function attachStatements(stored: readonly StoredSend[]): Statement[] {
  const carrying = stored.filter((message) => message.attachments.length > 0);
  if (carrying.length === 0) return [];
  const used = carrying.flatMap((message) => message.attachments.map(({ id }) => ({ id, message })));
  return [
    {
      name: 'store-attachments',
      text: `UPDATE messages SET attachments = v.attachments
             FROM unnest($1::uuid[], $2::jsonb[]) AS v(id, attachments) WHERE messages.id = v.id`,
      values: [
        plainArray(carrying.map((message) => message.messageId)),
        textArray(carrying.map((message) => JSON.stringify(message.attachments))),
      ],
    },
    {
      name: 'use-uploads',
      text: `UPDATE uploads SET message_id = v.message_id, used_at = v.at
             FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) AS v(id, message_id, at) WHERE uploads.id = v.id`,
      values: [
        plainArray(used.map(({ id }) => id)),
        plainArray(used.map(({ message }) => message.messageId)),
        plainArray(used.map(({ message }) => message.createdAt)),
      ],
    },
  ];
}
