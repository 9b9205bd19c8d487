/**
 * The app's own copies of files that are on their way out: what the person
 * picked may be gone or changed by the time there is a network.
 */
export interface FilesPort {
  /** Copies what the host picked under this id; resolves when the copy would survive the app's end. */
  keep(id: string, source: unknown): Promise<void>;
  /**
   * Puts the bytes from `start` up to `end` (exclusive) to the URL. Resolves with
   * any status; rejects when no answer came, when it stands still, or when it is cancelled.
   */
  put(id: string, request: FilePut): Promise<{ status: number; etag: string | null }>;
  remove(id: string): Promise<void>;
  /** Everything that is kept, with when that began, in epoch milliseconds. */
  list(): Promise<{ id: string; keptAt: number }[]>;
}

export interface FilePut {
  url: string;
  headers: Record<string, string>;
  start: number;
  end: number;
  /** Bytes of this stretch that are gone out. May never be called. */
  onProgress(sentBytes: number): void;
  signal: CancelSignal;
}

export interface CancelSignal {
  readonly isCancelled: boolean;
  /** Called once when it is cancelled. Answers the function that ends the subscription. */
  subscribe(listener: () => void): () => void;
}
