import { pipeline } from 'node:stream/promises';
import { CoupletError } from '@couplet/protocol';
import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import { BlobError, type BlobStore } from './blob-store.ts';
import { BLOB_PATH, type BlobGrant, type BlobLinks } from './blob-links.ts';
import { contentDisposition } from './content-disposition.ts';
import { DiskBlobStore, WrongSizeError } from './disk-blob-store.ts';

export interface BlobRouteNeeds {
  store: BlobStore;
  links: BlobLinks;
  now: () => number;
  /** Whether the upload of this key still takes bytes: a link is of no use after it. */
  isOpen(key: string): Promise<boolean>;
  /** Where the upload with this id is read once it is ready; `null` before. */
  findFileLink(uploadId: string): Promise<string | null>;
  onReceived(bytes: number): void;
}

/** Keys under this prefix need no signature: their names cannot be guessed and who sees a person sees their photo. */
const AVATAR_PREFIX = 'avatars/';
/** Not a key but an upload's id: leads to the file wherever it is. */
export const FILE_PREFIX = 'uploads/';

/**
 * `/blobs/…`: puts and gets by signed links. With blobs on disk the bytes pass
 * through here; with an S3 a get leads on to the bucket and puts never come.
 */
export function blobRoutes(needs: BlobRouteNeeds): Router {
  const router = express.Router();
  router.use(answerAsData);
  router.get(/.*/, async (request, response) => {
    const grant = readGrant(request, needs);
    if (grant?.type !== 'get') throw new CoupletError('forbidden', 'This link has expired or was changed.');
    if (grant.key.startsWith(FILE_PREFIX)) return leadToFile(grant.key.slice(FILE_PREFIX.length), needs, response);
    await answerBlob(grant, needs, request, response);
  });
  if (needs.store instanceof DiskBlobStore) router.put(/.*/, receive(needs, needs.store));
  return router;
}

/** Whatever it is, it is never a page of this origin: it may not run, and is never taken for something else. */
const answerAsData: RequestHandler = (_request, response, next) => {
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox");
  response.setHeader('cross-origin-resource-policy', 'cross-origin');
  next();
};

function readGrant(request: Request, { links, now }: BlobRouteNeeds): BlobGrant | null {
  const [path = '', query = ''] = request.originalUrl.split(/\?(.*)/s);
  const key = path.slice(BLOB_PATH.length);
  if (request.method === 'GET' || request.method === 'HEAD') {
    if (key.startsWith(AVATAR_PREFIX)) return { type: 'get', key, expiresAt: now() + YEAR_MS, contentType: 'image/jpeg', downloadAs: null };
  }
  return links.read(key, query, now());
}

async function leadToFile(uploadId: string, { findFileLink }: BlobRouteNeeds, response: Response): Promise<void> {
  const link = await findFileLink(uploadId);
  if (link === null) throw new CoupletError('not_found');
  response.setHeader('cache-control', 'no-store');
  response.redirect(302, link);
}

async function answerBlob(grant: BlobGrant & { type: 'get' }, needs: BlobRouteNeeds, request: Request, response: Response): Promise<void> {
  const { key, contentType, downloadAs, expiresAt } = grant;
  const elsewhere = await needs.store.signRead(key, grant);
  if (elsewhere !== null) {
    response.setHeader('cache-control', `private, max-age=${REDIRECT_SECONDS}`);
    return response.redirect(302, elsewhere);
  }
  const sizeBytes = await orNotFound(needs.store.findSize(key));
  if (sizeBytes === null) throw new CoupletError('not_found');
  const range = rangeOf(request, sizeBytes);
  const part = range === null || range === 'unsatisfiable' ? { start: 0, end: sizeBytes - 1 } : range;
  // Before anything is said of them: they may be removed in this moment.
  const bytes = range === 'unsatisfiable' || request.method === 'HEAD' ? null : await orNotFound(needs.store.read(key, part));
  // What is under a key never changes, so a copy is good for as long as the link.
  response.setHeader('cache-control', `private, max-age=${Math.max(0, Math.floor((expiresAt - needs.now()) / 1_000))}, immutable`);
  response.setHeader('content-type', contentType);
  response.setHeader('content-disposition', contentDisposition(downloadAs));
  response.setHeader('accept-ranges', 'bytes');
  response.setHeader('etag', `"${key.replaceAll('/', '.')}"`);
  if (range === 'unsatisfiable') {
    response.setHeader('content-range', `bytes */${sizeBytes}`);
    response.status(416).end();
    return;
  }
  response.status(range ? 206 : 200);
  if (range) response.setHeader('content-range', `bytes ${part.start}-${part.end}/${sizeBytes}`);
  response.setHeader('content-length', part.end - part.start + 1);
  if (bytes === null) return void response.end();
  await pipeline(bytes, response).catch(ignoreHangUp);
}

/** A key that cannot be one leads nowhere either. */
async function orNotFound<Found>(found: Promise<Found>): Promise<Found> {
  try {
    return await found;
  } catch (cause) {
    if (cause instanceof BlobError) throw new CoupletError('not_found', undefined, { cause });
    throw cause;
  }
}

/** One range only: nobody plays a video in several at once. */
function rangeOf(request: Request, sizeBytes: number): { start: number; end: number } | 'unsatisfiable' | null {
  const ranges = request.range(sizeBytes, { combine: true });
  if (ranges === undefined || ranges === -2) return null;
  if (ranges === -1) return 'unsatisfiable';
  const [first] = ranges;
  return ranges.type === 'bytes' && ranges.length === 1 && first ? first : null;
}

function receive(needs: BlobRouteNeeds, store: DiskBlobStore): RequestHandler {
  return async (request, response) => {
    const grant = readGrant(request, needs);
    if (grant === null || grant.type === 'get') throw new CoupletError('forbidden', 'This link has expired or was changed.');
    if (Number(request.headers['content-length']) !== grant.sizeBytes) {
      throw new CoupletError('validation_failed', `Exactly ${grant.sizeBytes} bytes were announced.`);
    }
    if (!(await needs.isOpen(grant.key))) throw new CoupletError('forbidden', 'This upload is over.');
    try {
      if (grant.type === 'put') await store.write(grant.key, request, grant);
      else response.setHeader('etag', `"${await store.writePart(grant.key, request, grant)}"`);
    } catch (cause) {
      if (cause instanceof WrongSizeError) throw new CoupletError('validation_failed', cause.message, { cause });
      if (cause instanceof BlobError) throw new CoupletError('not_found', undefined, { cause });
      throw cause;
    }
    needs.onReceived(grant.sizeBytes);
    response.status(200).end();
  };
}

/** Who closed the connection knows why the rest did not come. */
function ignoreHangUp(cause: NodeJS.ErrnoException): void {
  if (cause.code !== 'ERR_STREAM_PREMATURE_CLOSE' && cause.code !== 'ECONNRESET' && cause.code !== 'EPIPE') throw cause;
}

const YEAR_MS = 365 * 24 * 60 * 60 * 1_000;
/** Less than the link it leads to is good for. */
const REDIRECT_SECONDS = 10 * 60;
