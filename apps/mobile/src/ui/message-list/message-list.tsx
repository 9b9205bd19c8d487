import { type KeyboardEvent, type ReactElement, type ReactNode, type Ref, memo, useCallback, useEffect, useImperativeHandle, useLayoutEffect, useRef, useState } from 'react';
import { Platform, StyleSheet } from 'react-native';
import { LegendList, type LegendListRef, type OnViewableItemsChangedInfo } from '@legendapp/list/react-native';
import { END_ZONE, useEnds } from './use-ends.ts';

/**
 * Where the list opens. A key that is not among the rows opens at the end.
 * `offset`: points from the top of the view to the top of the row; room for some
 * of what comes before it when left out.
 */
export type InitialPosition = { at: 'end' } | { at: 'row'; key: string; offset?: number };

export interface MessageListHandle {
  scrollToEnd(animated: boolean): void;
  /** Brings the row to the middle of the view. `false` when there is no such row: load it first. */
  scrollToKey(key: string, animated: boolean): boolean;
  /** Points from the top of the view to the top of the row. `null` when there is no such row, or no view yet. */
  offsetOf(key: string): number | null;
  /** By nine tenths of the view, as PageUp (-1) and PageDown (1) do: for keys pressed in the composer. */
  scrollByPage(direction: -1 | 1): void;
}

export interface MessageListProps<Row> {
  /** Oldest first. A row that did not change must be the same object as before: only others render. */
  rows: readonly Row[];
  /** Stable for the row's whole life, and unique. */
  keyOf: (row: Row) => string;
  /** Rows of one type have similar heights: the guess for rows not measured yet is their average. */
  typeOf: (row: Row) => string;
  /**
   * Whether the row stays between the same neighbours when rows come before it;
   * every row does when left out. One that does not (the day over the first
   * loaded message moves up when older ones of that day come) cannot be the line
   * by which the list keeps its place. Keep its identity.
   */
  staysBetweenNeighbours?: (row: Row) => boolean;
  /** Keep its identity: a new function renders every mounted row anew. */
  renderRow: (row: Row) => ReactElement;
  /** Taken when the first rows come; another conversation is another list (give it another `key`). */
  initialPosition: InitialPosition;
  /**
   * Whether the last row is the newest there is (default). While `false` the list
   * keeps its place when rows come at the end, though the reader stands there:
   * they are a page that was loaded, not something that was just said.
   */
  followsEnd?: boolean;
  /** The reader came near the first row; once per reach, again after rows were put before it. */
  onReachStart?: () => void;
  onReachEnd?: () => void;
  /** The rows in view changed: the first and the last of them. */
  onVisibleRows?: (firstKey: string, lastKey: string) => void;
  /** The rows moved in the view, by whatever means; many times a second. */
  onMove?: () => void;
  /** Whether rows coming at the end will be followed; first told once the list stands. */
  onAtEndChange?: (atEnd: boolean) => void;
  /** Keep its height while it is in view: above the first row there is nothing to scroll by in exchange. */
  header?: ReactElement;
  footer?: ReactElement;
  /** What a screen reader calls the list. */
  label?: string;
  testID?: string;
  ref?: Ref<MessageListHandle>;
}

/** Points of the rows before it that show above the row the list opens at. */
const OPENING_CONTEXT = 72;

/** Height of a bubble of one line and its gap, the commonest row: only for rows before any was measured. */
const GUESSED_ROW_HEIGHT = 44;

/** About one screen on either side: a flick of the wheel lands on rows that are there. */
const DRAW_DISTANCE = 700;

/** A row counts as seen when it is wholly in view or fills this share (in percent) of the view. */
const SEEN_SHARE = { viewAreaCoveragePercentThreshold: 3 };

/** Views up to which a way is shown by moving; beyond, rows would only fly past, and guessed heights would miss the target. */
const NEAR = 3;

/** Points. Further away the reader, or another command, went elsewhere in the meantime. */
const MISSED = 100;

