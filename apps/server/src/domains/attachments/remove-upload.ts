import type { BlobStore } from '../../blobs/blob-store.ts';
import type { Queryable } from '../../database/transaction.ts';
import { uploadKeys } from './upload-keys.ts';
import { deleteUploadRow, type UploadRow } from './uploads-repository.ts';

/**
 * Of one that was discarded, so that nothing comes to use it meanwhile. First the
 * bytes, then the row that knows where they are: cut in between, it is done again.
 */
export async function removeUpload(needs: { pool: Queryable; blobs: BlobStore }, row: UploadRow): Promise<void> {
  const { pool, blobs } = needs;
  if (row.parts_id !== null) await blobs.abandonParts(row.incoming_key, row.parts_id);
  await removeBlobs(blobs, row);
  await deleteUploadRow(pool, row.id);
}

/** What was uploaded, and what was made of it. */
export async function removeBlobs(blobs: BlobStore, row: UploadRow): Promise<void> {
  for (const key of Object.values(uploadKeys(row.incoming_key))) await blobs.remove(key);
}
