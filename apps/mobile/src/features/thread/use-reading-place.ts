import type { ConversationId } from '@couplet/protocol';
import { type RefObject, useCallback, useEffect, useRef } from 'react';
import { useAppDispatch } from '../../state/store.ts';
import { placeLeft, type ReadingPlace } from '../../state/reading-slice.ts';
import type { MessageListHandle } from '../../ui/message-list/message-list.tsx';
import type { ThreadRow } from './thread-rows.ts';

export interface PlaceWatch {
  /** The reader moved. */
  moved: () => void;
  firstVisible: (key: string) => void;
  atEnd: (isAtEnd: boolean) => void;
}

/** Keeps where the reader is, so that the conversation opens there the next time, also after a restart. */
export function useReadingPlace(conversationId: ConversationId, rows: readonly ThreadRow[], reachesEnd: boolean, list: RefObject<MessageListHandle | null>): PlaceWatch {
  const dispatch = useAppDispatch();
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
    if (isAtEnd.current && latest.current.reachesEnd) return void dispatch(placeLeft({ conversationId, place: null }));
    const place = placeAt(latest.current.rows, first.current, list.current);
    if (place !== null) dispatch(placeLeft({ conversationId, place }));
  }, [dispatch, conversationId, list]);
  const keepSoon = useCallback(() => {
    if (timer.current !== null) clearTimeout(timer.current);
    timer.current = setTimeout(keep, STANDS_STILL_MS);
  }, [keep]);
  useEffect(
    () => () => {
      if (timer.current !== null) clearTimeout(timer.current);
    },
    [],
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

/** Not with every frame of a fling, and soon after it. */
const STANDS_STILL_MS = 200;
