import type { DownloadedFile, DownloadRequest } from './downloaded-file.ts';
import { UnreadableLinkError } from './media-cache/media-shelf.ts';

export type { DownloadedFile, DownloadRequest } from './downloaded-file.ts';

/** The browser keeps what it downloads in a folder of the person's. */
export const SAVES_FILES = true;

export function canShareFiles(): boolean {
  return 'canShare' in navigator && navigator.canShare({ files: [new File([''], 'picture.png', { type: 'image/png' })] });
}

/** Rejects when it is cut or given up, and with an `UnreadableLinkError` where the page may not read the link. */
export async function downloadFile({ url, name, mime, sizeBytes, onProgress, signal }: DownloadRequest): Promise<DownloadedFile> {
  const response = await fetch(url, { signal }).catch((cause: unknown) => {
    // A bucket that lets pages show its files but not read them; without a network, or of our own server, it is just not there now.
    if (cause instanceof TypeError && navigator.onLine && new URL(url).origin !== location.origin) throw new UnreadableLinkError('The file could not be read', { cause });
    throw cause;
  });
  if (!response.ok || !response.body) throw new Error(`The file was answered with ${response.status}`);
  const reader = response.body.getReader();
  // Collected in stretches: the browser keeps blobs outside of the page's memory, a large one on disk.
  let bytes = new Blob([], { type: 'application/octet-stream' });
  let stretch: Uint8Array<ArrayBuffer>[] = [];
  let stretchBytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (value) {
      stretch.push(value);
      stretchBytes += value.length;
      onProgress(Math.min(1, (bytes.size + stretchBytes) / sizeBytes));
    }
    if (!done && stretchBytes < STRETCH_BYTES) continue;
    bytes = new Blob([bytes, ...stretch], { type: 'application/octet-stream' });
    [stretch, stretchBytes] = [[], 0];
    if (done) break;
  }
  // A page of somebody else's, opened from here, would run as ours: only what cannot hold a script is opened.
  const opensAs = OPENED.has(mime) ? mime : null;
  const urls: string[] = [];
  const urlOf = (type: string) => {
    const made = URL.createObjectURL(new Blob([bytes], { type }));
    urls.push(made);
    return made;
  };
  const shared = new File([bytes], name, { type: mime });
  return {
    source: shared,
    save: () => saveFromLink(urlOf('application/octet-stream'), name),
    open: opensAs === null ? null : () => void window.open(urlOf(opensAs), '_blank'),
    share: canShareFiles() && navigator.canShare({ files: [shared] }) ? () => navigator.share({ files: [shared] }) : null,
    release: () => urls.forEach((made) => URL.revokeObjectURL(made)),
  };
}

/** What was saved is the person's; the rest goes with the page. */
export function clearDownloads(): void {
  // Nothing is kept.
}

/** The browser saves what the server sends as a download, and shows a picture in a page of its own. */
export function saveFromLink(url: string, name: string): void {
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.target = '_blank';
  link.rel = 'noopener';
  link.click();
}

const STRETCH_BYTES = 4 * 1024 * 1024;
const OPENED: ReadonlySet<string> = new Set(['application/pdf', 'text/plain', 'image/jpeg', 'image/png', 'image/webp', 'image/gif', 'audio/mpeg', 'audio/mp4', 'audio/ogg', 'video/mp4', 'video/webm']);
