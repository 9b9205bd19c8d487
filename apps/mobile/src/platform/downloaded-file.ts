export interface DownloadRequest {
  id: string;
  url: string;
  name: string;
  mime: string;
  sizeBytes: number;
  /** From 0 to 1. */
  onProgress: (progress: number) => void;
  signal: AbortSignal;
}

/** A file that was brought to the device, and what can be done with it there. */
export interface DownloadedFile {
  /** What `FilesPort.keep` takes: to send it again. Stays good when it is released. */
  source: unknown;
  /** `null` where sharing offers it. */
  save: (() => void) | null;
  /** `null` where nothing here opens it. */
  open: (() => void) | null;
  /** `null` where this device does not share it. Rejects when the person was not asked, or thought better of it. */
  share: (() => Promise<void>) | null;
  release: () => void;
}
