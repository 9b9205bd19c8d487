import { type AttachmentId, CoupletError, type UserId } from '@couplet/protocol';
import { completeUpload, type CompleteUploadNeeds } from './complete-upload.ts';
import { findUpload } from './uploads-repository.ts';

/**
 * Completes what a message names and nobody completed, for clients that put
 * their bytes and then send. Ids of nobody's or somebody else's uploads pass:
 * the send refuses them, unless it is one that was stored long ago.
 *
 * @throws CoupletError `conflict` when bytes are missing or were refused
 */
export async function completeAttached(needs: CompleteUploadNeeds, viewerId: UserId, ids: readonly AttachmentId[]): Promise<void> {
  await Promise.all(
    ids.map(async (id) => {
      const row = await findUpload(needs.pool, id);
      if (row?.owner_id !== viewerId || (row.status !== 'uploading' && row.status !== 'processing')) return;
      const { status, reason } = await completeUpload(needs, viewerId, id);
      if (status === 'rejected') throw new CoupletError('conflict', reason);
    }),
  );
}
