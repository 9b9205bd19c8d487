import type { Messenger } from '@couplet/client';
import type { Attachment } from '@couplet/protocol';
import { expect, it } from 'vitest';
import { sampleId, sampleMessage } from '../../test/samples.ts';
import { contentToForward, type ForwardPorts } from './forward-message.ts';

const picture = (number: number) => ({ id: sampleId(number), type: 'image', mime: 'image/jpeg', name: `${number}.jpg`, sizeBytes: 10, width: 4, height: 3, url: 'http://old/blobs/x' }) as Attachment;

function ports(over: Partial<ForwardPorts> = {}) {
  const asked: string[] = [];
  const call = async (_name: string, input: { query: { ids: string } }) => {
    asked.push(input.query.ids);
    return { items: input.query.ids.split(',').map((id) => ({ ...picture(Number(id.slice(-12))), url: 'http://fresh/blobs/x' })) };
  };
  const downloads: ForwardPorts['downloads'] = { bring: async ({ url }) => ({ source: url, save: null, open: null, share: null, release: () => undefined }) };
  return { asked, ports: { api: { call } as unknown as Messenger['api'], serverUrl: 'http://here', downloads, posterOf: async () => 'poster', ...over } };
}

it('words are forwarded without asking anybody', async () => {
  const { ports: used, asked } = ports();
  expect(await contentToForward(sampleMessage(1, { text: 'Look' }), used, () => undefined)).toEqual({ text: 'Look' });
  expect(asked).toEqual([]);
});

it('files are brought here by fresh links and keep their name and measures', async () => {
  const { ports: used, asked } = ports();
  const counts: number[] = [];
  const message = sampleMessage(1, { text: '', attachments: [picture(1), picture(2)] });
  const { text, files } = await contentToForward(message, used, (count) => counts.push(count));
  expect(text).toBeUndefined();
  expect(files?.[1]).toEqual({ source: 'http://here/blobs/x', name: '2.jpg', mime: 'image/jpeg', sizeBytes: 10, width: 4, height: 3 });
  expect([asked, counts]).toEqual([[`${sampleId(1)},${sampleId(2)}`], [1, 2]]);
});

it('a file that cannot be brought forwards nothing', async () => {
  const { ports: used } = ports({ downloads: { bring: () => Promise.reject(new Error('cut')) } });
  await expect(contentToForward(sampleMessage(1, { attachments: [picture(1)] }), used, () => undefined)).rejects.toThrow('cut');
});
