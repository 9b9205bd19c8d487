import { Directory, File, Paths } from 'expo-file-system';
import { isAvailableAsync, shareAsync } from 'expo-sharing';
import { Linking } from 'react-native';
import type { DownloadedFile, DownloadRequest } from './downloaded-file.ts';

export type { DownloadedFile, DownloadRequest } from './downloaded-file.ts';

/** Whether files are saved by themselves; on phones the sheet that shares them does it. */
export const SAVES_FILES = false;

/** Phones always have somewhere to send a file to. */
export function canShareFiles(): boolean {
  return true;
}

/** Brings it to the app's cache, where the system makes room by itself. Rejects when it is cut or given up. */
export async function downloadFile({ id, url, name, mime, sizeBytes, onProgress, signal }: DownloadRequest): Promise<DownloadedFile> {
  const folder = new Directory(FOLDER, id);
  folder.create({ intermediates: true, idempotent: true });
  const file = await File.downloadFileAsync(url, new File(folder, name), {
    idempotent: true,
    signal,
    onProgress: ({ bytesWritten }) => onProgress(Math.min(1, bytesWritten / sizeBytes)),
  });
  const share = async () => {
    if (await isAvailableAsync()) await shareAsync(file.uri, { mimeType: mime });
  };
  return { source: file.uri, save: null, open: () => void share().catch(() => undefined), share, release: () => undefined };
}

/** Nothing of an account stays on the device after it. */
export function clearDownloads(): void {
  if (FOLDER.exists) FOLDER.delete();
}

const FOLDER = new Directory(Paths.cache, 'files');

/** Where a file cannot be brought to the app: the phone's browser takes it from there. */
export function saveFromLink(url: string, _name: string): void {
  void Linking.openURL(url).catch(() => undefined);
}
