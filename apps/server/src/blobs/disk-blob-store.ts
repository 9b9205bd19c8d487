import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { BlobLinks } from './blob-links.ts';
import { BlobError, type BlobStore, type SignedRequest, type StoredPart } from './blob-store.ts';

/** More or fewer bytes came than were announced: nothing of them is kept. */
export class WrongSizeError extends Error {}

/**
 * Blobs as files of a folder of this node. Clients put and get them through this
 * server (`blob-routes.ts`) with links of the same kind as an S3 gives.
 *
 * Parts go into one file, each at its place, so that joining them is a rename.
 */
export class DiskBlobStore implements BlobStore {
  readonly #folder: string;
  readonly #links: BlobLinks;

  constructor(folder: string, links: BlobLinks) {
    this.#folder = folder;
    this.#links = links;
  }

  async signPut(key: string, blob: { contentType: string; sizeBytes: number; expiresAt: number }): Promise<SignedRequest> {
    const { sizeBytes, expiresAt, contentType } = blob;
    return { url: this.#links.link({ type: 'put', key, sizeBytes, expiresAt }), method: 'PUT', headers: { 'content-type': contentType } };
  }

  async beginParts(key: string): Promise<string> {
    const partsId = randomUUID();
    await mkdir(dirname(this.#partsPath(key, partsId)), { recursive: true });
    await (await open(this.#partsPath(key, partsId), 'w')).close();
    return partsId;
  }

  async signPart(
    key: string,
    upload: { partsId: string; partNumber: number; partSize: number; sizeBytes: number; expiresAt: number },
  ): Promise<SignedRequest> {
    return { url: this.#links.link({ type: 'part', key, ...upload }), method: 'PUT', headers: {} };
  }

  async joinParts(key: string, partsId: string, parts: readonly StoredPart[]): Promise<void> {
    const path = this.#partsPath(key, partsId);
    parts.forEach((part, index) => {
      if (part.partNumber !== index + 1 || !this.#links.isAttested({ ...part, partsId })) {
        throw new BlobError('incomplete', `Part ${part.partNumber} is not there as it was reported.`);
      }
    });
    await rename(path, this.#path(key)).catch((cause: unknown) => {
      throw new BlobError('incomplete', 'There is no such upload in parts.', { cause });
    });
  }

  async abandonParts(key: string, partsId: string): Promise<void> {
    await rm(this.#partsPath(key, partsId), { force: true });
  }

  async findSize(key: string): Promise<number | null> {
    const found = await stat(this.#path(key)).catch(() => null);
    return found?.isFile() ? found.size : null;
  }

  async read(key: string, range?: { start: number; end: number }): Promise<Readable> {
    const file = await open(this.#path(key), 'r').catch((cause: unknown) => {
      throw new BlobError('missing', 'There is no such blob.', { cause });
    });
    return file.createReadStream(range);
  }

  async write(key: string, bytes: Readable, blob: { sizeBytes: number }): Promise<void> {
    const path = this.#path(key);
    await mkdir(dirname(path), { recursive: true });
    const draft = `${path}.${randomUUID()}.draft`;
    try {
      await pipeline(bytes, exactly(blob.sizeBytes), createWriteStream(draft));
      // Appears whole.
      await rename(draft, path);
    } finally {
      await rm(draft, { force: true });
    }
  }

  /**
   * The bytes of one part, to their place. Sent again it replaces itself.
   *
   * @returns its etag
   * @throws WrongSizeError
   */
  async writePart(key: string, bytes: Readable, part: { partsId: string; partNumber: number; partSize: number; sizeBytes: number }): Promise<string> {
    const { partsId, partNumber, partSize, sizeBytes } = part;
    const digest = createHash('md5');
    const file = await open(this.#partsPath(key, partsId), 'r+').catch((cause: unknown) => {
      throw new BlobError('missing', 'There is no such upload in parts.', { cause });
    });
    const place = file.createWriteStream({ start: (partNumber - 1) * partSize });
    await pipeline(bytes, exactly(sizeBytes, (chunk) => digest.update(chunk)), place);
    return this.#links.attest({ partsId, partNumber, sizeBytes, digest: digest.digest('hex') });
  }

  async move(from: string, to: string): Promise<void> {
    await mkdir(dirname(this.#path(to)), { recursive: true });
    await rename(this.#path(from), this.#path(to)).catch((cause: unknown) => {
      throw new BlobError('missing', 'There is no such blob.', { cause });
    });
  }

  async remove(key: string): Promise<void> {
    await rm(this.#path(key), { force: true });
  }

  async signRead(): Promise<null> {
    return null;
  }

  async close(): Promise<void> {
    // Files need no goodbye.
  }

  #partsPath(key: string, partsId: string): string {
    return `${this.#path(key)}.${partsId}.parts`;
  }

  /** Keys are ours, but a path out of the folder must not even be possible. */
  #path(key: string): string {
    if (!SAFE_KEY.test(key)) throw new BlobError('missing', 'There is no such blob.');
    return join(this.#folder, key);
  }
}

/** No dots: neither `..` nor the drafts beside a blob can be named. */
const SAFE_KEY = /^[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+)*$/;

/** Passes on what comes as long as it is no more than announced, and fails at the end when it was less. */
function exactly(sizeBytes: number, onChunk?: (chunk: Buffer) => void): Transform {
  let received = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      received += chunk.length;
      if (received > sizeBytes) return done(new WrongSizeError(`More than the announced ${sizeBytes} bytes came`));
      onChunk?.(chunk);
      done(null, chunk);
    },
    flush: (done) => done(received === sizeBytes ? null : new WrongSizeError(`${received} of the announced ${sizeBytes} bytes came`)),
  });
}
