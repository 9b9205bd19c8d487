import type { ReadingPlace } from '@couplet/client';
import type { ConversationId } from '@couplet/protocol';
import { useQueryClient } from '@tanstack/react-query';
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef } from 'react';
import { keepPlace } from '../../data/reading-place.ts';
import { useMessenger } from '../../messenger/messenger-provider.tsx';
import { subscribeToForeground } from '../../platform/app-lifecycle.ts';
import type { MessageListHandle } from '../../ui/message-list/message-list.tsx';
import type { ThreadRow } from './thread-rows.ts';

export interface PlaceWatch {
  /** The reader moved. */
  moved: () => void;
  firstVisible: (key: string) => void;
  atEnd: (isAtEnd: boolean) => void;
}

/** Keeps where the reader is, so that the conversation opens there the next time, also after the app was killed. */
export function useKeptPlace(conversationId: ConversationId, rows: readonly ThreadRow[], reachesEnd: boolean, list: RefObject<MessageListHandle | null>): PlaceWatch {
  const messenger = useMessenger();
  const queryClient = useQueryClient();
  const first = useRef<string | null>(null);
  /** `null` until the list stands. */
  const isAtEnd = useRef<boolean | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const latest = useRef({ rows, reachesEnd });
  useEffect(() => {
    latest.current = { rows, reachesEnd };
  }, [rows, reachesEnd]);

  const keep = useCallback(() => {
    timer.current = null;
    if (isAtEnd.current === null) return;
    const isDone = isAtEnd.current && latest.current.reachesEnd;
    const place = isDone ? null : placeAt(latest.current.rows, first.current, list.current);
    if (isDone || place !== null) void keepPlace(messenger, queryClient, conversationId, place);
  }, [messenger, queryClient, conversationId, list]);
  const keepSoon = useCallback(() => {
    // From the first move on, not from the last: who scrolls without a pause is kept as well.
    timer.current ??= setTimeout(keep, WRITE_THROUGH_MS);
  }, [keep]);
  const keepNow = useCallback(() => {
    if (timer.current === null) return;
    clearTimeout(timer.current);
    keep();
  }, [keep]);
  // While the list still stands: it tells where its rows are.
  useLayoutEffect(() => keepNow, [keepNow]);
  useEffect(
    () =>
      subscribeToForeground((isActive) => {
        if (!isActive) keepNow();
      }),
    [keepNow],
  );

  return {
    moved: keepSoon,
    firstVisible: useCallback(
      (key) => {
        first.current = key;
        keepSoon();
      },
      [keepSoon],
    ),
    atEnd: useCallback(
      (atEnd) => {
        isAtEnd.current = atEnd;
        keepSoon();
      },
      [keepSoon],
    ),
  };
}

/** Days and dividers come and go: the place is that of a message. */
function placeAt(rows: readonly ThreadRow[], firstKey: string | null, list: MessageListHandle | null): ReadingPlace | null {
  const from = rows.findIndex((row) => row.key === firstKey);
  const row = from < 0 ? undefined : rows.slice(from).find((candidate) => candidate.type === 'message');
  if (row?.type !== 'message') return null;
  const offset = list?.offsetOf(row.key) ?? null;
  return offset === null ? null : { seq: row.message.seq, offset };
}

/** Nothing older than this is lost when the app dies without a word; not with every frame of a fling. */
const WRITE_THROUGH_MS = 300;
