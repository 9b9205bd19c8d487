import type { Attachment } from '@couplet/protocol';
import { expect, it } from 'vitest';
import type { DownloadedFile, DownloadRequest } from '../platform/download-file.ts';
import { FileDownloads } from './file-downloads.ts';

const attachment = (id: string) => ({ id, type: 'file', mime: 'text/plain', name: `${id}.txt`, sizeBytes: 100, url: `http://x/${id}` }) as Attachment;

function create() {
  const asked: DownloadRequest[] = [];
  const ends: { resolve: (file: DownloadedFile) => void; reject: (error: Error) => void }[] = [];
  const released: string[] = [];
  const downloads = new FileDownloads((request) => {
    asked.push(request);
    return new Promise((resolve, reject) => {
      ends.push({ resolve, reject });
      request.signal.addEventListener('abort', () => reject(new Error('given up')));
    });
  });
  const file = (id: string): DownloadedFile => ({ source: id, save: null, open: null, share: null, release: () => released.push(id) });
  return { downloads, asked, ends, released, file };
}

it('a file is brought once however often it is asked for, and its progress told in steps that show', async () => {
  const { downloads, asked, ends, file } = create();
  const seen: unknown[] = [];
  downloads.subscribe('a', () => seen.push(downloads.stateOf('a')));
  const both = [downloads.bring(attachment('a')), downloads.bring(attachment('a'))];
  for (const progress of [0.5, 0.501, 0.6]) asked[0]?.onProgress(progress);
  ends[0]?.resolve(file('a'));
  await Promise.all(both);
  await downloads.bring(attachment('a'));
  expect(asked).toHaveLength(1);
  expect(seen).toEqual([{ status: 'loading', progress: null }, { status: 'loading', progress: 0.5 }, { status: 'loading', progress: 0.6 }, { status: 'here', file: expect.anything() }]);
});

it('one that is cut can be tried again, and one that is given up is as if it had not been asked for', async () => {
  const { downloads, asked, ends } = create();
  const cut = downloads.bring(attachment('a'));
  ends[0]?.reject(new Error('cut'));
  await expect(cut).rejects.toThrow('cut');
  expect(downloads.stateOf('a')).toEqual({ status: 'failed' });
  const givenUp = downloads.bring(attachment('a'));
  downloads.cancel('a');
  await expect(givenUp).rejects.toThrow();
  expect([downloads.stateOf('a'), asked.length]).toEqual([{ status: 'none' }, 2]);
});

it('only the last few are held, and none after they were cleared away', async () => {
  const { downloads, ends, released, file } = create();
  for (const [index, id] of ['a', 'b', 'c', 'd', 'e'].entries()) {
    const brought = downloads.bring(attachment(id));
    ends[index]?.resolve(file(id));
    await brought;
  }
  expect([released, downloads.stateOf('a').status, downloads.stateOf('b').status]).toEqual([['a'], 'none', 'here']);
  downloads.clear();
  expect(released).toEqual(['a', 'b', 'c', 'd', 'e']);
});
