import { expect, test } from 'vitest';
import { sampleConversation } from '../../test/samples.ts';
import { type ConversationPages, conversationsOn, type Shelf, withConversationChange, withConversations } from './conversation-pages.ts';

const LATE = '2026-12-01T00:00:00.000Z';

/** Numbers are minutes: a higher one was active later. */
function pages(hasMore: boolean, ...numbers: number[][]): ConversationPages {
  return { pages: numbers.map((page) => ({ items: page.map((number) => sampleConversation(number)), hasMore })), pageParams: numbers.map((_, index) => index) };
}
const order = (list: ConversationPages) => list.pages.map((page) => page.items.map((conversation) => Number(conversation.id.slice(-3)) - 100));

test('a conversation with news moves to the top, across pages, and no page changes its size but the last', () => {
  const next = withConversations(pages(false, [9, 8], [7, 6]), [sampleConversation(6, { lastActivityAt: LATE })]);
  expect(order(next)).toEqual([[6, 9], [8, 7]]);
});

test('pinned ones stay above news', () => {
  const list = withConversations(pages(false, [9, 8]), [sampleConversation(3, { pinned: true })]);
  expect(order(withConversations(list, [sampleConversation(8, { lastActivityAt: LATE })]))).toEqual([[3, 8, 9]]);
});

test('one that belongs below the loaded part waits for its page', () => {
  expect(order(withConversations(pages(true, [9, 8]), [sampleConversation(2)]))).toEqual([[9, 8]]);
  expect(order(withConversations(pages(false, [9, 8]), [sampleConversation(2)]))).toEqual([[9, 8, 2]]);
});

test('an archived one is on the other shelf, in its place, and comes back to where it was', () => {
  const list = withConversations(pages(false, [9, 8]), [sampleConversation(9, { archived: true })]);
  const minutes = (shelf: Shelf, of: ConversationPages) => conversationsOn(shelf, of).map((conversation) => Number(conversation.id.slice(-3)) - 100);
  expect([minutes('chats', list), minutes('archive', list), minutes('both', list)]).toEqual([[8], [9], [9, 8]]);
  expect(minutes('chats', withConversations(list, [sampleConversation(9)]))).toEqual([9, 8]);
});

test('a change of one’s own shows where the conversation stands', () => {
  const list = pages(false, [9, 8]);
  const changed = withConversationChange(list, sampleConversation(8).id, { draft: 'Dear' });
  expect(changed.pages[0]?.items[1]?.draft).toBe('Dear');
  expect(withConversationChange(list, sampleConversation(1).id, { draft: 'x' })).toBe(list);
});
