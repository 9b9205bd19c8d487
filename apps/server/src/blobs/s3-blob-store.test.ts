import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import S3rver from 's3rver';
import { expect, it } from 'vitest';
import { type BlobStoreWorld, describeBlobStore } from './blob-store-contract.ts';
import { S3BlobStore } from './s3-blob-store.ts';

const ACCOUNT = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };
const BUCKET = 'attachments';

describeBlobStore('a bucket of an S3', openBucket);

async function openBucket(): Promise<BlobStoreWorld> {
  const directory = await mkdtemp(join(tmpdir(), 'couplet-s3-'));
  const s3 = new S3rver({ port: 0, address: '127.0.0.1', silent: true, directory });
  const { port } = await s3.run();
  const endpoint = `http://127.0.0.1:${port}`;
  const admin = new S3Client({ endpoint, region: 'us-east-1', credentials: ACCOUNT, forcePathStyle: true });
  await admin.send(new CreateBucketCommand({ Bucket: BUCKET }));
  admin.destroy();
  const now = () => Date.now();
  const store = new S3BlobStore({ endpoint, region: 'us-east-1', bucket: BUCKET, ...ACCOUNT, pathStyle: true, now });
  return {
    store,
    now,
    readLink: (key, presentation) => store.signRead(key, presentation),
    async close() {
      await store.close();
      await s3.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

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
