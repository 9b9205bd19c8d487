import { LIMITS, type UploadTarget } from '@couplet/protocol';
import type { BlobLinks } from '../../blobs/blob-links.ts';
import { FILE_PREFIX } from '../../blobs/blob-routes.ts';
import type { BlobStore } from '../../blobs/blob-store.ts';
import type { UploadRow } from './uploads-repository.ts';

export interface SignTargetNeeds {
  blobs: BlobStore;
  blobLinks: BlobLinks;
  now: () => number;
}

/** A slow phone sends 8 MiB within it; for what takes longer, `GET /api/uploads/:id` signs anew. */
const LIFE_MS = 60 * 60 * 1_000;
/** As long as the upload may wait to be used. */
const FILE_LINK_LIFE_MS = 7 * 24 * 60 * 60 * 1_000;

/** Fresh URLs for the bytes of an upload that are not there yet. */
export async function signTarget({ blobs, blobLinks, now }: SignTargetNeeds, row: UploadRow): Promise<UploadTarget> {
  const expiresAt = now() + LIFE_MS;
  const common = {
    uploadId: row.id,
    fileUrl: blobLinks.link({ type: 'get', key: `${FILE_PREFIX}${row.id}`, expiresAt: now() + FILE_LINK_LIFE_MS, contentType: '', downloadAs: null }),
    expiresAt: new Date(expiresAt).toISOString(),
  };
  const { incoming_key: key, parts_id: partsId } = row;
  if (partsId === null) {
    const signed = await blobs.signPut(key, { contentType: BYTES, sizeBytes: row.size_bytes, expiresAt });
    return { ...common, ...signed };
  }
  const there = new Set(row.parts.map((part) => part.partNumber));
  const partSize = LIMITS.uploadPartBytes;
  const missing = partsOf(row.size_bytes).filter(({ partNumber }) => !there.has(partNumber));
  const parts = await Promise.all(
    missing.map(async ({ partNumber, sizeBytes }) => {
      const { url } = await blobs.signPart(key, { partsId, partNumber, partSize, sizeBytes, expiresAt });
      return { partNumber, url, sizeBytes };
    }),
  );
  return { ...common, partSize, parts };
}

/** What arrives is bytes until they were looked at: never shown by a browser from where it lies. */
export const BYTES = 'application/octet-stream';

export function partsOf(sizeBytes: number): { partNumber: number; sizeBytes: number }[] {
  const partSize = LIMITS.uploadPartBytes;
  const count = Math.ceil(sizeBytes / partSize);
  return Array.from({ length: count }, (_, index) => ({ partNumber: index + 1, sizeBytes: Math.min(partSize, sizeBytes - index * partSize) }));
}
