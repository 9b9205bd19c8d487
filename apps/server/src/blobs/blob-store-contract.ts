import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BlobStore, StoredPart } from './blob-store.ts';

/** What stands behind a test: the store, and how a client's bytes reach and leave it. */
export interface BlobStoreWorld {
  store: BlobStore;
  now(): number;
  /** The links of a blob's readers, wherever they lead. */
  readLink(key: string, presentation: { contentType: string; downloadAs: string | null }): Promise<string>;
  close(): Promise<void>;
}

/** The smallest part that every S3 takes, but for the last one. */
const PART = 5 * 1024 * 1024;
const HOUR_MS = 60 * 60 * 1_000;
const TEXT = { contentType: 'text/plain' };

/** What every blob store promises. */
export function describeBlobStore(name: string, open: () => Promise<BlobStoreWorld>): void {
  describe(`${name} as a blob store`, () => {
    let world: BlobStoreWorld;
    let store: BlobStore;
    let keys = 0;
    const newKey = () => `incoming/blob-${(keys += 1)}`;
    const expiresAt = () => world.now() + HOUR_MS;
    const bytesOf = async (key: string, range?: { start: number; end: number }) => buffer(await store.read(key, range));
    const put = (signed: { url: string; headers: Record<string, string> }, bytes: Uint8Array<ArrayBuffer>) =>
      fetch(signed.url, { method: 'PUT', headers: signed.headers, body: bytes });

    beforeAll(async () => {
      world = await open();
      ({ store } = world);
    });
    afterAll(() => world.close());

    async function putPart(key: string, partsId: string, partNumber: number, bytes: Uint8Array<ArrayBuffer>): Promise<StoredPart> {
      const sizeBytes = bytes.length;
      const signed = await store.signPart(key, { partsId, partNumber, partSize: PART, sizeBytes, expiresAt: expiresAt() });
      const answer = await put(signed, bytes);
      expect(answer.status).toBe(200);
      return { partNumber, sizeBytes, etag: (answer.headers.get('etag') ?? '').replaceAll('"', '') };
    }

    it('takes bytes in one piece by a signed link', async () => {
      const key = newKey();
      const bytes = randomBytes(1_000);
      const signed = await store.signPut(key, { ...TEXT, sizeBytes: bytes.length, expiresAt: expiresAt() });
      expect((await put(signed, bytes)).status).toBe(200);
      expect(await store.findSize(key)).toBe(1_000);
      expect(bytes.equals(await bytesOf(key))).toBe(true);
      expect(await bytesOf(key, { start: 10, end: 19 })).toEqual(bytes.subarray(10, 20));
    });

    it('makes one blob of parts that came in any order, each as it was last sent', async () => {
      const key = newKey();
      const bytes = randomBytes(PART + 500);
      const partsId = await store.beginParts(key, TEXT);
      const second = await putPart(key, partsId, 2, bytes.subarray(PART));
      await putPart(key, partsId, 1, randomBytes(PART));
      const first = await putPart(key, partsId, 1, bytes.subarray(0, PART));
      expect(await store.findSize(key)).toBeNull();
      await store.joinParts(key, partsId, [first, second]);
      expect(bytes.equals(await bytesOf(key))).toBe(true);
    });

    it('writes a stream and shows it as it is asked to', async () => {
      const key = newKey();
      await store.write(key, Readable.from([Buffer.from('hel'), Buffer.from('lo')]), { contentType: 'image/jpeg', sizeBytes: 5 });
      const shown = await fetch(await world.readLink(key, { contentType: 'image/jpeg', downloadAs: null }));
      expect([shown.headers.get('content-type'), shown.headers.get('content-disposition'), await shown.text()]).toEqual(['image/jpeg', 'inline', 'hello']);
      const saved = await fetch(await world.readLink(key, { contentType: 'application/octet-stream', downloadAs: 'Ä.txt' }), { headers: { range: 'bytes=1-2' } });
      expect([saved.status, saved.headers.get('content-disposition'), await saved.text()]).toEqual([206, `attachment; filename="_.txt"; filename*=UTF-8''%C3%84.txt`, 'el']);
    });

    it('moves a blob away from what was signed', async () => {
      const [key, kept] = [newKey(), newKey()];
      const signed = await store.signPut(key, { ...TEXT, sizeBytes: 4, expiresAt: expiresAt() });
      await put(signed, Buffer.from('kept'));
      await store.move(key, kept, TEXT);
      await put(signed, Buffer.from('late'));
      expect((await bytesOf(kept)).toString()).toBe('kept');
    });

    it('removes what is there, and minds nothing that is not', async () => {
      const key = newKey();
      await store.write(key, Readable.from([Buffer.from('x')]), { ...TEXT, sizeBytes: 1 });
      await store.remove(key);
      await store.remove(key);
      expect(await store.findSize(key)).toBeNull();
      await expect(store.read(key)).rejects.toMatchObject({ reason: 'missing' });
    });
  });
}
