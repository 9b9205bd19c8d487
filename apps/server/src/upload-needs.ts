import type { UserId } from '@couplet/protocol';
import type { Context } from './context.ts';
import type { AttachmentRouteNeeds } from './domains/attachments/routes.ts';
import { assertWithinLimit } from './http/rate-limit.ts';

/** What the use cases of uploads ask for. */
export function uploadNeeds(context: Context): AttachmentRouteNeeds {
  const { config, database, now, newId, random, rateLimits, blobs, blobLinks, attachmentLinks, uploads } = context;
  return {
    pool: database.pool,
    now,
    newId,
    random,
    blobs,
    blobLinks,
    attachmentLinks,
    outcomes: uploads.outcomes,
    enqueuePreparation: (tx, uploadId) => uploads.enqueuePreparation(tx, uploadId),
    nudgePreparation: () => uploads.nudgePreparation(),
    uploadLimits: {
      image: config.imageMaxBytes,
      video: config.videoMaxBytes,
      file: config.fileMaxBytes,
      avatar: config.avatarMaxBytes,
      quota: config.uploadQuotaBytes,
    },
    allowUpload: (userId: UserId) => assertWithinLimit(rateLimits.uploadByUser, userId),
  };
}
