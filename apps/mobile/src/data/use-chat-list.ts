import type { Conversation, ConversationId } from '@couplet/protocol';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useDeferredValue, useEffect, useMemo } from 'react';
import { useMessenger } from '../messenger/messenger-provider.tsx';
import { conversationsOn, type Shelf } from './conversation-pages.ts';
import { queryKeys } from './query-keys.ts';

/** A tall desktop window and as much again, so that a first fling meets rows. */
const CHAT_LIST_PAGE = 40;

export interface ChatList {
  conversations: Conversation[];
  /** Of those put away, as far as the list is loaded: how many there are, and whether one of them is unread. */
  archived: { count: number; isUnread: boolean };
  status: 'pending' | 'error' | 'success';
  hasMore: boolean;
  loadMore: () => void;
  refresh: () => Promise<void>;
}

export function useChatList(shelf: Shelf = 'chats'): ChatList {
  const messenger = useMessenger();
  const query = useInfiniteQuery({
    queryKey: queryKeys.conversations,
    queryFn: ({ pageParam }) => messenger.conversations.list({ limit: CHAT_LIST_PAGE, offset: pageParam }),
    initialPageParam: 0,
    getNextPageParam: (last, pages) => (last.hasMore ? pages.reduce((count, page) => count + page.items.length, 0) : undefined),
  });
  const { hasNextPage, isFetching, fetchNextPage, refetch } = query;
  // Much of the list changes at once while the device catches up: that is drawn in pieces, between
  // which a key or a tap is answered. The first list and the end of all of it are shown at once.
  const drawn = useDeferredValue(query.data) ?? query.data;
  const shown = query.data && drawn;
  const conversations = useMemo(() => (shown ? conversationsOn(shelf, shown) : []), [shown, shelf]);
  const archived = useMemo(() => {
    const away = shown ? conversationsOn('archive', shown) : [];
    return { count: away.length, isUnread: away.some(({ unreadCount }) => unreadCount > 0) };
  }, [shown]);
  // Pages hold both kinds: one of nothing but the other kind is no end of the list.
  const isShort = conversations.length < CHAT_LIST_PAGE && hasNextPage && !isFetching && query.status === 'success';
  useEffect(() => {
    if (isShort) void fetchNextPage();
  }, [isShort, fetchNextPage]);
  return {
    conversations,
    archived,
    status: query.status,
    hasMore: hasNextPage,
    loadMore: () => {
      if (hasNextPage && !isFetching) void fetchNextPage();
    },
    refresh: async () => {
      messenger.connection.wake();
      await refetch();
    },
  };
}

export function useConversation(id: ConversationId) {
  const messenger = useMessenger();
  return useQuery({ queryKey: queryKeys.conversation(id), queryFn: () => messenger.conversations.get(id) });
}
