import { type AttachmentId, CoupletError, type UserId, type Viewer } from '@couplet/protocol';
import { inTransaction } from '../../database/transaction.ts';
import { ownUpload } from '../attachments/own-upload.ts';
import { useAsAvatar } from '../attachments/uploads-repository.ts';
import type { UpdateMeNeeds } from './update-me.ts';
import { viewerView } from './user-view.ts';
import { replaceAvatar } from './users-repository.ts';

export type SetAvatarNeeds = UpdateMeNeeds & {
  /** Where a blob under this key is shown to everybody. */
  avatarUrl(key: string): string;
};

/**
 * Shows an upload as the viewer's photo, or none. The photo before it is removed.
 *
 * @throws CoupletError `not_found`, `conflict` when it is not ready, or no photo
 */
export async function setAvatar(needs: SetAvatarNeeds, viewerId: UserId, uploadId: AttachmentId | null): Promise<Viewer> {
  const updatedAt = new Date(needs.now());
  const { after, appended } = await inTransaction(needs.pool, async (tx) => {
    const url = uploadId === null ? null : needs.avatarUrl(await photoKey(tx, viewerId, uploadId));
    const saved = await replaceAvatar(tx, viewerId, { url, uploadId, updatedAt: updatedAt.toISOString() });
    if (!saved) throw new CoupletError('not_authenticated');
    const { before, after } = saved;
    if (before === uploadId) return { after, appended: [] };
    await useAsAvatar(tx, { uploadId, replaced: before, at: updatedAt });
    return { after, appended: await needs.announceProfiles(tx, [viewerId]) };
  });
  await needs.deliver(appended);
  return viewerView(after);
}

async function photoKey(tx: Parameters<typeof ownUpload>[0], viewerId: UserId, uploadId: AttachmentId): Promise<string> {
  const { status, content } = await ownUpload(tx, viewerId, uploadId);
  if (status !== 'ready' || content?.type !== 'avatar') throw new CoupletError('conflict', 'This upload is not a photo that is ready.');
  return content.keys.small;
}
