import { CoupletError, uuidv7, type Viewer } from '@couplet/protocol';
import type { CancelSignal, FilesPort } from './ports/files-port.ts';
import type { ClockPort, RandomPort } from './ports/ports.ts';
import type { ApiClient } from './session/api-client.ts';
import { Cancellation } from './cancellation.ts';
import type { OutgoingFile } from './uploads/pending-upload.ts';
import { uploadFile } from './uploads/upload-file.ts';

export interface ProfilePhotoNeeds {
  api: ApiClient;
  clock: ClockPort;
  random: RandomPort;
  /** Left out where the host keeps no files. */
  files?: FilesPort;
}

export interface PhotoUploadOptions {
  /** From 0 to 1, as far as the host can tell. */
  progressed?(share: number): void;
  signal?: CancelSignal;
}

/**
 * Brings a photo to the server and shows it as the viewer's. Unlike a message's
 * files it does not outlive the app: the person waits for it, and tries again.
 *
 * @throws CoupletError `validation_failed` when the server refuses the picture, `unavailable` when it did not get through
 */
export async function setProfilePhoto(needs: ProfilePhotoNeeds, { source, ...photo }: OutgoingFile, options: PhotoUploadOptions): Promise<Viewer> {
  const { api, clock, random, files } = needs;
  if (files === undefined) throw new CoupletError('validation_failed', 'Files cannot be sent from here.');
  const { progressed, signal = new Cancellation() } = options;
  const fileId = uuidv7(clock.now(), (bytes) => random.fill(bytes));
  await files.keep(fileId, source);
  try {
    const { uploadId } = await uploadFile(
      { api, files, clock, signal, kind: 'avatar', announced: async () => undefined, progressed: (sentBytes) => progressed?.(sentBytes / photo.sizeBytes) },
      { ...photo, fileId, uploadId: null, attachment: null },
    );
    return await api.call('setAvatar', { body: { uploadId } });
  } finally {
    await files.remove(fileId);
  }
}
