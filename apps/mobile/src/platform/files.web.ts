import type { FilePut, FilesPort, OutgoingFile } from '@couplet/client';
import { hasFinePointer } from './pointer.ts';
import { posterOf } from './video-poster.ts';

/** How long an upload may stand still: a mobile network that is gone does not say so. */
const STALL_MS = 45_000;
const STORE = 'files';

interface Kept {
  blob: Blob;
  keptAt: number;
}

/** Files on their way out, in a database of the browser's beside the messages. */
export function createFiles(serverUrl: string): FilesPort {
  const opened = openDatabase(`couplet files ${new URL(serverUrl).host}`);
  // Asked for before anybody looks: a failure is told to whoever keeps the first file.
  opened.catch(() => undefined);
  return {
    async keep(id, source) {
      if (!(source instanceof Blob)) throw new Error('A browser keeps blobs');
      await run(await opened, 'readwrite', (files) => files.put({ blob: source, keptAt: Date.now() } satisfies Kept, id));
    },
    async put(id, request) {
      const kept = await find(await opened, id);
      if (!kept) throw new Error('The file is not on this device any more');
      return putBlob(kept.blob.slice(request.start, request.end), request);
    },
    async remove(id) {
      await run(await opened, 'readwrite', (files) => files.delete(id));
    },
    async list() {
      const database = await opened;
      const ids = (await run(database, 'readonly', (files) => files.getAllKeys())) as string[];
      const kept = await Promise.all(ids.map((id) => find(database, id)));
      return ids.flatMap((id, index) => (kept[index] ? [{ id, keptAt: kept[index].keptAt }] : []));
    },
  };
}

/** To show a file while it waits; `null` when it is gone. Call `release` when it is shown no more. */
export async function openKeptFile(serverUrl: string, id: string): Promise<{ url: string; release: () => void } | null> {
  const database = await openDatabase(`couplet files ${new URL(serverUrl).host}`);
  const kept = await find(database, id);
  database.close();
  if (!kept) return null;
  const url = URL.createObjectURL(kept.blob);
  return { url, release: () => URL.revokeObjectURL(url) };
}

/** Lets the person choose; nothing chosen is an empty list. `photo` and `portrait` are one picture, of the latter by the camera that faces them. */
export function pickFiles(kind: 'media' | 'photo' | 'camera' | 'portrait' | 'any'): Promise<OutgoingFile[]> {
  return new Promise((resolve) => {
    const input = document.createElement('input');
    input.type = 'file';
    input.multiple = kind === 'media' || kind === 'any';
    // A phone's browser then opens the camera itself, Android's only where nothing but pictures is asked for; others do not know of it.
    if (kind === 'camera' || kind === 'portrait') input.setAttribute('capture', kind === 'camera' ? 'environment' : 'user');
    if (kind !== 'any') input.accept = kind === 'media' ? 'image/*,video/*' : 'image/*';
    input.addEventListener('change', () => resolve(Promise.all([...(input.files ?? [])].map(describeFile))));
    input.addEventListener('cancel', () => resolve([]));
    input.click();
  });
}

/** Whether a picture can be taken right now: where fingers are, a camera is. */
export function hasCamera(): boolean {
  return navigator.maxTouchPoints > 0 && !hasFinePointer();
}

/** Whoever asked last is given the files: screens that lie under it stay in the document. */
const takers: ((files: OutgoingFile[]) => void)[] = [];

/** Files that are pasted or dropped anywhere on the page. */
export function subscribeToGivenFiles(onFiles: (files: OutgoingFile[]) => void): () => void {
  takers.push(onFiles);
  const isLast = () => takers.at(-1) === onFiles;
  const take = (event: Event, given: FileList | undefined) => {
    if (!given || given.length === 0 || !isLast()) return;
    event.preventDefault();
    void Promise.all([...given].map(describeFile)).then(onFiles);
  };
  // Words that are copied with a picture of them (from a table, say) are pasted as words.
  const paste = (event: ClipboardEvent) => (event.clipboardData?.types.includes('text/plain') ? undefined : take(event, event.clipboardData?.files));
  const drop = (event: DragEvent) => take(event, event.dataTransfer?.files);
  // Without it the browser would open what is dropped in place of the app.
  const allow = (event: DragEvent) => event.preventDefault();
  document.addEventListener('paste', paste);
  document.addEventListener('drop', drop);
  document.addEventListener('dragover', allow);
  return () => {
    takers.splice(takers.indexOf(onFiles), 1);
    document.removeEventListener('paste', paste);
    document.removeEventListener('drop', drop);
    document.removeEventListener('dragover', allow);
  };
}

async function describeFile(file: File): Promise<OutgoingFile> {
  const mime = /^[\w.+-]+\/[\w.+-]+$/.test(file.type) ? file.type : 'application/octet-stream';
  const measures = mime.startsWith('image/') ? await measureImage(file) : mime.startsWith('video/') ? await measureVideo(file) : {};
  const poster = measures !== null && mime.startsWith('video/') ? await posterOf(file) : null;
  // What this browser cannot open the server would refuse to show: it goes as a file.
  return { source: file, name: file.name || 'file', mime: measures === null ? 'application/octet-stream' : mime, sizeBytes: file.size, ...measures, ...(poster === null ? {} : { poster }) };
}

async function measureImage(file: File): Promise<{ width: number; height: number } | null> {
  try {
    const bitmap = await createImageBitmap(file);
    const measures = { width: bitmap.width, height: bitmap.height };
    bitmap.close();
    return measures;
  } catch {
    return null;
  }
}

function measureVideo(file: File): Promise<{ width: number; height: number; durationMs: number } | null> {
  const url = URL.createObjectURL(file);
  const video = document.createElement('video');
  const measured = new Promise<{ width: number; height: number; durationMs: number } | null>((resolve) => {
    video.onloadedmetadata = () => {
      const { videoWidth: width, videoHeight: height, duration } = video;
      resolve(width > 0 && height > 0 ? { width, height, durationMs: Number.isFinite(duration) ? Math.round(duration * 1_000) : 0 } : null);
    };
    video.onerror = () => resolve(null);
  });
  video.preload = 'metadata';
  video.src = url;
  return measured.finally(() => URL.revokeObjectURL(url));
}

/** `fetch` cannot tell how much of a body is gone out. */
function putBlob(body: Blob, { url, headers, onProgress, signal }: FilePut): Promise<{ status: number; etag: string | null }> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let stalled = setTimeout(() => request.abort(), STALL_MS);
    const unsubscribe = signal.subscribe(() => request.abort());
    request.open('PUT', url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded }) => {
      clearTimeout(stalled);
      stalled = setTimeout(() => request.abort(), STALL_MS);
      onProgress(loaded);
    };
    request.onload = () => resolve({ status: request.status, etag: request.getResponseHeader('etag') });
    request.onerror = () => reject(new Error('The upload was cut'));
    request.onabort = () => reject(new Error('The upload stood still or was given up'));
    request.onloadend = () => {
      clearTimeout(stalled);
      unsubscribe();
    };
    request.send(body);
  });
}

function openDatabase(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('The database of files cannot be opened'));
  });
}

async function find(database: IDBDatabase, id: string): Promise<Kept | undefined> {
  return (await run(database, 'readonly', (files) => files.get(id))) as Kept | undefined;
}

/** Resolves once the transaction is through: what was written then survives. */
function run(database: IDBDatabase, mode: IDBTransactionMode, ask: (files: IDBObjectStore) => IDBRequest): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(STORE, mode);
    const request = ask(transaction.objectStore(STORE));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error ?? new Error('The database of files refused'));
  });
}
