/** Where pictures that were seen lie on the device, under what they are: never under their link, which changes. */
export interface MediaShelf {
  list(): Promise<ShelfEntry[]>;
  /** `null` when it is not kept. */
  open(key: string): Promise<{ shown: ShownMedia; usedAt: number } | null>;
  /**
   * Fetches and keeps. Resolves when it can be shown, `kept` when it would survive
   * the app's end. Rejects with `UnreadableLinkError` when the link can only be
   * shown, not read; with anything else when a later try may succeed.
   */
  bring(key: string, url: string, usedAt: number, signal: AbortSignal): Promise<{ shown: ShownMedia; kept: Promise<void> }>;
  /** It was used again; of one that is not kept, nothing. */
  touch(key: string, usedAt: number): Promise<void>;
  remove(keys: readonly string[]): Promise<void>;
  clear(): Promise<void>;
}

export interface ShelfEntry {
  key: string;
  sizeBytes: number;
  /** Epoch milliseconds. */
  usedAt: number;
}

/** An address on this device, good until `release` is called. */
export interface ShownMedia {
  url: string;
  release(): void;
}

/** The link may be shown, but the browser keeps its bytes from the app. */
export class UnreadableLinkError extends Error {}
