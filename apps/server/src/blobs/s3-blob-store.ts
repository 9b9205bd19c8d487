import type { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { BlobError, type BlobStore, type Presentation, type SignedRequest, type StoredPart } from './blob-store.ts';
import { contentDisposition } from './content-disposition.ts';

export interface S3Options {
  /** `undefined`: Amazon's own, of the region. */
  endpoint: string | undefined;
  region: string;
  bucket: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** `https://endpoint/bucket/key` instead of `https://bucket.endpoint/key`. */
  pathStyle: boolean;
  now: () => number;
}

/** How long a redirect to the bucket is good for: a large video is asked for again and again while it plays. */
const READ_SECONDS = 15 * 60;

/** Blobs in a bucket of any S3. Clients put and get them there directly. */
export class S3BlobStore implements BlobStore {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #now: () => number;

  constructor(options: S3Options) {
    this.#bucket = options.bucket;
    this.#now = options.now;
    this.#client = new S3Client({
      region: options.region,
      ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
      credentials: { accessKeyId: options.accessKeyId, secretAccessKey: options.secretAccessKey },
      forcePathStyle: options.pathStyle,
      // Not every S3 knows the newer checksums; the size and, where given, the SHA-256 are checked by us.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
  }

  async signPut(key: string, blob: { contentType: string; sizeBytes: number; expiresAt: number }): Promise<SignedRequest> {
    const command = new PutObjectCommand({ ...this.#at(key), ContentType: blob.contentType, ContentLength: blob.sizeBytes });
    // The browser sets the length itself, from the body.
    const url = await getSignedUrl(this.#client, command, {
      expiresIn: this.#secondsUntil(blob.expiresAt),
      signableHeaders: new Set(['host', 'content-type', 'content-length']),
    });
    return { url, method: 'PUT', headers: { 'content-type': blob.contentType } };
  }

  async beginParts(key: string, blob: { contentType: string }): Promise<string> {
    const { UploadId } = await this.#client.send(new CreateMultipartUploadCommand({ ...this.#at(key), ContentType: blob.contentType }));
    if (UploadId === undefined) throw new Error('The S3 began an upload in parts without an id');
    return UploadId;
  }

  async signPart(key: string, upload: { partsId: string; partNumber: number; sizeBytes: number; expiresAt: number }): Promise<SignedRequest> {
    const command = new UploadPartCommand({
      ...this.#at(key),
      UploadId: upload.partsId,
      PartNumber: upload.partNumber,
      ContentLength: upload.sizeBytes,
    });
    const url = await getSignedUrl(this.#client, command, {
      expiresIn: this.#secondsUntil(upload.expiresAt),
      signableHeaders: new Set(['host', 'content-length']),
    });
    return { url, method: 'PUT', headers: {} };
  }

  async joinParts(key: string, partsId: string, parts: readonly StoredPart[]): Promise<void> {
    const listed = parts.map(({ partNumber, etag }) => ({ PartNumber: partNumber, ETag: etag }));
    try {
      await this.#client.send(new CompleteMultipartUploadCommand({ ...this.#at(key), UploadId: partsId, MultipartUpload: { Parts: listed } }));
    } catch (cause) {
      if (statusOf(cause) >= 400 && statusOf(cause) < 500) throw new BlobError('incomplete', 'The parts are not there as they were reported.', { cause });
      throw cause;
    }
  }

  async abandonParts(key: string, partsId: string): Promise<void> {
    await this.#unlessGone(this.#client.send(new AbortMultipartUploadCommand({ ...this.#at(key), UploadId: partsId })));
  }

  async findSize(key: string): Promise<number | null> {
    try {
      const { ContentLength } = await this.#client.send(new HeadObjectCommand(this.#at(key)));
      return ContentLength ?? null;
    } catch (cause) {
      if (statusOf(cause) === 404) return null;
      throw cause;
    }
  }

  async read(key: string, range?: { start: number; end: number }): Promise<Readable> {
    try {
      const { Body } = await this.#client.send(
        new GetObjectCommand({ ...this.#at(key), ...(range ? { Range: `bytes=${range.start}-${range.end}` } : {}) }),
      );
      // On Node the SDK's body is a stream of Node's.
      return Body as Readable;
    } catch (cause) {
      if (statusOf(cause) === 404) throw new BlobError('missing', 'There is no such blob.', { cause });
      throw cause;
    }
  }

  async write(key: string, bytes: Readable, blob: { contentType: string; sizeBytes: number }): Promise<void> {
    await this.#client.send(
      new PutObjectCommand({ ...this.#at(key), Body: bytes, ContentType: blob.contentType, ContentLength: blob.sizeBytes, CacheControl: CACHE_FOR_EVER }),
    );
  }

  async move(from: string, to: string, blob: { contentType: string }): Promise<void> {
    await this.#client.send(
      new CopyObjectCommand({
        ...this.#at(to),
        CopySource: `/${this.#bucket}/${from}`,
        ContentType: blob.contentType,
        // Where somebody looks at the bucket through a CDN, what people uploaded is saved, never shown.
        ContentDisposition: 'attachment',
        CacheControl: CACHE_FOR_EVER,
        MetadataDirective: 'REPLACE',
      }),
    );
    await this.remove(from);
  }

  async remove(key: string): Promise<void> {
    await this.#unlessGone(this.#client.send(new DeleteObjectCommand(this.#at(key))));
  }

  async signRead(key: string, presentation: Presentation): Promise<string> {
    const command = new GetObjectCommand({
      ...this.#at(key),
      ResponseContentType: presentation.contentType,
      ResponseContentDisposition: contentDisposition(presentation.downloadAs),
    });
    return getSignedUrl(this.#client, command, { expiresIn: READ_SECONDS });
  }

  async close(): Promise<void> {
    this.#client.destroy();
  }

  #at(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#bucket, Key: key };
  }

  #secondsUntil(expiresAt: number): number {
    return Math.max(1, Math.round((expiresAt - this.#now()) / 1_000));
  }

  async #unlessGone(sent: Promise<unknown>): Promise<void> {
    await sent.catch((cause: unknown) => {
      if (statusOf(cause) !== 404) throw cause;
    });
  }
}

/** What is under a key never changes. */
const CACHE_FOR_EVER = 'private, max-age=31536000, immutable';

function statusOf(cause: unknown): number {
  return cause instanceof S3ServiceException ? (cause.$metadata.httpStatusCode ?? 0) : 0;
}
