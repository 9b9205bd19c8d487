import type { SharedMediaPage } from '@couplet/client';
import type { ConversationId, Message, SharedMediaKind } from '@couplet/protocol';
import { type InfiniteData, type QueryKey, useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useMessenger } from '../messenger/messenger-provider.tsx';
import { queryKeys } from './query-keys.ts';

/** Two screens of a phone, of messages: albums are more. */
const PAGE = 40;

/** What was shared in a conversation, the newest first. */
export function useSharedMedia(conversationId: ConversationId, kind: SharedMediaKind) {
  const messenger = useMessenger();
  const { data, status, isFetching, hasNextPage, fetchNextPage, refetch } = useInfiniteQuery<SharedMediaPage, Error, InfiniteData<SharedMediaPage, number | null>, QueryKey, number | null>({
    queryKey: queryKeys.sharedMedia(conversationId, kind),
    queryFn: ({ pageParam }) => messenger.messages.shared({ conversationId, kind, limit: PAGE, ...(pageParam === null ? { at: 'end' } : { at: 'before', seq: pageParam }) }),
    initialPageParam: null,
    getNextPageParam: ({ next }) => next,
  });
  return {
    messages: useMemo<Message[]>(() => data?.pages.flatMap(({ items }) => items) ?? [], [data]),
    status,
    hasMore: hasNextPage,
    loadMore: () => {
      if (hasNextPage && !isFetching) void fetchNextPage();
    },
    reload: () => void refetch(),
  };
}
