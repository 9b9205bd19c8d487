import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sampleMessage } from '../../test/samples.ts';
import { lastSeqOf, messagesOf, reachesEndOf, type ThreadPages, withMessages, withOldPagesDropped } from './thread-pages.ts';

function thread(...pages: number[][]): ThreadPages {
  return {
    pages: pages.map((seqs, index) => ({ items: seqs.map((seq) => sampleMessage(seq)), hasOlder: index > 0 || (seqs[0] ?? 1) > 1, hasNewer: index < pages.length - 1 })),
    pageParams: pages.map(() => ({ at: 'open' })),
  };
}
const seqs = (pages: ThreadPages) => messagesOf(pages).map((message) => message.seq);

test('what continues the thread is appended, in order, once', () => {
  const next = withMessages(thread([1, 2]), [sampleMessage(4), sampleMessage(3), sampleMessage(3)]);
  expect(seqs(next)).toEqual([1, 2, 3, 4]);
});

test('the first message of an empty conversation appears', () => {
  expect(seqs(withMessages(thread([]), [sampleMessage(1)]))).toEqual([1]);
});

test('what lies past a gap is not shown, and comes in its place once the gap is closed', () => {
  const next = withMessages(thread([1, 2]), [sampleMessage(3), sampleMessage(5)]);
  expect(seqs(next)).toEqual([1, 2, 3]);
  expect(reachesEndOf(next)).toBe(true);
  expect(seqs(withMessages(withMessages(next, [sampleMessage(4)]), [sampleMessage(5)]))).toEqual([1, 2, 3, 4, 5]);
});

test('a thread at its end stays there though more came while the page that closes a gap was read', () => {
  const live = thread([1, 2]);
  const behind: ThreadPages = { pages: [...live.pages, { items: [sampleMessage(3)], hasOlder: true, hasNewer: true }], pageParams: [{ at: 'open' }, { at: 'after', seq: 2 }] };
  expect(reachesEndOf(behind)).toBe(true);
  expect(seqs(withMessages(behind, [sampleMessage(4)]))).toEqual([1, 2, 3, 4]);
  expect(reachesEndOf(withOldPagesDropped(behind, 1))).toBe(true);
});

test('a thread goes on behind a last page that is empty: what was asked for had not come yet', () => {
  const empty = thread([1, 2], []);
  expect(lastSeqOf(empty)).toBe(2);
  expect(seqs(withMessages(empty, [sampleMessage(4)]))).toEqual([1, 2]);
  expect(seqs(withMessages(empty, [sampleMessage(3)]))).toEqual([1, 2, 3]);
});

test('a thread opened in the past takes no message from its far end', () => {
  const past = thread([1, 2]);
  const last = past.pages[0];
  if (last) last.hasNewer = true;
  expect(withMessages(past, [sampleMessage(3)])).toBe(past);
});

test('a lower version never overwrites a higher one', () => {
  const edited = withMessages(thread([1]), [sampleMessage(1, { version: 2, text: 'new' })]);
  const late = withMessages(edited, [sampleMessage(1, { version: 1, text: 'old' })]);
  expect(messagesOf(late)[0]?.text).toBe('new');
});

test('an event for messages that are not loaded leaves the thread as it is', () => {
  const loaded = thread([5, 6]);
  expect(withMessages(loaded, [sampleMessage(2, { version: 1 })])).toBe(loaded);
});

test('messages that come in any order and any number of times end as one dense run', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([3, 4, 5, 6, 7, 8], { minLength: 6 }), fc.array(fc.integer({ min: 1, max: 8 })), (order, replays) => {
      const all = withMessages(thread([1, 2]), [...replays, ...order].map((seq) => sampleMessage(seq)));
      expect(seqs(all)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    }),
  );
});

test('overlapping pages show each message once', () => {
  expect(seqs(thread([1, 2, 3], [3, 4]))).toEqual([1, 2, 3, 4]);
});

test('dropping old pages keeps the newest and says that there is more before', () => {
  const kept = withOldPagesDropped(thread([1, 2], [3, 4], [5, 6]), 1);
  expect(seqs(kept)).toEqual([5, 6]);
  expect(kept.pages[0]?.hasOlder).toBe(true);
});
