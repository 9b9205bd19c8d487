import { type AttachmentId, CoupletError, type UserId } from '@couplet/protocol';
import type { Queryable } from '../../database/transaction.ts';
import { ownUpload } from './own-upload.ts';
import { partsOf } from './sign-target.ts';
import { saveReportedPart } from './uploads-repository.ts';

/** @throws CoupletError `not_found` (also of a part that the upload does not have), `conflict` when it takes no more bytes */
export async function reportPart(
  needs: { pool: Queryable },
  viewerId: UserId,
  report: { uploadId: AttachmentId; partNumber: number; etag: string },
): Promise<void> {
  const row = await ownUpload(needs.pool, viewerId, report.uploadId);
  const part = row.parts_id === null ? undefined : partsOf(row.size_bytes)[report.partNumber - 1];
  if (!part) throw new CoupletError('not_found');
  // Some stores and browsers keep the quotes of the header.
  const etag = report.etag.replace(/^"|"$/g, '');
  const isSaved = await saveReportedPart(needs.pool, row.id, { ...part, etag });
  if (!isSaved) throw new CoupletError('conflict', 'This upload is over.');
}
