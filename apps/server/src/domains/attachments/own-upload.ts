import { type AttachmentId, CoupletError, type UserId } from '@couplet/protocol';
import type { Queryable } from '../../database/transaction.ts';
import { findUpload, type UploadRow } from './uploads-repository.ts';

/** @throws CoupletError `not_found`, the same for somebody else's and for none */
export async function ownUpload(db: Queryable, viewerId: UserId, id: AttachmentId): Promise<UploadRow> {
  const row = await findUpload(db, id);
  if (row?.owner_id !== viewerId) throw new CoupletError('not_found');
  return row;
}
