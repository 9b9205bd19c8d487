import { type AttachmentId, CoupletError, type Upload, type UserId } from '@couplet/protocol';
import type pg from 'pg';
import { BlobError, type BlobStore } from '../../blobs/blob-store.ts';
import { inTransaction, type Transaction } from '../../database/transaction.ts';
import { ownUpload } from './own-upload.ts';
import { partsOf } from './sign-target.ts';
import type { AttachmentLinks } from './stored-content.ts';
import type { UploadOutcomes } from './upload-outcomes.ts';
import { uploadView } from './upload-view.ts';
import { beginPreparing, rejectUpload, type UploadRow } from './uploads-repository.ts';

export interface CompleteUploadNeeds {
  pool: pg.Pool;
  blobs: BlobStore;
  attachmentLinks: AttachmentLinks;
  outcomes: UploadOutcomes;
  /** In the transaction: it is looked at if and only if it counts as complete. */
  enqueuePreparation(tx: Transaction, uploadId: AttachmentId): Promise<void>;
  nudgePreparation(): void;
}

/**
 * All bytes are there: looks at them and waits a moment for what is made of
 * them. Asked again, in any state, it answers how far that is.
 *
 * @throws CoupletError `not_found`, `conflict` when bytes are missing
 */
export async function completeUpload(needs: CompleteUploadNeeds, viewerId: UserId, id: AttachmentId): Promise<Upload> {
  const row = await ownUpload(needs.pool, viewerId, id);
  if (row.status === 'uploading') {
    try {
      await takeIn(needs, row);
    } catch (error) {
      // Asked twice at once: what the other one took in is there for this one too.
      if ((await ownUpload(needs.pool, viewerId, id)).status === 'uploading') throw error;
    }
  }
  await needs.outcomes.wait(id, async () => (await ownUpload(needs.pool, viewerId, id)).status !== 'processing');
  return uploadView(await ownUpload(needs.pool, viewerId, id), needs.attachmentLinks);
}

async function takeIn({ pool, blobs, enqueuePreparation, nudgePreparation }: CompleteUploadNeeds, row: UploadRow): Promise<void> {
  const sizeBytes = (await blobs.findSize(row.incoming_key)) ?? (await joined(blobs, row));
  if (sizeBytes === null) throw new CoupletError('conflict', 'The bytes are not there yet.');
  if (sizeBytes !== row.size_bytes) {
    await blobs.remove(row.incoming_key);
    return rejectUpload(pool, row.id, `${row.size_bytes} bytes were announced and ${sizeBytes} came.`);
  }
  await inTransaction(pool, async (tx) => {
    if (await beginPreparing(tx, row.id)) await enqueuePreparation(tx, row.id);
  });
  nudgePreparation();
}

/** Its size, or `null` when there are no bytes of it at all. */
async function joined(blobs: BlobStore, { incoming_key: key, parts_id: partsId, parts, size_bytes: announced }: UploadRow): Promise<number | null> {
  if (partsId === null) return null;
  const byNumber = new Map(parts.map((part) => [part.partNumber, part]));
  const reported = partsOf(announced).map(({ partNumber }) => byNumber.get(partNumber));
  const missing = reported.flatMap((part, index) => (part ? [] : [index + 1]));
  if (missing.length > 0) throw new CoupletError('conflict', `Parts are missing: ${missing.slice(0, 20).join(', ')}.`);
  try {
    await blobs.joinParts(
      key,
      partsId,
      reported.filter((part) => part !== undefined),
    );
  } catch (cause) {
    if (!(cause instanceof BlobError)) throw cause;
    // Another request may have joined them meanwhile.
    const sizeBytes = await blobs.findSize(key);
    if (sizeBytes !== null) return sizeBytes;
    throw new CoupletError('conflict', cause.message, { cause });
  }
  return blobs.findSize(key);
}
