import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BlobStoreWorld, describeBlobStore } from './blob-store-contract.ts';
import { S3BlobStore } from './s3-blob-store.ts';
import { ACCOUNT, BUCKET, REGION, StrictS3 } from './testing/strict-s3.ts';

/** Of the S3 alone: links are signed by the clock of this process. */
let ahead = 0;
const now = () => Date.now() + ahead;

async function openBucket(): Promise<BlobStoreWorld & { s3: StrictS3; store: S3BlobStore }> {
  const s3 = await StrictS3.start(now);
  const store = new S3BlobStore({ endpoint: s3.endpoint, region: REGION, bucket: BUCKET, ...ACCOUNT, pathStyle: true, now: () => Date.now() });
  return {
    s3,
    store,
    now: () => Date.now(),
    readLink: (key, presentation) => store.signRead(key, presentation),
    async close() {
      await store.close();
      await s3.close();
    },
  };
}

describeBlobStore('a bucket of an S3 that checks every signature', openBucket);

describe('[X5] what an S3 was signed', () => {
  let s3: StrictS3;
  let store: S3BlobStore;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ s3, store, close } = await openBucket());
  });
  afterAll(() => close());

  const HOUR_MS = 60 * 60 * 1_000;
  const bytes = randomBytes(1_000);
  const put = async (url: string, body: Uint8Array<ArrayBuffer> = bytes, headers: Record<string, string> = { 'content-type': 'text/plain' }) => (await fetch(url, { method: 'PUT', body, headers })).status;
  const expiresAt = () => Date.now() + HOUR_MS;
  const changed = (url: string, name: string, value: string) => {
    const link = new URL(url);
    link.searchParams.set(name, value);
    return link.href;
  };

  it('[X5] to be put is refused as another size, another type, under another key, by another method, and after its hour', async () => {
    const { url } = await store.signPut('incoming/a', { contentType: 'text/plain', sizeBytes: bytes.length, expiresAt: expiresAt() });
    expect(await put(url, randomBytes(1_001))).toBe(403);
    expect(await put(url, randomBytes(10))).toBe(403);
    expect(await put(url, bytes, { 'content-type': 'text/html' })).toBe(403);
    expect(await put(url.replace('/incoming/a?', '/incoming/b?'))).toBe(403);
    expect(await put(url.replace('/incoming/a?', '/files/somebody/full?'))).toBe(403);
    expect(await put(changed(url, 'X-Amz-Expires', '86400'))).toBe(403);
    expect((await fetch(url)).status).toBe(403);
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(403);
    expect(await put(url.replace(/\?.*/, ''))).toBe(403);
    ahead = 61 * 60_000;
    expect(await put(url)).toBe(403);
    ahead = 0;
    expect(await store.findSize('incoming/a')).toBeNull();
    expect(s3.refusals).toContain('AccessDenied: Request has expired');
    expect(await put(url)).toBe(200);
  });

  it('[X5] used again after the bytes were taken in, changes nothing of what is read', async () => {
    const { url } = await store.signPut('incoming/again', { contentType: 'text/plain', sizeBytes: bytes.length, expiresAt: expiresAt() });
    await put(url);
    await store.move('incoming/again', 'files/again/full', { contentType: 'text/plain' });
    await put(url, randomBytes(1_000));
    expect(bytes.equals(await buffer(await store.read('files/again/full')))).toBe(true);
  });

  it('[X5] as a part is refused as another part, of another upload, of another size, and changes nothing once the parts are joined', async () => {
    const partsId = await store.beginParts('incoming/parts', { contentType: 'text/plain' });
    const { url } = await store.signPart('incoming/parts', { partsId, partNumber: 1, sizeBytes: bytes.length, expiresAt: expiresAt() });
    expect(await put(changed(url, 'partNumber', '2'), bytes, {})).toBe(403);
    expect(await put(changed(url, 'uploadId', 'another'), bytes, {})).toBe(403);
    expect(await put(url, randomBytes(999), {})).toBe(403);
    expect(await put(url.replace('/incoming/parts?', '/incoming/a?'), bytes, {})).toBe(403);
    const answer = await fetch(url, { method: 'PUT', body: bytes });
    expect(answer.status).toBe(200);
    await store.joinParts('incoming/parts', partsId, [{ partNumber: 1, sizeBytes: bytes.length, etag: (answer.headers.get('etag') ?? '').replaceAll('"', '') }]);
    await put(url, randomBytes(1_000), {});
    expect(bytes.equals(await buffer(await store.read('incoming/parts')))).toBe(true);
  });

  it('[X5] to be read is refused under another key, as another type, shown instead of saved, and after a quarter of an hour', async () => {
    await store.move('incoming/a', 'files/a/full', { contentType: 'text/plain' });
    const url = await store.signRead('files/a/full', { contentType: 'application/octet-stream', downloadAs: 'a.txt' });
    const read = async (link: string) => (await fetch(link)).status;
    expect(await read(url)).toBe(200);
    expect(await read(url.replace('/files/a/', '/files/again/'))).toBe(403);
    expect(await read(changed(url, 'response-content-type', 'text/html'))).toBe(403);
    expect(await read(changed(url, 'response-content-disposition', 'inline'))).toBe(403);
    ahead = 16 * 60_000;
    expect(await read(url)).toBe(403);
    ahead = 0;
  });
});

it.each([
  [{ pathStyle: true, endpoint: 'https://s3.example.org' }, 'https://s3.example.org/attachments/incoming/a?'],
  [{ pathStyle: false, endpoint: 'https://s3.example.org' }, 'https://attachments.s3.example.org/incoming/a?'],
  [{ pathStyle: false, endpoint: undefined }, 'https://attachments.s3.eu-central-1.amazonaws.com/incoming/a?'],
])('[X5] signs the size and the type for %o', async (where, beginning) => {
  const store = new S3BlobStore({ ...where, region: 'eu-central-1', bucket: BUCKET, ...ACCOUNT, now: () => 0 });
  const { url, headers } = await store.signPut('incoming/a', { contentType: 'image/png', sizeBytes: 3, expiresAt: 3_600_000 });
  expect(url.startsWith(beginning)).toBe(true);
  const signed = new URL(url).searchParams;
  expect(signed.get('X-Amz-SignedHeaders')).toBe('content-length;content-type;host');
  expect(signed.get('X-Amz-Expires')).toBe('3600');
  expect(headers).toEqual({ 'content-type': 'image/png' });
});
