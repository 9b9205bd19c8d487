import type { FilesPort, OutgoingFile } from '@couplet/client';
import { getDocumentAsync } from 'expo-document-picker';
import { Directory, File, Paths } from 'expo-file-system';
import { CameraType, type ImagePickerAsset, launchCameraAsync, launchImageLibraryAsync, requestCameraPermissionsAsync } from 'expo-image-picker';
import { posterOf } from './video-poster.ts';

/** As many as go with one message. */
const MOST = 10;
/** How long a stretch of at most 8 MiB may take. */
const PUT_TIMEOUT_MS = 10 * 60_000;

/** Files on their way out, in the app's own folder. */
export function createFiles(serverUrl: string): FilesPort {
  const folder = folderOf(serverUrl);
  return {
    async keep(id, source) {
      folder.create({ intermediates: true, idempotent: true });
      await new File(String(source)).copy(new File(folder, id));
    },
    async put(id, { url, headers, start, end, onProgress, signal }) {
      const aborter = new AbortController();
      const unsubscribe = signal.subscribe(() => aborter.abort());
      const timer = setTimeout(() => aborter.abort(), PUT_TIMEOUT_MS);
      try {
        const response = await fetch(url, { method: 'PUT', headers, body: stretchOf(new File(folder, id), start, end), signal: aborter.signal });
        onProgress(end - start);
        return { status: response.status, etag: response.headers.get('etag') };
      } finally {
        clearTimeout(timer);
        unsubscribe();
      }
    },
    async remove(id) {
      const file = new File(folder, id);
      if (file.exists) file.delete();
    },
    async list() {
      if (!folder.exists) return [];
      return folder.list().flatMap((entry) => (entry instanceof File ? [{ id: entry.name, keptAt: entry.modificationTime ?? 0 }] : []));
    },
  };
}

/** To show a file while it waits; `null` when it is gone. */
export async function openKeptFile(serverUrl: string, id: string): Promise<{ url: string; release: () => void } | null> {
  const file = new File(folderOf(serverUrl), id);
  return file.exists ? { url: file.uri, release: () => undefined } : null;
}

/** Lets the person choose; nothing chosen is an empty list. `photo` and `portrait` are one picture, of the latter by the camera that faces them. */
export async function pickFiles(kind: 'media' | 'photo' | 'camera' | 'portrait' | 'any'): Promise<OutgoingFile[]> {
  if (kind === 'any') {
    const { assets } = await getDocumentAsync({ multiple: true, copyToCacheDirectory: true });
    return (assets ?? []).map(({ uri, name, mimeType, size }) => ({ source: uri, name, mime: mimeType ?? 'application/octet-stream', sizeBytes: size ?? new File(uri).size }));
  }
  if (kind === 'camera' || kind === 'portrait') {
    const { granted } = await requestCameraPermissionsAsync();
    if (!granted) return [];
    return described((await launchCameraAsync(kind === 'camera' ? { mediaTypes: ['images', 'videos'] } : { mediaTypes: ['images'], cameraType: CameraType.front })).assets);
  }
  const { assets } = await launchImageLibraryAsync(kind === 'photo' ? { mediaTypes: ['images'] } : { mediaTypes: ['images', 'videos'], allowsMultipleSelection: true, selectionLimit: MOST });
  return described(assets);
}

/** Phones have one. */
export function hasCamera(): boolean {
  return true;
}

function described(assets: readonly ImagePickerAsset[] | null): Promise<OutgoingFile[]> {
  return Promise.all(
    (assets ?? []).map(async ({ uri, fileName, mimeType, type, width, height, duration }) => {
      const poster = type === 'video' ? await posterOf(uri) : null;
      return {
        source: uri,
        name: fileName ?? (type === 'video' ? 'video.mp4' : 'photo.jpg'),
        mime: mimeType ?? (type === 'video' ? 'video/mp4' : 'image/jpeg'),
        sizeBytes: new File(uri).size,
        width,
        height,
        ...(type === 'video' ? { durationMs: Math.round(duration ?? 0) } : {}),
        ...(poster === null ? {} : { poster }),
      };
    }),
  );
}

/** Nothing is pasted or dropped on a phone. */
export function subscribeToGivenFiles(_onFiles: (files: OutgoingFile[]) => void): () => void {
  return () => undefined;
}

function folderOf(serverUrl: string): Directory {
  return new Directory(Paths.document, 'outgoing', new URL(serverUrl).host.replaceAll(':', '-'));
}

function stretchOf(file: File, start: number, end: number): Uint8Array<ArrayBuffer> {
  const handle = file.open();
  try {
    handle.offset = start;
    return handle.readBytes(end - start);
  } finally {
    handle.close();
  }
}
