import { type MediaShelf, type ShelfEntry, type ShownMedia, UnreadableLinkError } from '../media-shelf.ts';

/** A shelf and the network behind it. Outlives the caches that use it, as a device does. */
export class MemoryShelf implements MediaShelf {
  isOffline = false;
  /** As where the browser grants no database. */
  isBroken = false;
  fetches = 0;
  /** Fetches that were given up. */
  given = 0;
  openAddresses = 0;
  readonly unreadable = new Set<string>();
  readonly #offered = new Map<string, number>();
  readonly #entries = new Map<string, ShelfEntry>();
  readonly #held = new Map<string, Promise<void>>();

  /** From now on this link leads to a picture of this size. */
  offer(url: string, sizeBytes: number): void {
    this.#offered.set(url, sizeBytes);
  }

  /** The answer for this link is on its way until the answered function is called. */
  hold(url: string): () => void {
    let deliver = () => {};
    this.#held.set(url, new Promise((resolve) => (deliver = resolve)));
    return () => deliver();
  }

  keys(): string[] {
    return [...this.#entries.keys()].sort();
  }

  async list(): Promise<ShelfEntry[]> {
    return [...this.#entries.values()];
  }

  async open(key: string): Promise<{ shown: ShownMedia; usedAt: number } | null> {
    if (this.isBroken) throw new Error('no database');
    const entry = this.#entries.get(key);
    return entry === undefined ? null : { shown: this.#show(key), usedAt: entry.usedAt };
  }

  async bring(key: string, url: string, usedAt: number, signal: AbortSignal): Promise<{ shown: ShownMedia; kept: Promise<void> }> {
    this.fetches += 1;
    signal.addEventListener('abort', () => (this.given += 1));
    await this.#held.get(url);
    if (this.unreadable.has(url)) throw new UnreadableLinkError(url);
    const sizeBytes = this.#offered.get(url);
    if (this.isOffline || sizeBytes === undefined || signal.aborted) throw new Error('no answer');
    return { shown: this.#show(key), kept: this.#keep({ key, sizeBytes, usedAt }) };
  }

  async touch(key: string, usedAt: number): Promise<void> {
    const entry = this.#entries.get(key);
    if (entry !== undefined) this.#entries.set(key, { ...entry, usedAt });
  }

  async remove(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.#entries.delete(key);
  }

  async clear(): Promise<void> {
    this.#entries.clear();
  }

  async #keep(entry: ShelfEntry): Promise<void> {
    if (this.isBroken) throw new Error('no database');
    this.#entries.set(entry.key, entry);
  }

  #show(key: string): ShownMedia {
    this.openAddresses += 1;
    return { url: `shown:${key}`, release: () => void (this.openAddresses -= 1) };
  }
}
