import { type Attachment, CoupletError, type Message } from '@couplet/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { createMemoryStore } from '../store/memory-store.ts';
import type { Store } from '../store/store.ts';
import { CONVERSATION_ID, sampleConversation, sampleId, sampleMessage } from '../testing/samples.ts';
import { SharedMedia } from './shared-media.ts';

const LAST_SEQ = 3_000;
const attachment = (seq: number, type: Attachment['type']) => ({ id: sampleId('d', seq), type, mime: 'x/y', name: `${seq}`, sizeBytes: 1, url: 'http://x/y' }) as Attachment;
/** Every hundredth message is a picture, and every thousandth a file beside it. */
const messageAt = (seq: number): Message => {
  const attachments = [...(seq % 100 === 0 ? [attachment(seq, 'image')] : []), ...(seq % 1_000 === 0 ? [attachment(seq, 'file')] : [])];
  return sampleMessage(seq, { attachments });
};
const everything = Array.from({ length: LAST_SEQ }, (_, index) => messageAt(index + 1));

let store: Store;
let asked: number;
let isReachable: boolean;
let shared: SharedMedia;

/** A device with the rows of these stretches. */
async function keep(...stretches: [number, number][]) {
  await store.transaction(async (writer) => {
    await writer.putConversation(sampleConversation({ lastSeq: LAST_SEQ }));
    for (const [from, to] of stretches) await writer.putMessages(everything.slice(from - 1, to));
  });
}

async function walk(kind: 'media' | 'files', start: { at: 'end' } | { at: 'before' | 'after'; seq: number }, limit = 7): Promise<number[]> {
  const seqs: number[] = [];
  const direction = start.at === 'after' ? 'after' : 'before';
  let page = await shared.page({ conversationId: CONVERSATION_ID, kind, limit, ...start });
  for (;;) {
    expect(page.items.length).toBeLessThanOrEqual(limit);
    seqs.push(...page.items.map(({ seq }) => seq));
    if (page.next === null) return seqs;
    page = await shared.page({ conversationId: CONVERSATION_ID, kind, limit, at: direction, seq: page.next });
  }
}

const pictures = Array.from({ length: 30 }, (_, index) => LAST_SEQ - index * 100);

beforeEach(() => {
  store = createMemoryStore();
  asked = 0;
  isReachable = true;
  shared = new SharedMedia({
    store,
    async askServer({ kind, limit, place }) {
      asked += 1;
      if (!isReachable) throw new CoupletError('unavailable');
      const isOlder = place.at === 'before';
      const beyond = everything.filter(({ seq, attachments }) => (isOlder ? seq < place.seq : seq > place.seq) && attachments.some(({ type }) => (type === 'file') === (kind === 'files')));
      const nearest = isOlder ? beyond.slice(-limit) : beyond.slice(0, limit);
      return { items: nearest.toReversed(), hasMore: beyond.length > limit };
    },
  });
});

describe('what was shared in a conversation', () => {
  it('comes from a device that has every message, without a question to the server', async () => {
    await keep([1, LAST_SEQ]);
    expect(await walk('media', { at: 'before', seq: 701 })).toEqual([700, 600, 500, 400, 300, 200, 100]);
    expect(asked).toBe(0);
  });

  it('goes on at the server where the device ends, each once, in either direction', async () => {
    await keep([2_450, LAST_SEQ]);
    expect(await walk('media', { at: 'end' })).toEqual(pictures);
    expect(asked).toBeGreaterThan(0);
    expect(await walk('media', { at: 'after', seq: 2_000 })).toEqual(pictures.filter((seq) => seq > 2_000).reverse());
    expect(await walk('files', { at: 'end' })).toEqual([3_000, 2_000, 1_000]);
  });

  it('is asked of the server where little was shared, instead of reading thousands of messages', async () => {
    await keep([1, LAST_SEQ]);
    const page = await shared.page({ conversationId: CONVERSATION_ID, kind: 'files', limit: 3, at: 'end' });
    expect([page.items.map(({ seq }) => seq), asked]).toEqual([[3_000, 2_000, 1_000], 1]);
  });

  it('is without a network all that the device has, past its gaps', async () => {
    await keep([150, 350], [2_450, LAST_SEQ]);
    isReachable = false;
    expect(await walk('media', { at: 'end' })).toEqual([3_000, 2_900, 2_800, 2_700, 2_600, 2_500, 300, 200]);
  });

  it('is there without a network once it was looked at', async () => {
    await keep([2_450, LAST_SEQ]);
    await walk('media', { at: 'end' });
    isReachable = false;
    expect(await walk('media', { at: 'end' })).toEqual(pictures);
  });

  it('rejects when neither the device nor the server can tell anything', async () => {
    await keep([LAST_SEQ - 1, LAST_SEQ - 1]);
    isReachable = false;
    await expect(shared.page({ conversationId: CONVERSATION_ID, kind: 'media', limit: 7, at: 'end' })).rejects.toThrow(CoupletError);
  });
});
