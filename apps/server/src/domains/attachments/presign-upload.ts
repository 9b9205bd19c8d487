import { type AttachmentId, CoupletError, LIMITS, type NewUpload, type UploadTarget, type UserId } from '@couplet/protocol';
import type { Queryable } from '../../database/transaction.ts';
import { BYTES, signTarget, type SignTargetNeeds } from './sign-target.ts';
import { newIncomingKey } from './upload-keys.ts';
import { uploadClass, type UploadLimits } from './upload-policy.ts';
import { insertUpload, sumOfUploads } from './uploads-repository.ts';

export type PresignUploadNeeds = SignTargetNeeds & {
  pool: Queryable;
  uploadLimits: UploadLimits;
  newId: () => string;
  random: (bytes: Uint8Array) => void;
  /** @throws CoupletError `rate_limited` */
  allowUpload(userId: UserId): Promise<void>;
};

/**
 * Announces an upload and answers where its bytes go.
 *
 * @throws CoupletError `body_too_large` past the limit of its kind, `forbidden` past the person's quota, `rate_limited`
 */
export async function presignUpload(needs: PresignUploadNeeds, viewerId: UserId, given: NewUpload): Promise<UploadTarget> {
  const { pool, blobs, uploadLimits, newId, random, now } = needs;
  await needs.allowUpload(viewerId);
  const limit = uploadLimits[uploadClass(given)];
  if (given.sizeBytes > limit) throw new CoupletError('body_too_large', `At most ${limit} bytes are taken of this kind.`);
  if ((await sumOfUploads(pool, viewerId)) + given.sizeBytes > uploadLimits.quota) {
    throw new CoupletError('forbidden', 'You have used up your space for files.');
  }
  const id = newId() as AttachmentId;
  const incomingKey = newIncomingKey(id, random);
  const partsId = given.sizeBytes > LIMITS.uploadPartBytes ? await blobs.beginParts(incomingKey, { contentType: BYTES }) : null;
  const row = await insertUpload(pool, { id, ownerId: viewerId, given, incomingKey, partsId, createdAt: new Date(now()) });
  return signTarget(needs, row);
}
