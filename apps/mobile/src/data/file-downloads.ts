import type { Attachment } from '@couplet/protocol';
import type { DownloadedFile, downloadFile } from '../platform/download-file.ts';
import { UnreadableLinkError } from '../platform/media-cache/media-shelf.ts';

export type DownloadState =
  | { status: 'none' }
  /** `null` before the first bytes. */
  | { status: 'loading'; progress: number | null }
  | { status: 'here'; file: DownloadedFile }
  | { status: 'failed' };

const NONE: DownloadState = { status: 'none' };
/** Held for opening and sharing again; the person's own copies are elsewhere. */
const MOST_HELD = 4;
/** A bar that moves by less than this is not seen to move. */
const STEP = 0.01;

/** Files on their way to this device, whatever screen is shown meanwhile. */
export class FileDownloads {
  readonly #download: typeof downloadFile;
  readonly #states = new Map<string, DownloadState>();
  readonly #running = new Map<string, { aborter: AbortController; file: Promise<DownloadedFile> }>();
  readonly #listeners = new Map<string, Set<() => void>>();

  constructor(download: typeof downloadFile) {
    this.#download = download;
  }

  stateOf(id: string): DownloadState {
    return this.#states.get(id) ?? NONE;
  }

  subscribe(id: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(id);
    };
  }

  /** The file, brought here once. Rejects when it was cut or given up. */
  bring({ id, url, name, mime, sizeBytes }: Attachment): Promise<DownloadedFile> {
    const known = this.stateOf(id);
    if (known.status === 'here') return Promise.resolve(known.file);
    const running = this.#running.get(id);
    if (running) return running.file;
    const aborter = new AbortController();
    const file = this.#bring(id, () => this.#download({ id, url, name, mime, sizeBytes, signal: aborter.signal, onProgress: (progress) => this.#progressed(id, progress) }));
    this.#running.set(id, { aborter, file });
    return file;
  }

  cancel(id: string): void {
    this.#running.get(id)?.aborter.abort();
  }

  /** Everything on its way is given up and nothing is held any more. */
  clear(): void {
    for (const { aborter } of this.#running.values()) aborter.abort();
    for (const [id, state] of this.#states) {
      if (state.status === 'here') state.file.release();
      this.#set(id, NONE);
    }
  }

  async #bring(id: string, download: () => Promise<DownloadedFile>): Promise<DownloadedFile> {
    this.#set(id, { status: 'loading', progress: null });
    try {
      const file = await download();
      this.#set(id, { status: 'here', file });
      this.#letGo();
      return file;
    } catch (error) {
      const isGivenUp = this.#running.get(id)?.aborter.signal.aborted ?? false;
      // One whose link the app may not read is left to the browser.
      this.#set(id, isGivenUp || error instanceof UnreadableLinkError ? NONE : { status: 'failed' });
      throw error;
    } finally {
      this.#running.delete(id);
    }
  }

  #progressed(id: string, progress: number): void {
    const known = this.stateOf(id);
    if (known.status === 'loading' && progress - (known.progress ?? 0) >= STEP) this.#set(id, { status: 'loading', progress });
  }

  /** Those that were brought first. */
  #letGo(): void {
    const held = [...this.#states].filter(([, state]) => state.status === 'here');
    for (const [id, state] of held.slice(0, -MOST_HELD)) {
      if (state.status === 'here') state.file.release();
      this.#set(id, NONE);
    }
  }

  #set(id: string, state: DownloadState): void {
    this.#states.delete(id);
    if (state.status !== 'none') this.#states.set(id, state);
    for (const listener of this.#listeners.get(id) ?? []) listener();
  }
}
