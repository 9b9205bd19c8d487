import { createRef, useMemo, useSyncExternalStore } from 'react';
import { AppRegistry, Text, View } from 'react-native';
import { MessageList, type MessageListHandle } from '../message-list.tsx';
import type { ListPageCommands, ListPageSetup, SampleRow } from './list-page-commands.ts';

/**
 * A page with nothing but the list on it, for the contract suite to drive
 * through `window.list`. Rows are bubbles of mixed heights, the same ones in
 * every run.
 */

let shown: { rows: SampleRow[]; setup: ListPageSetup } = { rows: [], setup: { count: 0, initialPosition: { at: 'end' } } };
let rerender: () => void = () => {};
const handle = createRef<MessageListHandle>();
const reports: ListPageCommands['reports'] = { reachStart: 0, reachEnd: 0, visible: null, atEnd: [], renders: {} };

const WORDS = 'the tide comes in twice a day and nobody ever asks it why so we sat there and counted the boats instead'.split(' ');

/** Numbers from -n before the first page to +n behind it; the text's length follows from the number alone. */
function sampleRow(number: number): SampleRow {
  const scattered = Math.abs(Math.imul(number, 2654435761)) >>> 8;
  const length = scattered % 5 === 0 ? 20 + (scattered % 60) : 1 + (scattered % 14);
  const text = Array.from({ length }, (_, i) => WORDS[(number * 7 + i * 3 + 4_000_000) % WORDS.length]).join(' ');
  return { key: `m${number}`, number, text: `${number}. ${text}`, extraHeight: 0 };
}

const DAY: SampleRow = { key: 'day', number: 1, text: 'Today', extraHeight: 0 };

function SampleBubble({ row }: { row: SampleRow }) {
  reports.renders[row.key] = (reports.renders[row.key] ?? 0) + 1;
  const mine = row.number % 3 === 0;
  return (
    <View testID={`row-${row.key}`} style={{ paddingHorizontal: 12, paddingVertical: 3, alignItems: mine ? 'flex-end' : 'flex-start' }}>
      <View style={{ maxWidth: '75%', borderRadius: 16, paddingHorizontal: 12, paddingVertical: 7, backgroundColor: mine ? '#7B2D5E' : '#F1EDE7' }}>
        <Text style={{ fontSize: 16, lineHeight: 21, color: mine ? '#FFFFFF' : '#1D1A17' }}>{row.text}</Text>
        {row.extraHeight > 0 && <View style={{ height: row.extraHeight }} />}
      </View>
    </View>
  );
}

const keyOf = (row: SampleRow) => row.key;
const typeOf = (row: SampleRow) => (row === DAY ? 'day' : 'message');
const staysBetweenNeighbours = (row: SampleRow) => row !== DAY;
const renderRow = (row: SampleRow) => <SampleBubble row={row} />;
const onReachStart = () => void (reports.reachStart += 1);
const onReachEnd = () => void (reports.reachEnd += 1);
const onVisibleRows = (first: string, last: string) => void (reports.visible = [first, last]);
const onAtEndChange = (atEnd: boolean) => void reports.atEnd.push(atEnd);

function ListPage() {
  const { rows: messages, setup } = useSyncExternalStore(subscribe, () => shown);
  const rows = useMemo(() => (setup.hasDay ? [DAY, ...messages] : messages), [setup.hasDay, messages]);
  return (
    <View style={{ height: '100%' }}>
      <MessageList<SampleRow>
        ref={handle}
        rows={rows}
        keyOf={keyOf}
        typeOf={typeOf}
        renderRow={renderRow}
        staysBetweenNeighbours={staysBetweenNeighbours}
        initialPosition={setup.initialPosition}
        followsEnd={setup.followsEnd ?? true}
        onReachStart={onReachStart}
        onReachEnd={onReachEnd}
        onVisibleRows={onVisibleRows}
        onAtEndChange={onAtEndChange}
        header={block('header', setup.headerHeight)}
        footer={block('footer', setup.footerHeight)}
        testID="list"
        label="Messages"
      />
    </View>
  );
}

function block(name: string, height = 0) {
  return height > 0 ? <View testID={name} style={{ height, backgroundColor: '#F5E8F0' }} /> : undefined;
}

function subscribe(listener: () => void) {
  rerender = listener;
  return () => {
    rerender = () => {};
  };
}

function show(change: Partial<typeof shown>) {
  shown = { ...shown, ...change };
  rerender();
}

function sampleRows(from: number, count: number) {
  return Array.from({ length: count }, (_, i) => sampleRow(from + i));
}

const commands: ListPageCommands = {
  reports,
  open(setup) {
    show({ setup, rows: sampleRows(1, setup.count) });
    AppRegistry.registerComponent('list', () => ListPage);
    AppRegistry.runApplication('list', { rootTag: document.getElementById('host') });
  },
  append: (count) => show({ rows: [...shown.rows, ...sampleRows(Math.max(0, ...shown.rows.map(({ number }) => number)) + 1, count)] }),
  prepend: (count) => show({ rows: [...sampleRows((shown.rows[0]?.number ?? 1) - count, count), ...shown.rows] }),
  insert: (count, beforeLast) => {
    const at = shown.rows.length - beforeLast;
    show({ rows: [...shown.rows.slice(0, at), ...sampleRows(Math.max(...shown.rows.map(({ number }) => number)) + 1, count), ...shown.rows.slice(at)] });
  },
  removeLast: (count = 1) => show({ rows: shown.rows.slice(0, -count) }),
  grow: (key, by) => show({ rows: shown.rows.map((row) => (row.key === key ? { ...row, extraHeight: Math.max(0, row.extraHeight + by) } : row)) }),
  change: (setup) => show({ setup: { ...shown.setup, ...setup } }),
  scrollToEnd: (animated) => handle.current?.scrollToEnd(animated),
  scrollToKey: (key, animated) => handle.current?.scrollToKey(key, animated) ?? false,
  scrollByPage: (direction) => handle.current?.scrollByPage(direction),
  offsetOf: (key) => handle.current?.offsetOf(key) ?? null,
  keys: () => shown.rows.map(keyOf),
};

window.list = commands;
