import type { Queryable } from '../../database/transaction.ts';
import type { BlobStore } from '../../blobs/blob-store.ts';
import { removeUpload } from './remove-upload.ts';
import { listCollectable } from './uploads-repository.ts';

/** A phone that was off for a week goes on with its upload where it was. */
const UNUSED_MS = 7 * 24 * 60 * 60 * 1_000;
const BATCH = 100;

/**
 * Removes uploads that nobody finished or used, and what deleted messages and
 * replaced photos leave behind.
 *
 * @returns how many
 */
export async function collectUploads(needs: { pool: Queryable; blobs: BlobStore; now: () => number }): Promise<number> {
  const unusedBefore = new Date(needs.now() - UNUSED_MS);
  let removed = 0;
  for (;;) {
    const found = await listCollectable(needs.pool, { unusedBefore, limit: BATCH });
    for (const row of found) await removeUpload(needs, row);
    removed += found.length;
    if (found.length < BATCH) return removed;
  }
}
