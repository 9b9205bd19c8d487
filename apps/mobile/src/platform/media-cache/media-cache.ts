import type { ClockPort, Report } from '@couplet/client';
import { type MediaShelf, type ShelfEntry, type ShownMedia, UnreadableLinkError } from './media-shelf.ts';

export interface MediaCacheOptions {
  shelf: MediaShelf;
  clock: ClockPort;
  boundBytes: number;
}

type View =
  | { status: 'loading' }
  | { status: 'shown'; media: ShownMedia }
  /** Not kept, and only to be had from where it is. */
  | { status: 'unreadable'; url: string }
  /** Neither here nor to be had now. */
  | { status: 'missing' };

interface Watched {
  key: string;
  /** The link of today; `null` while there is none. */
  url: string | null;
  view: View;
  readonly listeners: Set<() => void>;
  fetching: AbortController | null;
}

/**
 * The pictures of this device: whatever was seen is seen again, with or without
 * a network, up to a bound. What is on screen is held; of what left it, the last
 * ones stay open, so that scrolling back shows them in the same frame.
 */
export class MediaCache {
  readonly #shelf: MediaShelf;
  readonly #clock: ClockPort;
  readonly #watched = new Map<string, Watched>();
  /** Open, but watched by nobody; the one left last is the last. */
  readonly #idle = new Map<string, ShownMedia>();
  /** What is being written, to be stopped when everything has to go. */
  readonly #writing = new Set<AbortController>();
  readonly #usageListeners = new Set<() => void>();
  #boundBytes: number;
  #report: Report = () => undefined;
  #cancelTrim: (() => void) | null = null;

  constructor({ shelf, clock, boundBytes }: MediaCacheOptions) {
    this.#shelf = shelf;
    this.#clock = clock;
    this.#boundBytes = boundBytes;
  }

  /** Where the device's refusals are told from now on; pictures are shown all the same. */
  reportTo(report: Report): void {
    this.#report = report;
  }

  /** An address to show it by, `null` while there is none. The same until a listener of `watch` is called. */
  urlOf(key: string): string | null {
    const view = this.#watched.get(key)?.view;
    if (view === undefined) return this.#idle.get(key)?.url ?? null;
    switch (view.status) {
      case 'shown':
        return view.media.url;
      case 'unreadable':
        return view.url;
      case 'loading':
      case 'missing':
        return null;
    }
  }

  /** Opens it, or fetches it from `url` and keeps it, as long as somebody watches. Answers the function that ends that. */
  watch(key: string, url: string | null, listener: () => void): () => void {
    const watched = this.#watched.get(key) ?? this.#begin(key, url);
    watched.listeners.add(listener);
    if (url !== null && url !== watched.url) {
      watched.url = url;
      if (watched.view.status === 'missing' || watched.view.status === 'unreadable') this.#load(watched);
    }
    return () => {
      watched.listeners.delete(listener);
      if (watched.listeners.size === 0) this.#leave(watched);
    };
  }

  /** Another try for what could not be had: the network is back. */
  wake(): void {
    for (const watched of this.#watched.values()) {
      if (watched.view.status === 'missing' || watched.view.status === 'unreadable') this.#load(watched);
    }
  }