/** PageUp keeps a tenth of the view, so that the eye finds its place again. */
const PAGE = 0.9;

/**
 * The rows of a conversation, oldest at the top, newest at the bottom, anchored
 * at the bottom but not inverted: the order of the document is the order of
 * speech. Nothing that happens to rows out of sight, and nothing that is put
 * before the first or behind the last row, moves the line being read; only a
 * reader at the end is taken along.
 *
 * The list fills its parent. When the keyboard or a growing composer takes
 * space away, the parent shrinks the list, and a reader at the end stays there.
 */
export function MessageList<Row>(props: MessageListProps<Row>) {
  const { rows, keyOf, typeOf, renderRow, staysBetweenNeighbours, header, footer, onVisibleRows, onMove, ref } = props;
  const list = useRef<LegendListRef>(null);
  const headerHeight = useRef(0);
  const isOnWayToEnd = useRef(false);
  const ends = useEnds({ ...props, list });

  // Taken once: LegendList goes back to its initial position whenever the rows change while that position is "the end".
  const [opensAt, setOpensAt] = useState<OpeningIndex | null>(() => openingIndex(props));
  if (opensAt === null && rows.length > 0) setOpensAt(openingIndex(props));

  // One commit after the rows: LegendList makes up for a header only while it is above the view,
  // and the rows a header stood for push it there first.
  const [shownHeader, setShownHeader] = useState(header);
  useEffect(() => setShownHeader(header), [header]);

  useImperativeHandle(
    ref,
    () => ({
      scrollToEnd: (animated) => {
        const state = list.current?.getState();
        const isNear = state !== undefined && state.contentLength - state.scroll - state.scrollLength <= NEAR * state.scrollLength;
        isOnWayToEnd.current = true;
        void list.current?.scrollToEnd({ animated: animated && isNear }).then(() => {
          // Rows that came on the way moved the end, and a list that is under way follows none.
          if (isOnWayToEnd.current) void list.current?.scrollToEnd({ animated: false });
          isOnWayToEnd.current = false;
        });
      },
      scrollToKey: (key, animated) => {
        isOnWayToEnd.current = false;
        const state = list.current?.getState();
        const index = state?.indexByKey(key);
        if (state === undefined || index === undefined) return false;
        const glides = animated && Math.abs(state.positionAtIndex(index) - state.scroll) <= NEAR * state.scrollLength;
        const target = { index, viewPosition: 0.5 };
        void list.current?.scrollToIndex({ ...target, animated: glides }).then(() => {
          // Rows on the way that were higher than guessed moved the target while the list glided there.
          const missedBy = glides ? Math.abs(headerHeight.current + fromMiddle(list.current?.getState(), key)) : 0;
          if (missedBy > 1 && missedBy < MISSED) void list.current?.scrollToIndex({ ...target, index: list.current.getState().indexByKey(key) ?? index, animated: false });
        });
        return true;
      },
      offsetOf: (key) => {
        const state = list.current?.getState();
        const top = state?.positionByKey(key);
        return state === undefined || top === undefined ? null : headerHeight.current + top - state.scroll;
      },
      scrollByPage: (direction) => {
        isOnWayToEnd.current = false;
        const state = list.current?.getState();
        if (state) void list.current?.scrollToOffset({ offset: Math.max(0, state.scroll + direction * PAGE * state.scrollLength), animated: true });
      },
    }),
    [],
  );

  // One function for the list's whole life: LegendList starts its bookkeeping of rows in view anew with another.
  const tellVisible = useRef(onVisibleRows);
  useLayoutEffect(() => {
    tellVisible.current = onVisibleRows;
  }, [onVisibleRows]);
  const onViewableItemsChanged = useCallback(({ viewableItems }: OnViewableItemsChangedInfo<Row>) => {
    const [first, ...others] = viewableItems;
    if (!first) return;
    const highest = others.reduce((a, b) => (b.index < a.index ? b : a), first);
    const lowest = others.reduce((a, b) => (b.index > a.index ? b : a), first);
    tellVisible.current?.(highest.key, lowest.key);
  }, []);

  // With another function LegendList renders the frame of every mounted row anew.
  const renderItem = useCallback(({ item }: { item: Row }) => <MemoRow row={item} renderRow={renderRow as (row: unknown) => ReactNode} />, [renderRow]);

  // Before the list hears of it, for which the way then ends.
  const turnAway = useCallback(() => {
    isOnWayToEnd.current = false;
  }, []);

  // The browser glides there, and its glide is cut short by the first row on the way that is higher than guessed.
  const onKeyDown = useCallback((event: KeyboardEvent) => {
    isOnWayToEnd.current = false;
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.key === 'Home') void list.current?.scrollToOffset({ offset: 0, animated: false });
    else if (event.key === 'End') void list.current?.scrollToEnd({ animated: false });
    else return;
    event.preventDefault();
  }, []);

  return (
    <LegendList<Row>
      ref={list}
      data={rows}
      keyExtractor={keyOf}
      getItemType={typeOf}
      renderItem={renderItem}
      extraData={renderRow}
      initialScrollIndex={opensAt ?? undefined}
      alignItemsAtEnd
      maintainScrollAtEnd={ends.isFollowing}
      maintainScrollAtEndThreshold={END_ZONE}
      maintainVisibleContentPosition={{ data: true, size: true, ...(staysBetweenNeighbours && { shouldRestorePosition: staysBetweenNeighbours }) }}
      estimatedItemSize={GUESSED_ROW_HEIGHT}
      drawDistance={DRAW_DISTANCE}
      onReady={ends.onReady}
      onScroll={() => {
        ends.onScroll();
        onMove?.();
      }}
      onMetricsChange={({ headerSize }) => {
        headerHeight.current = headerSize;
      }}
      onViewableItemsChanged={onViewableItemsChanged}
      viewabilityConfig={SEEN_SHARE}
      ListHeaderComponent={shownHeader}
      ListFooterComponent={footer}
      // A log, but a silent one: rows mounted by scrolling are no news. The thread announces what arrives.
      role="log"
      aria-live="off"
      aria-label={props.label}
      tabIndex={0}
      {...(Platform.OS === 'web' ? { 'data-testid': props.testID, onKeyDown, onWheelCapture: turnAway, onTouchMoveCapture: turnAway, onPointerDownCapture: turnAway } : { ...TOUCH_PROPS, testID: props.testID, onScrollBeginDrag: turnAway })}
      style={styles.list}
    />
  );
}

