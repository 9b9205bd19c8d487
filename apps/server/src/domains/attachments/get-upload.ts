import type { AttachmentId, Upload, UserId } from '@couplet/protocol';
import type { Queryable } from '../../database/transaction.ts';
import { ownUpload } from './own-upload.ts';
import { signTarget, type SignTargetNeeds } from './sign-target.ts';
import type { AttachmentLinks } from './stored-content.ts';
import { uploadView } from './upload-view.ts';

export type GetUploadNeeds = SignTargetNeeds & { pool: Queryable; attachmentLinks: AttachmentLinks };

/** @throws CoupletError `not_found` */
export async function getUpload(needs: GetUploadNeeds, viewerId: UserId, id: AttachmentId): Promise<Upload> {
  const row = await ownUpload(needs.pool, viewerId, id);
  const view = uploadView(row, needs.attachmentLinks);
  return row.status === 'uploading' ? { ...view, target: await signTarget(needs, row) } : view;
}
