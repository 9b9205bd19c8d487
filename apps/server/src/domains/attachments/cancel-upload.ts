import { type AttachmentId, CoupletError, type UserId } from '@couplet/protocol';
import type { Queryable } from '../../database/transaction.ts';
import type { BlobStore } from '../../blobs/blob-store.ts';
import { ownUpload } from './own-upload.ts';
import { removeUpload } from './remove-upload.ts';
import { discardUnusedUpload } from './uploads-repository.ts';

/** @throws CoupletError `not_found`, `conflict` when it is in a message or a photo */
export async function cancelUpload(needs: { pool: Queryable; blobs: BlobStore }, viewerId: UserId, id: AttachmentId): Promise<void> {
  const row = await ownUpload(needs.pool, viewerId, id);
  if (!(await discardUnusedUpload(needs.pool, id))) throw new CoupletError('conflict', 'It is in use: delete the message instead.');
  await removeUpload(needs, row);
}