/** Points from the middle of the view down to the middle of the row, without what stands before the rows; `NaN` when it is not there. */
function fromMiddle(state: ReturnType<LegendListRef['getState']> | undefined, key: string): number {
  const index = state?.indexByKey(key);
  if (state === undefined || index === undefined) return Number.NaN;
  return state.positionAtIndex(index) + (state.sizeAtIndex(index) ?? 0) / 2 - state.scroll - state.scrollLength / 2;
}

type OpeningIndex = { index: number; viewOffset: number } | { index: number; viewPosition: number };

function openingIndex<Row>({ rows, keyOf, initialPosition }: MessageListProps<Row>): OpeningIndex | null {
  if (rows.length === 0) return null;
  const index = initialPosition.at === 'row' ? rows.findIndex((row) => keyOf(row) === initialPosition.key) : -1;
  return index < 0 ? { index: rows.length - 1, viewPosition: 1 } : { index, viewOffset: (initialPosition.at === 'row' ? initialPosition.offset : undefined) ?? OPENING_CONTEXT };
}

const MemoRow = memo(function MessageRow({ row, renderRow }: { row: unknown; renderRow: (row: unknown) => ReactNode }) {
  return renderRow(row);
});

/** On the web the list is a plain element of the document, which takes no such attributes. */
const TOUCH_PROPS = { keyboardDismissMode: 'interactive', keyboardShouldPersistTaps: 'handled' } as const;

const styles = StyleSheet.create({ list: { flex: 1 } });
