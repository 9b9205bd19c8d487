import type { MessagePage } from '@couplet/client';
import type { Message, MessageId } from '@couplet/protocol';
import type { InfiniteData } from '@tanstack/react-query';

export type ThreadPageParam = { at: 'open' } | { at: 'before' | 'after' | 'around'; seq: number };
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
 * higher one. What continues the thread without a gap is appended; past a gap
 * the thread is told that it goes on, and the reader pages there.
 */
export function withMessages(thread: ThreadPages, changed: readonly Message[]): ThreadPages {
  const byId = new Map<MessageId, Message>(changed.map((message) => [message.id, message]));
  const pages = thread.pages.map((page) => withReplaced(page, byId));
  const last = pages.at(-1);
  if (!last) return thread;
  const tail = withAppended(last, changed);
  if (tail !== last) pages[pages.length - 1] = tail;
  return pages.every((page, index) => page === thread.pages[index]) ? thread : { ...thread, pages };
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

function withAppended(page: MessagePage, changed: readonly Message[]): MessagePage {
  const lastSeq = page.items.at(-1)?.seq ?? 0;
  const newer = changed.filter((message) => message.seq > lastSeq).sort((a, b) => a.seq - b.seq);
  if (newer.length === 0 || page.hasNewer) return page;
  const appended: Message[] = [];
  for (const message of newer) {
    const previous = appended.at(-1)?.seq ?? lastSeq;
    if (message.seq === previous) continue;
    if (message.seq !== previous + 1 && (page.items.length > 0 || message.seq !== 1)) return { ...page, items: [...page.items, ...appended], hasNewer: true };
    appended.push(message);
  }
  return { ...page, items: [...page.items, ...appended] };
}

/** The newest `kept` pages, for a thread nobody looks at: it opens at its end again without thousands of rows. */
export function withOldPagesDropped(thread: ThreadPages, kept: number): ThreadPages {
  if (thread.pages.length <= kept) return thread;
  const pages = thread.pages.slice(-kept);
  const first = pages[0];
  if (first) pages[0] = { ...first, hasOlder: true };
  return { pages, pageParams: thread.pageParams.slice(-kept) };
}
