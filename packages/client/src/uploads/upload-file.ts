import { type AttachmentId, CoupletError, LIMITS, type Upload, type UploadKind, type UploadTarget } from '@couplet/protocol';
import type { ClockPort } from '../ports/ports.ts';
import type { CancelSignal, FilesPort } from '../ports/files-port.ts';
import type { ApiClient } from '../session/api-client.ts';
import type { PendingUpload } from './pending-upload.ts';

export interface UploadFileNeeds {
  api: ApiClient;
  files: FilesPort;
  clock: ClockPort;
  signal: CancelSignal;
  /** Left out: an attachment. */
  kind?: UploadKind;
  /** Stored before a byte goes out: after a restart the server is asked how far it came. */
  announced(uploadId: AttachmentId): Promise<void>;
  progressed(sentBytes: number): void;
}

/** The server still looks at it: often enough for a picture, seldom enough for a video. */
const ASK_AGAIN_MS = 1_000;
/** Signed links may end on the way; more often than this it is something else. */
const MAX_ROUNDS = 5;

/**
 * Brings a kept file to the server, from wherever it was cut, and answers the
 * upload once it is ready. Rejects with `CoupletError`: `validation_failed` when the
 * server refuses the file, `unavailable` when a later try may succeed.
 */
export async function uploadFile(needs: UploadFileNeeds, upload: PendingUpload): Promise<Upload> {
  let uploadId = upload.uploadId;
  let target: UploadTarget | undefined;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    if (uploadId === null) {
      target = await announce(needs, upload);
      uploadId = target.uploadId;
      await needs.announced(uploadId);
    } else {
      const found = await find(needs, uploadId);
      if (found === null) {
        uploadId = null;
        continue;
      }
      const ready = settled(found);
      if (ready !== null) return ready;
      target = found.target;
    }
    const arePut = target === undefined || (await putMissing(needs, upload, target));
    if (arePut) return complete(needs, uploadId);
  }
  throw new CoupletError('unavailable', 'The file could not be brought to where the server wanted it.');
}

function announce({ api, kind }: UploadFileNeeds, { name, mime, sizeBytes, width, height, durationMs, poster }: PendingUpload): Promise<UploadTarget> {
  const first = poster === undefined ? {} : { poster };
  const video = width !== undefined && height !== undefined && durationMs !== undefined ? { video: { width, height, durationMs, ...first } } : {};
  return api.call('presignUpload', { body: { filename: name, contentType: mime, sizeBytes, ...(kind === undefined ? {} : { kind }), ...video } });
}

async function find({ api }: UploadFileNeeds, uploadId: AttachmentId): Promise<Upload | null> {
  try {
    return await api.call('getUpload', { params: { id: uploadId } });
  } catch (error) {
    if (error instanceof CoupletError && error.code === 'not_found') return null;
    throw error;
  }
}

/** `null`: not yet. */
function settled(upload: Upload): Upload | null {
  if (upload.status === 'rejected') throw new CoupletError('validation_failed', upload.reason ?? 'The server does not take this file.');
  return upload.status === 'ready' ? upload : null;
}

/** `false` when the links were no good any more. */
async function putMissing(needs: UploadFileNeeds, { fileId, sizeBytes }: PendingUpload, target: UploadTarget): Promise<boolean> {
  const { files, signal, progressed } = needs;
  const put = async (stretch: { url: string; headers: Record<string, string>; start: number; end: number }, sentBefore: number) => {
    if (signal.isCancelled) throw new CoupletError('unavailable', 'It was given up.');
    const answer = await files.put(fileId, { ...stretch, signal, onProgress: (sent) => progressed(sentBefore + sent) }).catch((cause: unknown) => {
      throw new CoupletError('unavailable', 'The file did not get through.', { cause });
    });
    if (answer.status >= 500) throw new CoupletError('unavailable', 'The store of files did not take it.');
    return answer;
  };
  if ('url' in target) return isDone(await put({ url: target.url, headers: target.headers, start: 0, end: sizeBytes }, 0));
  let sentBefore = sizeBytes - target.parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  progressed(sentBefore);
  for (const part of target.parts) {
    const start = (part.partNumber - 1) * LIMITS.uploadPartBytes;
    const answer = await put({ url: part.url, headers: {}, start, end: start + part.sizeBytes }, sentBefore);
    if (!isDone(answer)) return false;
    if (answer.etag === null) throw new CoupletError('unavailable', 'The store of files does not tell the etag of what it took.');
    await needs.api.call('reportUploadPart', { params: { id: target.uploadId, partNumber: part.partNumber }, body: { etag: answer.etag } });
    sentBefore += part.sizeBytes;
  }
  return true;
}

function isDone({ status }: { status: number }): boolean {
  return status >= 200 && status < 300;
}

async function complete({ api, clock, signal }: UploadFileNeeds, uploadId: AttachmentId): Promise<Upload> {
  for (;;) {
    const ready = settled(await api.call('completeUpload', { params: { id: uploadId } }));
    if (ready !== null) return ready;
    await new Promise<void>((resolve) => void clock.schedule(ASK_AGAIN_MS, resolve));
    if (signal.isCancelled) throw new CoupletError('unavailable', 'It was given up.');
  }
}
