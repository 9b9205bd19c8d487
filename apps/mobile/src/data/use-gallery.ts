import type { Messenger, SharedMediaPage } from '@couplet/client';
import type { Attachment, ConversationId, Message } from '@couplet/protocol';
import { type InfiniteData, infiniteQueryOptions, type QueryKey, useInfiniteQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { useMessenger } from '../messenger/messenger-provider.tsx';
import { queryKeys } from './query-keys.ts';

/** A picture or video with the message that brought it. */
export interface GalleryEntry {
  attachment: Attachment;
  message: Message;
}

export interface Gallery {
  /** As they were sent, the oldest first. */
  entries: GalleryEntry[];
  status: 'pending' | 'error' | 'success';
  loadOlder: () => void;
  loadNewer: () => void;
}

type Place = { at: 'before' | 'after'; seq: number };
type GalleryPages = InfiniteData<SharedMediaPage, Place>;

/** Messages of one page: a swipe through them takes longer than reading the next. */
const PAGE = 20;

/** The pictures and videos of a conversation around a message, going on in both directions. */
export function useGallery(conversationId: ConversationId, aroundSeq: number): Gallery {
  const messenger = useMessenger();
  const { data, status, isFetching, hasNextPage, hasPreviousPage, fetchNextPage, fetchPreviousPage } = useInfiniteQuery(galleryQuery(messenger, conversationId, aroundSeq));
  return {
    entries: useMemo(() => (data ? entriesOf(data) : []), [data]),
    status,
    loadOlder: useCallback(() => {
      if (hasNextPage && !isFetching) void fetchNextPage();
    }, [hasNextPage, isFetching, fetchNextPage]),
    loadNewer: useCallback(() => {
      if (hasPreviousPage && !isFetching) void fetchPreviousPage();
    }, [hasPreviousPage, isFetching, fetchPreviousPage]),
  };
}

/** The first page ends with the message that was opened; pages before it are newer, pages after it older. */
function galleryQuery(messenger: Messenger, conversationId: ConversationId, aroundSeq: number) {
  return infiniteQueryOptions<SharedMediaPage, Error, GalleryPages, QueryKey, Place>({
    queryKey: queryKeys.gallery(conversationId, aroundSeq),
    queryFn: ({ pageParam }) => messenger.messages.shared({ conversationId, kind: 'media', limit: PAGE, ...pageParam }),
    initialPageParam: { at: 'before', seq: aroundSeq + 1 },
    // Read anew, it begins with the newest page and goes on towards older ones from there.
    getNextPageParam: ({ next }, _pages, { at, seq }) => (at === 'after' ? { at: 'before', seq: seq + 1 } : next === null ? undefined : { at, seq: next }),
    getPreviousPageParam: ({ next }, _pages, { at, seq }) => (at === 'before' ? { at: 'after', seq: seq - 1 } : next === null ? undefined : { at, seq: next }),
    // What was opened last is the one that is looked at again.
    gcTime: 60_000,
  });
}

function entriesOf({ pages, pageParams }: GalleryPages): GalleryEntry[] {
  const oldestFirst = pages.flatMap(({ items }, index) => (pageParams[index]?.at === 'after' ? items.toReversed() : items)).reverse();
  return oldestFirst.flatMap((message) => message.attachments.filter(({ type }) => type !== 'file').map((attachment) => ({ attachment, message })));
}
