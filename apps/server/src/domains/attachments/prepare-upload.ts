import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { AttachmentId } from '@couplet/protocol';
import { fileTypeFromBuffer } from 'file-type';
import { BlobError, type BlobStore } from '../../blobs/blob-store.ts';
import type { Queryable } from '../../database/transaction.ts';
import { type PictureRenderer, UnreadablePictureError } from './rendering/picture-renderer.ts';
import type { Rendered } from './rendering/render-pictures.ts';
import { removeBlobs } from './remove-upload.ts';
import type { StoredAttachment, StoredContent } from './stored-content.ts';
import { uploadKeys } from './upload-keys.ts';
import type { UploadOutcomes } from './upload-outcomes.ts';
import { isPicture, isVideo, uploadClass } from './upload-policy.ts';
import { findUpload, rejectUpload, saveContent, type UploadRow } from './uploads-repository.ts';

export interface PrepareUploadNeeds {
  pool: Queryable;
  blobs: BlobStore;
  renderer: PictureRenderer;
  outcomes: UploadOutcomes;
  /** Whether the picture as it was uploaded is kept beside what was made of it. */
  keepOriginals: boolean;
}

/** What its bytes are does not fit what was declared, or cannot be opened: no second try helps. */
class RefusedUploadError extends Error {}

const OTHER_BYTES = 'The bytes are not the ones that were announced.';
/** What file-type looks at most. */
const HEAD_BYTES = 4_100;

/**
 * Looks at the bytes of a complete upload and makes of it what a message shows.
 * Every step may be repeated: a job that was cut is run again.
 */
export async function prepareUpload(needs: PrepareUploadNeeds, uploadId: AttachmentId): Promise<void> {
  const row = await findUpload(needs.pool, uploadId);
  if (row?.status !== 'processing') return;
  try {
    const isSaved = await saveContent(needs.pool, uploadId, await contentOf(needs, row));
    if (!isSaved) await removeIfCancelled(needs, row);
  } catch (error) {
    if (!(error instanceof RefusedUploadError || error instanceof UnreadablePictureError)) throw error;
    await rejectUpload(needs.pool, uploadId, error.message);
    const { incoming, full } = uploadKeys(row.incoming_key);
    await needs.blobs.remove(incoming);
    await needs.blobs.remove(full);
  } finally {
    needs.outcomes.announce(uploadId);
  }
}

/** Given up while it was looked at: what was made of it would belong to nobody. */
async function removeIfCancelled({ pool, blobs }: PrepareUploadNeeds, row: UploadRow): Promise<void> {
  const now = await findUpload(pool, row.id);
  if (now === null || now.status === 'discarded') await removeBlobs(blobs, row);
}

async function contentOf(needs: PrepareUploadNeeds, row: UploadRow): Promise<StoredContent> {
  const { blobs } = needs;
  const keys = uploadKeys(row.incoming_key);
  // A try before this one may have moved it already.
  const source = (await blobs.findSize(keys.incoming)) === null ? await firstOf(blobs, [keys.full, keys.original]) : keys.incoming;
  const found = await typeOf(blobs, source);
  const declared = uploadClass({ kind: row.kind, contentType: row.declared_type });
  switch (declared) {
    case 'image':
    case 'avatar':
      if (!isPicture(found)) throw new RefusedUploadError('This is not a picture that can be shown. Send it as a file.');
      return pictureContent(needs, row, source);
    case 'video':
      if (!isVideo(found)) throw new RefusedUploadError('This is not a video that can be played. Send it as a file.');
      await settle(blobs, source, keys.full, found ?? '');
      await requireAsLookedAt(blobs, keys.full, row, found);
      return videoContent(needs, row, playable(found ?? ''));
    case 'file': {
      const mime = found ?? row.declared_type;
      await settle(blobs, source, keys.full, 'application/octet-stream');
      await requireAsLookedAt(blobs, keys.full, row, found);
      return { ...common(row), type: 'file', mime, keys: { full: keys.full } };
    }
  }
}

function common({ id, name, size_bytes: sizeBytes }: UploadRow): Pick<StoredAttachment, 'id' | 'name' | 'sizeBytes'> {
  return { id, name, sizeBytes };
}

/** QuickTime's container is read by what reads MP4; told its own name, browsers do not try. */
function playable(mime: string): string {
  return mime === 'video/quicktime' || mime === 'video/x-m4v' ? 'video/mp4' : mime;
}

async function settle(blobs: BlobStore, source: string, full: string, contentType: string): Promise<void> {
  if (source !== full) await blobs.move(source, full, { contentType });
}

/**
 * Where clients put into a bucket themselves, the link they were given may still
 * write to the incoming key while it is looked at. Nobody can write to where it
 * was moved to: what lies there decides.
 */
