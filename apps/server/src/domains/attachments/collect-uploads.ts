import type { Queryable } from '../../database/transaction.ts';
import type { BlobStore } from '../../blobs/blob-store.ts';
import { removeUpload } from './remove-upload.ts';
import { type CollectableUpload, discardUnusedUpload, listCollectable } from './uploads-repository.ts';

/** A phone that was off for a week goes on with its upload where it was. */
const UNUSED_MS = 7 * 24 * 60 * 60 * 1_000;
const BATCH = 100;

/**
 * Removes uploads that nobody finished or used, and what deleted messages and
 * replaced photos leave behind.
 *
 * @param needs with whom to tell what could not be removed, and is tried again the next time
 * @returns how many
 */
export async function collectUploads(needs: { pool: Queryable; blobs: BlobStore; now: () => number; onError: (error: unknown) => void }): Promise<number> {
  const unusedBefore = new Date(needs.now() - UNUSED_MS);
  let removed = 0;
  for (let after: CollectableUpload | null = null; ; ) {
    const found = await listCollectable(needs.pool, { unusedBefore, after, limit: BATCH });
    for (const row of found) {
      try {
        // Somebody may have sent it since it was listed.
        if (!(await discardUnusedUpload(needs.pool, row.id))) continue;
        await removeUpload(needs, row);
        removed += 1;
      } catch (error) {
        needs.onError(error);
      }
    }
    after = found.at(-1) ?? null;
    if (found.length < BATCH) return removed;
  }
}
