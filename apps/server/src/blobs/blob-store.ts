import type { Readable } from 'node:stream';

/** A request that whoever holds it may make once it is theirs: exactly these headers, exactly the signed size. */
export interface SignedRequest {
  url: string;
  method: 'PUT';
  headers: Record<string, string>;
}

export interface StoredPart {
  partNumber: number;
  sizeBytes: number;
  /** As the store answered the part's PUT. */
  etag: string;
}

/** How a blob presents itself to whoever loads it. */
export interface Presentation {
  contentType: string;
  /** `null`: shown where it stands. A name: saved under it. */
  downloadAs: string | null;
}

/**
 * Where the bytes of attachments are. Keys are paths of letters, digits, `-`, `_`
 * and `/`, chosen by the server and not to be guessed. Bytes are streamed, never
 * held whole. Each implementation passes `describeBlobStore`.
 */
export interface BlobStore {
  /** For the bytes of one blob in one piece. */
  signPut(key: string, blob: { contentType: string; sizeBytes: number; expiresAt: number }): Promise<SignedRequest>;
  /** Answers the id of an upload in parts. */
  beginParts(key: string, blob: { contentType: string }): Promise<string>;
  signPart(key: string, upload: { partsId: string; partNumber: number; partSize: number; sizeBytes: number; expiresAt: number }): Promise<SignedRequest>;
  /**
   * Makes one blob of the parts, all of them, in order.
   *
   * @throws BlobError `incomplete` when one is not there as reported
   */
  joinParts(key: string, partsId: string, parts: readonly StoredPart[]): Promise<void>;
  abandonParts(key: string, partsId: string): Promise<void>;
  /** Its size in bytes, or `null` when there is none. */
  findSize(key: string): Promise<number | null>;
  /** @throws BlobError `missing` */
  read(key: string, range?: { start: number; end: number }): Promise<Readable>;
  write(key: string, bytes: Readable, blob: { contentType: string; sizeBytes: number }): Promise<void>;
  /** Under the new key from then on; what was signed for the old one reaches it no more. */
  move(from: string, to: string, blob: { contentType: string }): Promise<void>;
  /** Nothing there is fine. */
  remove(key: string): Promise<void>;
  /** Where a browser loads it for a short time, or `null` when this server itself answers with its bytes. */
  signRead(key: string, presentation: Presentation): Promise<string | null>;
  close(): Promise<void>;
}

export class BlobError extends Error {
  readonly reason: 'missing' | 'incomplete';

  constructor(reason: 'missing' | 'incomplete', message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'BlobError';
    this.reason = reason;
  }
}
