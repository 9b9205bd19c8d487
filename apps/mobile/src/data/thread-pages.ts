import type { MessagePage } from '@couplet/client';
import type { Message, MessageId } from '@couplet/protocol';
import type { InfiniteData } from '@tanstack/react-query';

/** `place`: where reading was left; its rows may have gone from the device since. */
export type ThreadPageParam = { at: 'open' } | { at: 'before' | 'after' | 'around' | 'place'; seq: number };
export type ThreadPages = InfiniteData<MessagePage, ThreadPageParam>;

/** Ascending by seq. Pages that overlap (a refetch beside a live append) yield each message once. */
export function messagesOf(thread: ThreadPages): Message[] {
  const messages: Message[] = [];
  for (const page of thread.pages) {
    for (const message of page.items) if (message.seq > (messages.at(-1)?.seq ?? 0)) messages.push(message);
  }
  return messages;
}

/**
 * New or changed messages in a loaded thread. A lower version never overwrites a
 * higher one. What continues the thread without a gap is appended; what lies past
 * a gap (an acknowledgement that overtook the peer's message) waits in the store:
 * `useChatThread` reads it when what is missing does not come by itself.
 */
export function withMessages(thread: ThreadPages, changed: readonly Message[]): ThreadPages {
  const byId = new Map<MessageId, Message>(changed.map((message) => [message.id, message]));
  const pages = thread.pages.map((page) => withReplaced(page, byId));
  const last = pages.at(-1);
  if (last && reachesEndOf(thread)) pages[pages.length - 1] = withAppended(last, lastSeqOf(thread), changed);
  return pages.every((page, index) => page === thread.pages[index]) ? thread : { ...thread, pages };
}

/** 0 when nothing is loaded. The last page may be empty: what was asked for had not come yet. */
export function lastSeqOf({ pages }: Pick<ThreadPages, 'pages'>): number {
  return pages.findLast(({ items }) => items.length > 0)?.items.at(-1)?.seq ?? 0;
}

/**
 * Whether the newest message of the conversation, as it was when one of these
 * pages was read, is among them. What was said since is news, also where it was
 * read as a page behind them: to close a gap, while yet more came.
 */
export function reachesEndOf({ pages }: Pick<ThreadPages, 'pages'>): boolean {
  return pages.some(({ hasNewer }) => !hasNewer);
}

function withReplaced(page: MessagePage, changed: ReadonlyMap<MessageId, Message>): MessagePage {
  let touched = false;
  const items = page.items.map((known) => {
    const next = changed.get(known.id);
    if (!next || next === known || next.version < known.version) return known;
    touched = true;
    return next;
  });
  return touched ? { ...page, items } : page;
}

function withAppended(page: MessagePage, lastSeq: number, changed: readonly Message[]): MessagePage {
  const newer = changed.filter((message) => message.seq > lastSeq).sort((a, b) => a.seq - b.seq);
  if (newer.length === 0) return page;
  const appended: Message[] = [];
  for (const message of newer) {
    const previous = appended.at(-1)?.seq ?? lastSeq;
    if (message.seq === previous) continue;
    if (message.seq !== previous + 1) break;
    appended.push(message);
  }
  if (appended.length === 0) return page;
  return { ...page, items: [...page.items, ...appended] };
}

/** The newest `kept` pages, for a thread nobody looks at: it opens at its end again without thousands of rows. */
export function withOldPagesDropped(thread: ThreadPages, kept: number): ThreadPages {
  if (thread.pages.length <= kept) return thread;
  const pages = thread.pages.slice(-kept);
  const first = pages[0];
  if (first) pages[0] = { ...first, hasOlder: true, hasNewer: !reachesEndOf(thread) };
  return { pages, pageParams: thread.pageParams.slice(-kept) };
}
