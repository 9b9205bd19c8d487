import type { ConversationId, Message } from '@couplet/protocol';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useMessenger } from '../messenger/messenger-provider.tsx';
import { queryKeys } from './query-keys.ts';
import { lastSeqOf, messagesOf, reachesEndOf, type ThreadPageParam, type ThreadPages, withOldPagesDropped } from './thread-pages.ts';
import { OPENING, THREAD_PAGE, threadQuery } from './thread-query.ts';

/** What is kept of a thread that is left: enough to open again at once. */
const PAGES_KEPT = 2;

export interface ChatThread {
  messages: Message[];
  status: 'pending' | 'error' | 'success';
  /** Another one when the thread is read at another place: the list opens there anew. */
  visit: number;
  reachesEnd: boolean;
  reachesStart: boolean;
  olderFailed: boolean;
  loadOlder: () => void;
  loadNewer: () => void;
  /** Reads the thread at its end or around a seq, instead of where it is read now. */
  goTo: (place: { at: 'end' } | { at: 'around'; seq: number }) => Promise<void>;
  reload: () => void;
}

/** The thread, opened at a place of it. Only the first `opening` counts. `lastSeq`: how far the conversation is. */
export function useChatThread(conversationId: ConversationId, opening: ThreadPageParam, lastSeq: number): ChatThread {
  const messenger = useMessenger();
  const queryClient = useQueryClient();
  const [opensAt] = useState(opening);
  const [visit, setVisit] = useState(() => (opening.at === 'open' ? OPENING : newVisit()));
  const query = useInfiniteQuery(threadQuery(messenger, conversationId, visit, opensAt));
  const { data, hasPreviousPage, isFetching, isFetchNextPageError, fetchNextPage, fetchPreviousPage, refetch } = query;
  const reachesEnd = data !== undefined && reachesEndOf(data);
  const messages = useMemo(() => (data ? messagesOf(data) : []), [data]);

  // Seemingly at the end, and the conversation is further: what came next was kept from the
  // thread by a gap, or by a page that was being read and was written over it.
  const isBehind = data !== undefined && reachesEnd && lastSeqOf(data) < lastSeq;
  useEffect(() => {
    if (!isBehind || isFetching) return;
    const timer = setTimeout(() => void fetchNextPage(), isFetchNextPageError ? TRY_AGAIN_MS : GAP_CLOSES_MS);
    return () => clearTimeout(timer);
  }, [isBehind, isFetching, isFetchNextPageError, lastSeq, fetchNextPage]);

  const goTo = useCallback<ChatThread['goTo']>(
    async (place) => {
      const page = await messenger.messages.page({ conversationId, limit: THREAD_PAGE, ...place });
      const next = newVisit();
      queryClient.setQueryData<ThreadPages>(queryKeys.threadVisit(conversationId, next), { pages: [page], pageParams: [place.at === 'end' ? { at: 'open' } : place] });
      setVisit(next);
    },
    [messenger, queryClient, conversationId],
  );

  useEffect(
    () => () => {
      // Only what no other screen shows: one that takes this one's place is there before this one has gone.
      for (const { queryKey, state } of queryClient.getQueryCache().findAll({ queryKey: queryKeys.thread(conversationId), type: 'inactive' })) {
        // Left in the middle of the past it would open there: next time it is read from its end.
        if (queryKey[2] !== OPENING || !endsAtEnd(state.data as ThreadPages | undefined)) queryClient.removeQueries({ queryKey, exact: true });
        else queryClient.setQueryData<ThreadPages>(queryKey, (left) => left && withOldPagesDropped(left, PAGES_KEPT));
      }
    },
    [queryClient, conversationId],
  );

  const { status, isFetchPreviousPageError: olderFailed } = query;
  const loadOlder = useCallback(() => {
    if (hasPreviousPage && !isFetching) void fetchPreviousPage();
  }, [hasPreviousPage, isFetching, fetchPreviousPage]);
  const loadNewer = useCallback(() => {
    if (!reachesEnd && !isFetching) void fetchNextPage();
  }, [reachesEnd, isFetching, fetchNextPage]);
  const reachesStart = data !== undefined && !hasPreviousPage;
  // The same object while nothing of it changes: a key pressed beside the list leaves the list alone.
  return useMemo(
    () => ({ messages, status, visit, reachesEnd, reachesStart, olderFailed, loadOlder, loadNewer, goTo, reload: () => void refetch() }),
    [messages, status, visit, reachesEnd, reachesStart, olderFailed, loadOlder, loadNewer, goTo, refetch],
  );
}

/** No two visits are the same, on any screen: each opens at a place of its own. */
let lastVisit = OPENING;
function newVisit(): number {
  lastVisit += 1;
  return lastVisit;
}

function endsAtEnd(data: ThreadPages | undefined): boolean {
  return data !== undefined && reachesEndOf(data);
}

/** Events of one moment come one after another; what is still missing after this is read from the device. */
const GAP_CLOSES_MS = 150;
/** It is not on the device, and the server could not be asked. */
const TRY_AGAIN_MS = 5_000;
