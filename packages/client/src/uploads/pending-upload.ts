import { type Attachment, type AttachmentId, attachmentIdSchema, attachmentSchema, type Message, type MessageType } from '@couplet/protocol';

/** A file that the person attaches. `source` is whatever the host's `FilesPort.keep` takes. */
export interface OutgoingFile {
  source: unknown;
  name: string;
  mime: string;
  sizeBytes: number;
  /** In pixels, as it is shown: the row has its height from the start. */
  width?: number;
  height?: number;
  durationMs?: number;
  /** Of a video: its first picture, a small JPEG in base64, at most `LIMITS.posterLength` characters. */
  poster?: string;
}

/** A file that a message of the outbox waits for. */
export interface PendingUpload extends Omit<OutgoingFile, 'source'> {
  /** Of the app's own copy; also the key of its progress. */
  fileId: string;
  /** `null` until the server knows of it. */
  uploadId: AttachmentId | null;
  /** What it became at the server; `null` until then. */
  attachment: Attachment | null;
}

/** The attachments of a message whose files are all at the server; `null` while one is not. */
export function readyAttachments(uploads: readonly PendingUpload[] | undefined): Attachment[] | null {
  const ready = (uploads ?? []).flatMap(({ attachment }) => (attachment === null ? [] : [attachment]));
  return ready.length === (uploads?.length ?? 0) ? ready : null;
}

/** As if it had never been announced: after a failure everything is tried anew. */
export function anew(upload: PendingUpload): PendingUpload {
  return { ...upload, uploadId: null, attachment: null };
}

/** What the server makes of a message with these. */
export function messageTypeOf(attachments: Message['attachments']): MessageType {
  if (attachments.length === 0) return 'text';
  if (attachments.every(({ type }) => type === 'image')) return 'image';
  return attachments.every(({ type }) => type !== 'file') ? 'video' : 'file';
}

/** Leniently: what cannot be read of one that was stored is found out anew. `null` when there is no file to name. */
export function readPendingUpload(value: unknown): PendingUpload | null {
  const row = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  const { fileId, name, mime, sizeBytes } = row;
  if (typeof fileId !== 'string' || typeof name !== 'string' || typeof mime !== 'string' || typeof sizeBytes !== 'number') return null;
  const uploadId = attachmentIdSchema.safeParse(row['uploadId']);
  const attachment = attachmentSchema.safeParse(row['attachment']);
  const measures = (['width', 'height', 'durationMs'] as const).flatMap((key) => (typeof row[key] === 'number' ? [[key, row[key]]] : []));
  return {
    fileId,
    name,
    mime,
    sizeBytes,
    ...(typeof row['poster'] === 'string' ? { poster: row['poster'] } : {}),
    ...(Object.fromEntries(measures) as Pick<OutgoingFile, 'width' | 'height' | 'durationMs'>),
    uploadId: uploadId.success ? uploadId.data : null,
    attachment: attachment.success ? attachment.data : null,
  };
}