  async usedBytes(): Promise<number> {
    return sizeOf(await this.#shelf.list());
  }

  /** Called when more or less is kept than before. */
  subscribeToUsage(listener: () => void): () => void {
    this.#usageListeners.add(listener);
    return () => void this.#usageListeners.delete(listener);
  }

  setBound(boundBytes: number): void {
    if (boundBytes === this.#boundBytes) return;
    this.#boundBytes = boundBytes;
    this.#trimSoon();
  }

  /** Nothing stays on the device; what is on screen stays there until it leaves. */
  async clear(): Promise<void> {
    for (const writing of this.#writing) writing.abort();
    for (const watched of this.#watched.values()) {
      if (watched.view.status === 'loading') this.#become(watched, { status: 'missing' });
    }
    for (const media of this.#idle.values()) media.release();
    this.#idle.clear();
    await this.#shelf.clear();
    this.#announceUsage();
  }

  /** Down to the bound: what was used longest ago goes first. */
  async trim(): Promise<void> {
    const entries = await this.#shelf.list();
    const leaving = leavingFor(entries, this.#boundBytes);
    if (leaving.length > 0) await this.#shelf.remove(leaving);
    this.#announceUsage();
  }

  #begin(key: string, url: string | null): Watched {
    const watched: Watched = { key, url, view: { status: 'loading' }, listeners: new Set(), fetching: null };
    this.#watched.set(key, watched);
    const open = this.#idle.get(key);
    this.#idle.delete(key);
    if (open === undefined) this.#load(watched);
    else watched.view = { status: 'shown', media: open };
    return watched;
  }

  #leave(watched: Watched): void {
    const { key, view } = watched;
    if (this.#watched.get(key) !== watched) return;
    this.#watched.delete(key);
    if (view.status === 'loading') return watched.fetching?.abort();
    if (view.status !== 'shown') return;
    this.#idle.set(key, view.media);
    if (this.#idle.size <= MOST_IDLE) return;
    const [oldest] = this.#idle;
    if (oldest === undefined) return;
    this.#idle.delete(oldest[0]);
    oldest[1].release();
  }

  #load(watched: Watched): void {
    const aborter = new AbortController();
    watched.view = { status: 'loading' };
    watched.fetching = aborter;
    this.#writing.add(aborter);
    this.#openOrBring(watched, aborter.signal)
      .catch((error: unknown) => this.#report('pictures', error))
      .finally(() => void this.#writing.delete(aborter));
  }

  /** Ends when what was brought is kept. */
  async #openOrBring(watched: Watched, signal: AbortSignal): Promise<void> {
    const { key } = watched;
    const now = this.#clock.now();
    // A device that keeps nothing still shows what the network brings.
    const kept = await this.#shelf.open(key).catch(() => null);
    if (kept !== null) {
      this.#show(watched, kept.shown, signal);
      if (now - kept.usedAt > USE_RESOLUTION_MS) await this.#shelf.touch(key, now);
      return;
    }
    const { url } = watched;
    if (url === null || signal.aborted) {
      this.#settle(watched, { status: 'missing' }, signal);
      return;
    }
    const brought = await this.#shelf.bring(key, url, now, signal).catch((error: unknown) => {
      this.#settle(watched, error instanceof UnreadableLinkError ? { status: 'unreadable', url } : { status: 'missing' }, signal);
      return null;
    });
    if (brought === null) return;
    this.#show(watched, brought.shown, signal);
    await brought.kept;
    this.#trimSoon();
  }

  #show(watched: Watched, media: ShownMedia, signal: AbortSignal): void {
    if (!this.#settle(watched, { status: 'shown', media }, signal)) media.release();
  }

  /** `false` when nobody waits for this outcome any more. */
  #settle(watched: Watched, view: View, signal: AbortSignal): boolean {
    if (watched.fetching?.signal !== signal || this.#watched.get(watched.key) !== watched || watched.view.status !== 'loading') return false;
    this.#become(watched, view);
    return true;
  }

  #become(watched: Watched, view: View): void {
    watched.view = view;
    for (const listener of watched.listeners) listener();
  }

  #trimSoon(): void {
    this.#cancelTrim ??= this.#clock.schedule(TRIM_DELAY_MS, () => {
      this.#cancelTrim = null;
      this.trim().catch((error: unknown) => this.#report('pictures', error));
    });
  }

  #announceUsage(): void {
    for (const listener of this.#usageListeners) listener();
  }
}

/** Which ones have to go so that the rest fits: those used longest ago. */
export function leavingFor(entries: readonly ShelfEntry[], boundBytes: number): string[] {
  let excess = sizeOf(entries) - boundBytes;
  if (excess <= 0) return [];
  // A little more than needed, so that not every further picture has to make room for itself.
  excess += boundBytes * SPARE_SHARE;
  const leaving: string[] = [];
  for (const { key, sizeBytes } of [...entries].sort((a, b) => a.usedAt - b.usedAt)) {
    if (excess <= 0) break;
    leaving.push(key);
    excess -= sizeBytes;
  }
  return leaving;
}

function sizeOf(entries: readonly ShelfEntry[]): number {
  return entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** About the pictures of three screens: an open one costs an address, and its bytes only until the device has written them. */
const MOST_IDLE = 60;
/** Finer would write to the device for each picture that passes by. */
const USE_RESOLUTION_MS = 60 * 60_000;
/** An album that arrives is weighed once, not once per picture. */
const TRIM_DELAY_MS = 1_000;
const SPARE_SHARE = 0.05;
