import { endOf, resultOf } from '../indexed-db/requests.ts';
import { type MediaShelf, type ShelfEntry, type ShownMedia, UnreadableLinkError } from './media-shelf.ts';

/** What is known of a picture, and beside it, under the same key, its bytes: weighing all of them reads none. */
const ENTRIES = 'entries';
const BYTES = 'bytes';

/** A database of the browser's beside the messages. */
export function createDeviceShelf(name = 'couplet pictures'): MediaShelf {
  let opened: Promise<IDBDatabase> | null = null;
  const database = () => {
    opened ??= openDatabase(name, () => {
      opened = null;
    });
    return opened;
  };
  const write = async (change: (entries: IDBObjectStore, bytes: IDBObjectStore) => void, signal?: AbortSignal) => {
    const open = await database();
    // From here to the transaction nothing is waited for: one that clears everything comes before or after, never between.
    signal?.throwIfAborted();
    const transaction = open.transaction([ENTRIES, BYTES], 'readwrite');
    change(transaction.objectStore(ENTRIES), transaction.objectStore(BYTES));
    await endOf(transaction);
  };
  return {
    async list() {
      return (await resultOf((await database()).transaction(ENTRIES).objectStore(ENTRIES).getAll())) as ShelfEntry[];
    },
    async open(key) {
      const transaction = (await database()).transaction([ENTRIES, BYTES]);
      const [entry, bytes] = await Promise.all([resultOf(transaction.objectStore(ENTRIES).get(key)), resultOf(transaction.objectStore(BYTES).get(key))]);
      return bytes instanceof Blob && entry !== undefined ? { shown: show(bytes), usedAt: (entry as ShelfEntry).usedAt } : null;
    },
    async bring(key, url, usedAt, signal) {
      const blob = await fetchBlob(url, signal);
      const kept = write((entries, bytes) => {
        entries.put({ key, sizeBytes: blob.size, usedAt } satisfies ShelfEntry);
        bytes.put(blob, key);
      }, signal);
      return { shown: show(blob), kept };
    },
    async touch(key, usedAt) {
      const transaction = (await database()).transaction(ENTRIES, 'readwrite');
      const entries = transaction.objectStore(ENTRIES);
      const entry = (await resultOf(entries.get(key))) as ShelfEntry | undefined;
      if (entry !== undefined) entries.put({ ...entry, usedAt } satisfies ShelfEntry);
      await endOf(transaction);
    },
    async remove(keys) {
      await write((entries, bytes) => {
        for (const key of keys) {
          entries.delete(key);
          bytes.delete(key);
        }
      });
    },
    async clear() {
      await write((entries, bytes) => {
        entries.clear();
        bytes.clear();
      });
    },
  };
}

async function fetchBlob(url: string, signal: AbortSignal): Promise<Blob> {
  if (!navigator.onLine) throw new Error('There is no network');
  // The browser's own cache would keep everything a second time.
  const response = await fetch(url, { signal, cache: 'no-store' }).catch((cause: unknown) => {
    // No answer, or one from an origin that lets pages show it but not read it: which of them is not told.
    if (cause instanceof TypeError) throw new UnreadableLinkError('The picture could not be read', { cause });
    throw cause;
  });
  const blob = await response.blob();
  if (!response.ok || !blob.type.startsWith('image/')) throw new Error(`Not a picture: ${response.status} ${blob.type}`);
  return blob;
}

function show(blob: Blob): ShownMedia {
  const url = URL.createObjectURL(blob);
  return { url, release: () => URL.revokeObjectURL(url) };
}

function openDatabase(name: string, closed: () => void): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(ENTRIES, { keyPath: 'key' });
    request.result.createObjectStore(BYTES);
  };
  return resultOf(request).then((database) => {
    // Another tab needs a newer version, or the browser took the database away.
    database.onversionchange = () => database.close();
    database.onclose = closed;
    return database;
  });
}
