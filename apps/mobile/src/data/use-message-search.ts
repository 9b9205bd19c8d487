import type { ConversationId, Message } from '@couplet/protocol';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useConnection, useMessenger } from '../messenger/messenger-provider.tsx';
import { useSettled } from '../ui/use-settled.ts';
import { queryKeys } from './query-keys.ts';

export interface MessageSearch {
  /** The newest first. */
  found: Message[];
  isSearching: boolean;
  /** The server could not be asked: messages that are not on this device were not looked at. */
  isDeviceOnly: boolean;
  error: unknown;
  hasMore: boolean;
  isLoadingMore: boolean;
  loadMore: () => void;
}

/** Messages with the words of `text`: those on the device while one types, all of them once the server has answered. */
export function useMessageSearch(text: string, conversationId?: ConversationId): MessageSearch {
  const messenger = useMessenger();
  const typed = text.trim();
  const settled = useSettled(typed, SETTLE_MS);
  const scope = conversationId === undefined ? {} : { conversationId };
  const device = useQuery({
    queryKey: queryKeys.deviceSearch(typed, conversationId),
    queryFn: () => messenger.messages.searchDevice({ q: typed, ...scope }),
    enabled: typed !== '',
    // Until the next ones are there, some milliseconds later: no flash between two letters.
    placeholderData: keepPreviousData,
    staleTime: 0,
    gcTime: 0,
  });
  const everywhere = useInfiniteQuery({
    queryKey: queryKeys.messageSearch(settled, conversationId),
    queryFn: ({ pageParam }) => messenger.messages.search({ q: settled, ...scope, ...(pageParam === null ? {} : { cursor: pageParam }) }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
    enabled: settled !== '',
    gcTime: RESULTS_KEPT_MS,
    staleTime: RESULTS_FRESH_MS,
  });
  const answered = settled === typed ? everywhere.data : undefined;
  const isDeviceOnly = answered?.pages.at(-1)?.scope === 'device';
  const isOnline = useConnection().status === 'online';
  const { refetch } = everywhere;
  useEffect(() => {
    if (isOnline && isDeviceOnly) void refetch();
  }, [isOnline, isDeviceOnly, refetch]);

  return {
    found: answered?.pages.flatMap((page) => page.items) ?? device.data?.items ?? [],
    isSearching: settled !== typed || everywhere.isPending || (everywhere.isFetching && !isDeviceOnly),
    isDeviceOnly,
    error: everywhere.error,
    hasMore: answered !== undefined && everywhere.hasNextPage,
    isLoadingMore: everywhere.isFetchingNextPage,
    loadMore: () => void everywhere.fetchNextPage(),
  };
}

/** Long enough that a word is typed before the server is asked. */
const SETTLE_MS = 200;
const RESULTS_KEPT_MS = 60_000;
const RESULTS_FRESH_MS = 10_000;
