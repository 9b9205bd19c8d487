import type { MessagePage, Messenger } from '@couplet/client';
import type { ConversationId } from '@couplet/protocol';
import { infiniteQueryOptions, type QueryKey } from '@tanstack/react-query';
import { queryKeys } from './query-keys.ts';
import { lastSeqOf, type ThreadPageParam, type ThreadPages } from './thread-pages.ts';

/** Two screens of a desktop window: paging is rare, and a page is still read in a few milliseconds. */
export const THREAD_PAGE = 50;

/** The visit of a thread that opens where one left off reading; every other place in it is another visit. */
export const OPENING = 0;

/** The thread as pages of the messenger's store; it opens at its end, or around the first unread message when that is further up, unless told where. */
export function threadQuery(messenger: Messenger, conversationId: ConversationId, visit = OPENING, opensAt: ThreadPageParam = { at: 'open' }) {
  return infiniteQueryOptions<MessagePage, Error, ThreadPages, QueryKey, ThreadPageParam>({
    queryKey: queryKeys.threadVisit(conversationId, visit),
    queryFn: ({ pageParam }) => readPage(messenger, conversationId, pageParam),
    initialPageParam: opensAt,
    // Appliers keep what did not change; comparing thousands of messages again would only cost.
    structuralSharing: false,
    getPreviousPageParam: (first: MessagePage): ThreadPageParam | undefined => {
      const seq = first.items[0]?.seq;
      return first.hasOlder && seq !== undefined ? { at: 'before', seq } : undefined;
    },
    // Also past the end: there may be more by now.
    getNextPageParam: (_last: MessagePage, pages: MessagePage[]): ThreadPageParam => ({ at: 'after', seq: lastSeqOf({ pages }) }),
  });
}

async function readPage(messenger: Messenger, conversationId: ConversationId, param: ThreadPageParam): Promise<MessagePage> {
  if (param.at === 'place') {
    return messenger.messages
      .page({ conversationId, limit: THREAD_PAGE, at: 'around', seq: param.seq })
      .catch(() => messenger.messages.page({ conversationId, limit: THREAD_PAGE, at: 'end' }));
  }
  if (param.at !== 'open') return messenger.messages.page({ conversationId, limit: THREAD_PAGE, at: param.at, seq: param.seq });
  const conversation = await messenger.conversations.get(conversationId);
  const unreadIsFar = conversation !== null && conversation.lastSeq - conversation.readSeq >= THREAD_PAGE && conversation.unreadCount > 0;
  if (!unreadIsFar) return messenger.messages.page({ conversationId, limit: THREAD_PAGE, at: 'end' });
  return messenger.messages.page({ conversationId, limit: THREAD_PAGE, at: 'around', seq: conversation.readSeq + 1 });
}
