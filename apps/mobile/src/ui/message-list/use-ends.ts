import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { LegendListRef } from '@legendapp/list/react-native';

/** The reader is at the end within this share of the view: a line or two on a phone. */
export const END_ZONE = 0.05;

/** Rows before the first (behind the last) are asked for from this many views away, so that they come in time. */
const REACH_ZONE = 1.5;

interface EndsInput<Row> {
  list: RefObject<LegendListRef | null>;
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  followsEnd?: boolean;
  onReachStart?: () => void;
  onReachEnd?: () => void;
  onAtEndChange?: (atEnd: boolean) => void;
}

/** Watches how far the reader is from either end of the rows. */
export function useEnds<Row>(input: EndsInput<Row>) {
  const { list, rows, keyOf, followsEnd = true } = input;
  const latest = useRef(input);
  useLayoutEffect(() => {
    latest.current = input;
  });

  // One commit later than the prop: the rows that come together with
  // `followsEnd` turning true are still the last page, not news.
  const [isFollowing, setFollowing] = useState(followsEnd);
  useEffect(() => setFollowing(followsEnd), [followsEnd]);

  const isReady = useRef(false);
  const atEnd = useRef<boolean | null>(null);
  // The outermost key each callback was called for; null while out of its zone.
  const reached = useRef<{ start: string | null; end: string | null }>({ start: null, end: null });

  const check = useCallback(() => {
    const state = list.current?.getState();
    const { rows, keyOf, onReachStart, onReachEnd, onAtEndChange } = latest.current;
    const first = rows[0];
    const last = rows.at(-1);
    if (!isReady.current || !state || first === undefined || last === undefined) return;

    const fromEnd = state.contentLength - state.scroll - state.scrollLength;
    const isAtEnd = fromEnd <= END_ZONE * state.scrollLength;
    if (isAtEnd !== atEnd.current) {
      atEnd.current = isAtEnd;
      onAtEndChange?.(isAtEnd);
    }

    const zone = REACH_ZONE * state.scrollLength;
    const start = state.scroll <= zone ? keyOf(first) : null;
    const end = fromEnd <= zone ? keyOf(last) : null;
    const before = reached.current;
    reached.current = { start, end };
    if (start !== null && start !== before.start) onReachStart?.();
    if (end !== null && end !== before.end) onReachEnd?.();
  }, [list]);

  // Rows may come or grow without a scroll event; a frame later they are measured and in place.
  useEffect(() => {
    const frame = requestAnimationFrame(check);
    return () => cancelAnimationFrame(frame);
  }, [rows, keyOf, check]);

  useEffect(() => list.current?.getState().listen('isWithinMaintainScrollAtEndThreshold', check), [list, check]);

  const onReady = useCallback(() => {
    isReady.current = true;
    check();
  }, [check]);

  return { isFollowing, onReady, onScroll: check };
}
