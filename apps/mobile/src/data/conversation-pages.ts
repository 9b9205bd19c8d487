import type { Conversation, ConversationId } from '@couplet/protocol';
import type { InfiniteData } from '@tanstack/react-query';

export interface ConversationPage {
  items: Conversation[];
  hasMore: boolean;
}
/** Conversations in use, those put away, or both. */
export type Shelf = 'chats' | 'archive' | 'both';
export type ConversationPages = InfiniteData<ConversationPage, number>;

/**
 * Puts conversations that began or changed in their place: pinned first, then by
 * last activity. One that belongs below the loaded part is left to its own page.
 */
export function withConversations(pages: ConversationPages, changed: readonly Conversation[]): ConversationPages {
  const byId = new Map<ConversationId, Conversation>();
  for (const page of pages.pages) for (const conversation of page.items) byId.set(conversation.id, conversation);
  const loaded = [...byId.values()];
  const lastPage = pages.pages.at(-1);
  if (!lastPage) return pages;
  const edge = lastPage.hasMore ? loaded.at(-1) : undefined;
  for (const conversation of changed) {
    if (!byId.has(conversation.id) && edge && compare(conversation, edge) > 0) continue;
    byId.set(conversation.id, conversation);
  }
  const ordered = [...byId.values()].sort(compare);
  return { ...pages, pages: cut(ordered, pages.pages) };
}

/** Changes one conversation where it stands, for what the person did and the store will confirm. */
export function withConversationChange(pages: ConversationPages, id: ConversationId, change: Partial<Conversation>): ConversationPages {
  const known = pages.pages.flatMap((page) => page.items).find((conversation) => conversation.id === id);
  return known ? withConversations(pages, [{ ...known, ...change }]) : pages;
}

/** What one list shows, in order. */
export function conversationsOn(shelf: Shelf, { pages }: { pages: readonly ConversationPage[] }): Conversation[] {
  return pages.flatMap((page) => (shelf === 'both' ? page.items : page.items.filter(({ archived }) => archived === (shelf === 'archive'))));
}

function compare(a: Conversation, b: Conversation): number {
  if (a.pinned !== b.pinned) return a.pinned ? -1 : 1;
  if (a.lastActivityAt !== b.lastActivityAt) return a.lastActivityAt > b.lastActivityAt ? -1 : 1;
  return a.id > b.id ? -1 : 1;
}

/** The same page sizes as before; the last page takes what is over. */
function cut(ordered: readonly Conversation[], pages: readonly ConversationPage[]): ConversationPage[] {
  let start = 0;
  return pages.map((page, index) => {
    const end = index === pages.length - 1 ? ordered.length : start + page.items.length;
    const items = ordered.slice(start, end);
    start = end;
    return { items, hasMore: page.hasMore };
  });
}
