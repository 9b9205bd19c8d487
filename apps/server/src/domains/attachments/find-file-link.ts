import { attachmentIdSchema } from '@couplet/protocol';
import type { Queryable } from '../../database/transaction.ts';
import type { AttachmentLinks } from './stored-content.ts';
import { findUpload } from './uploads-repository.ts';

/** Where the file of an upload is read, for whoever holds the signed `fileUrl` of it; `null` until it is ready. */
export async function findFileLink(needs: { pool: Queryable; attachmentLinks: AttachmentLinks }, uploadId: string): Promise<string | null> {
  const id = attachmentIdSchema.safeParse(uploadId);
  const row = id.success ? await findUpload(needs.pool, id.data) : null;
  return row?.status === 'ready' && row.content && row.content.type !== 'avatar' ? needs.attachmentLinks.view(row.content).url : null;
}