async function requireAsLookedAt(blobs: BlobStore, full: string, row: UploadRow, found: string | undefined): Promise<void> {
  const isSame = (await blobs.findSize(full)) === row.size_bytes && (await typeOf(blobs, full)) === found;
  if (!isSame) throw new RefusedUploadError('The bytes changed while they were looked at.');
  if (row.sha256 !== null && (await digestOf(await blobs.read(full))) !== row.sha256) throw new RefusedUploadError(OTHER_BYTES);
}

/** With what its sender says of it, and the first picture that came with the announcement. */
async function videoContent(needs: PrepareUploadNeeds, row: UploadRow, mime: string): Promise<StoredContent> {
  const { poster, ...measures } = row.video ?? {};
  const full = uploadKeys(row.incoming_key).full;
  const video = { ...common(row), type: 'video', mime, ...measures } as const;
  const drawn = poster === undefined ? null : await drawPoster(needs, row, Buffer.from(poster, 'base64'));
  return drawn === null ? { ...video, keys: { full } } : { ...video, placeholder: drawn.placeholder, keys: { full, ...drawn.keys } };
}

/** `null` when it is no picture: the video is as good without. */
async function drawPoster({ blobs, renderer }: PrepareUploadNeeds, row: UploadRow, bytes: Buffer): Promise<{ placeholder: string; keys: { preview: string; thumbnail: string } } | null> {
  const { preview, thumbnail } = uploadKeys(row.incoming_key);
  const folder = await mkdtemp(join(tmpdir(), 'couplet-poster-'));
  try {
    const source = join(folder, randomUUID());
    await writeFile(source, bytes);
    const { files, placeholder } = await renderer.render({ source, folder, kind: 'attachment' });
    const keyOf = { '1280': preview, '320': thumbnail };
    for (const file of files) if (file.variant === '1280' || file.variant === '320') await blobs.write(keyOf[file.variant], createReadStream(file.path), file);
    return { placeholder, keys: { preview, thumbnail } };
  } catch (error) {
    if (error instanceof UnreadablePictureError) return null;
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function pictureContent(needs: PrepareUploadNeeds, row: UploadRow, source: string): Promise<StoredContent> {
  const { blobs, renderer, keepOriginals } = needs;
  const keys = uploadKeys(row.incoming_key);
  const folder = await mkdtemp(join(tmpdir(), 'couplet-picture-'));
  try {
    const local = join(folder, randomUUID());
    await pipeline(await blobs.read(source), createWriteStream(local));
    // The copy here is what is drawn, whatever becomes of the one in the store.
    if (row.sha256 !== null && (await digestOf(createReadStream(local))) !== row.sha256) throw new RefusedUploadError(OTHER_BYTES);
    const rendered = await renderer.render({ source: local, folder, kind: row.kind });
    const keyOf = { full: keys.full, '1280': keys.preview, '320': keys.thumbnail, '512': keys.avatarLarge, '96': keys.avatarSmall };
    for (const file of rendered.files) await blobs.write(keyOf[file.variant], createReadStream(file.path), file);
    if (source === keys.incoming) {
      if (keepOriginals && row.kind === 'attachment') await blobs.move(source, keys.original, { contentType: 'application/octet-stream' });
      else await blobs.remove(source);
    }
    return row.kind === 'avatar' ? { type: 'avatar', keys: { small: keys.avatarSmall, large: keys.avatarLarge } } : imageOf(row, rendered);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function imageOf(row: UploadRow, { width, height, placeholder, files }: Rendered): StoredAttachment {
  const full = files.find((file) => file.variant === 'full');
  if (!full) throw new Error('The renderer left out the picture itself');
  const keys = uploadKeys(row.incoming_key);
  return {
    ...common(row),
    type: 'image',
    mime: full.contentType,
    sizeBytes: full.sizeBytes,
    width,
    height,
    placeholder,
    keys: { full: keys.full, preview: keys.preview, thumbnail: keys.thumbnail },
  };
}

async function firstOf(blobs: BlobStore, keys: readonly string[]): Promise<string> {
  for (const key of keys) if ((await blobs.findSize(key)) !== null) return key;
  throw new BlobError('missing', 'The bytes of the upload are gone.');
}

async function typeOf(blobs: BlobStore, key: string): Promise<string | undefined> {
  const size = (await blobs.findSize(key)) ?? 0;
  const head = await buffer(await blobs.read(key, { start: 0, end: Math.min(HEAD_BYTES, size) - 1 }));
  return (await fileTypeFromBuffer(head))?.mime;
}

async function digestOf(bytes: Readable): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(bytes, hash);
  return hash.digest('hex');
}
