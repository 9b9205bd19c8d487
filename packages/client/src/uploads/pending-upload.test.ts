import type { ClientMsgId } from '@couplet/protocol';
import { expect, it } from 'vitest';
import type { MessageEntry } from '../outbox/outbox-entry.ts';
import { planOutbox } from '../outbox/outbox-policy.ts';
import { createMemoryStore } from '../store/memory-store.ts';
import { RowReader } from '../store/row-reader.ts';
import { sampleEntry } from '../testing/samples.ts';
import { anew, type PendingUpload } from './pending-upload.ts';

const waiting: PendingUpload = { fileId: 'f', name: 'a.txt', mime: 'text/plain', sizeBytes: 3, uploadId: null, attachment: null };

function entry(id: string, order: number, uploads?: PendingUpload[]): MessageEntry {
  return sampleEntry(order, { id, clientMsgId: id as ClientMsgId, ...(uploads ? { uploads } : {}) });
}

const ready: PendingUpload = {
  ...waiting,
  uploadId: '0190a1b2-0000-7000-8000-00000000000c' as NonNullable<PendingUpload['uploadId']>,
  attachment: {
    id: '0190a1b2-0000-7000-8000-00000000000c' as NonNullable<PendingUpload['uploadId']>,
    type: 'file',
    mime: 'text/plain',
    name: 'a.txt',
    sizeBytes: 3,
    url: 'https://chat.example/blobs/a',
  },
};

it('[D6] a message whose files are not there is passed by; one whose files are keeps its place', () => {
  expect(planOutbox([entry('a', 1, [waiting]), entry('b', 2)], 0).send.map(({ id }) => id)).toEqual(['b']);
  expect(planOutbox([entry('a', 1, [ready, waiting]), entry('b', 2)], 0).send.map(({ id }) => id)).toEqual(['b']);
  expect(planOutbox([entry('a', 1, [ready]), entry('b', 2)], 0).send.map(({ id }) => id)).toEqual(['a']);
});

it('is kept with its message, and read as leniently as it can still be sent', async () => {
  const store = createMemoryStore();
  await store.transaction((writer) => writer.putOutboxEntry({ ...entry('a', 1, [ready]), sendsAnyway: true }));
  expect(await store.read((reader) => reader.getOutboxEntry('a'))).toMatchObject({ uploads: [ready], sendsAnyway: true });
  const read = new RowReader(() => undefined).outboxEntry({ ...entry('a', 1), uploads: [{ ...ready, attachment: { url: 'damaged' } }, { no: 'file' }] });
  expect(read).toMatchObject({ uploads: [{ fileId: 'f', attachment: null }] });
});

it('keeps the first picture of a video', () => {
  const film = { ...waiting, mime: 'video/mp4', width: 4, height: 3, durationMs: 5, poster: '/9j/AAAA' };
  expect(new RowReader(() => undefined).outboxEntry(entry('a', 1, [film]))).toMatchObject({ uploads: [film] });
});

it('begins anew where it failed for good', () => {
  expect(anew(ready)).toEqual(waiting);
});
