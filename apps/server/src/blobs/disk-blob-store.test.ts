import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { expect, it } from 'vitest';
import { toProblem } from '../http/problem-document.ts';
import { BlobLinks } from './blob-links.ts';
import { blobRoutes } from './blob-routes.ts';
import { type BlobStoreWorld, describeBlobStore } from './blob-store-contract.ts';
import { DiskBlobStore } from './disk-blob-store.ts';

describeBlobStore('a folder of the disk', openDisk);

async function openDisk(): Promise<BlobStoreWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'couplet-blobs-'));
  let url = '';
  const links = new BlobLinks('a secret', () => url);
  const store = new DiskBlobStore(folder, links);
  const now = () => Date.now();
  const app = express();
  app.use('/blobs', blobRoutes({ store, links, now, isOpen: async () => true, findFileLink: async () => null, onReceived: () => undefined }));
  app.use((cause: unknown, _request: express.Request, response: express.Response, _next: express.NextFunction) => {
    response.status(toProblem(cause, '', '').problem.status).end();
  });
  const http = createServer(app);
  await new Promise<void>((resolve) => void http.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  return {
    store,
    now,
    readLink: async (key, presentation) => links.link({ type: 'get', key, expiresAt: now() + 60_000, ...presentation }),
    async close() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

it('[X5] knows no key that leads out of its folder', async () => {
  const store = new DiskBlobStore(tmpdir(), new BlobLinks('a secret', () => ''));
  for (const key of ['../x', 'a/../../x', '/etc/passwd', 'a//b', '.', 'a.draft', '']) await expect(store.findSize(key)).rejects.toMatchObject({ reason: 'missing' });
});

// The S3-speaking server of these tests checks no signatures, ends at a part that is missing and gives up none; a real one does
// all of it. These two are of the disk alone.
it('[X5] takes nothing by a link that was changed', async () => {
  const world = await openDisk();
  const { url, headers } = await world.store.signPut('incoming/a', { contentType: 'text/plain', sizeBytes: 4, expiresAt: world.now() + 60_000 });
  for (const changed of [url.replace('incoming/a', 'incoming/b'), url.replace('size=4', 'size=5'), url.replace('grant=put', 'grant=get')]) {
    expect((await fetch(changed, { method: 'PUT', headers, body: 'text' })).status).toBe(403);
  }
  expect(await world.store.findSize('incoming/b')).toBeNull();
  await world.close();
});

it('[X5] joins no parts that are not there as they were reported', async () => {
  const world = await openDisk();
  const key = 'incoming/a';
  const partsId = await world.store.beginParts(key, { contentType: 'text/plain' });
  const signed = await world.store.signPart(key, { partsId, partNumber: 1, partSize: 4, sizeBytes: 4, expiresAt: world.now() + 60_000 });
  const answer = await fetch(signed.url, { method: 'PUT', body: 'text' });
  const part = { partNumber: 1, sizeBytes: 4, etag: (answer.headers.get('etag') ?? '').replaceAll('"', '') };
  for (const parts of [[part, { ...part, partNumber: 2 }], [{ ...part, etag: 'made.up' }], [{ ...part, sizeBytes: 8 }]]) {
    await expect(world.store.joinParts(key, partsId, parts)).rejects.toMatchObject({ reason: 'incomplete' });
  }
  await world.store.joinParts(key, partsId, [part]);
  expect(await world.store.findSize(key)).toBe(4);
  const given = await world.store.beginParts('incoming/up', { contentType: 'text/plain' });
  await world.store.abandonParts('incoming/up', given);
  await world.store.abandonParts('incoming/up', given);
  await expect(world.store.joinParts('incoming/up', given, [])).rejects.toMatchObject({ reason: 'incomplete' });
  await world.close();
});
