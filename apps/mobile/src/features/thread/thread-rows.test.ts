import { expect, test } from 'vitest';
import { NOON, sampleChange, sampleMessage, samplePending, VIEWER } from '../../../test/samples.ts';
import { buildThreadRows, reuseRows, type ThreadRow, type ThreadRowsInput } from './thread-rows.ts';

const MINUTE = 60_000;

function input(over: Partial<ThreadRowsInput>): ThreadRowsInput {
  return { messages: [], pending: [], composed: [], changes: [], viewerId: VIEWER.id, peerDeliveredSeq: 0, peerReadSeq: 0, unread: null, isPeerTyping: false, reachesEnd: true, ...over };
}
const at = (ms: number) => new Date(NOON + ms).toISOString();
const mine = { senderId: VIEWER.id };
const types = (rows: ThreadRow[]) => rows.map((row) => row.type);
function place(rows: readonly ThreadRow[], key: string) {
  const row = rows.find((candidate) => candidate.key === key);
  if (row?.type !== 'message' && row?.type !== 'pending') throw new Error(`no bubble ${key}`);
  return row.place;
}

test('messages of one author within five minutes are one group with one time', () => {
  const rows = buildThreadRows(input({ messages: [sampleMessage(1, { createdAt: at(0) }), sampleMessage(2, { createdAt: at(4 * MINUTE) }), sampleMessage(3, { createdAt: at(9 * MINUTE) })] }));
  expect(place(rows, 'm1')).toMatchObject({ groupStart: true, groupEnd: false, showsMeta: false });
  expect(place(rows, 'm2')).toMatchObject({ groupStart: false, groupEnd: true, showsMeta: true });
  expect(place(rows, 'm3')).toMatchObject({ groupStart: true, groupEnd: true });
});

test('another author begins another group', () => {
  const rows = buildThreadRows(input({ messages: [sampleMessage(1, { createdAt: at(0) }), sampleMessage(2, { ...mine, createdAt: at(1) })] }));
  expect(place(rows, 'm1').groupEnd).toBe(true);
  expect(place(rows, 'm2')).toMatchObject({ groupStart: true, isMine: true });
});

test('each day begins with its separator, which also ends the group', () => {
  const before = new Date(2026, 10, 18, 23, 59).toISOString();
  const after = new Date(2026, 10, 19, 0, 1).toISOString();
  const rows = buildThreadRows(input({ messages: [sampleMessage(1, { createdAt: before }), sampleMessage(2, { createdAt: after })] }));
  expect(types(rows)).toEqual(['day', 'message', 'day', 'message']);
  expect(place(rows, 'm1').groupEnd).toBe(true);
});

test('the unread divider stands once, before the first message past the watermark', () => {
  const messages = [1, 2, 3].map((seq) => sampleMessage(seq, { createdAt: at(seq) }));
  const rows = buildThreadRows(input({ messages, unread: { afterSeq: 1, count: 2 } }));
  expect(types(rows)).toEqual(['day', 'message', 'unread-divider', 'message', 'message']);
  expect(place(rows, 'm1').groupEnd).toBe(true);
  expect(place(rows, 'm2').groupStart).toBe(true);
});

test('the unread divider passes over what the viewer wrote themselves', () => {
  const messages = [sampleMessage(1), sampleMessage(2, mine), sampleMessage(3)];
  const rows = buildThreadRows(input({ messages, unread: { afterSeq: 1, count: 1 } }));
  expect(types(rows)).toEqual(['day', 'message', 'message', 'unread-divider', 'message']);
});

test('ticks follow the peer’s watermarks and are only on one’s own', () => {
  const messages = [sampleMessage(1, mine), sampleMessage(2, mine), sampleMessage(3, mine), sampleMessage(4)];
  const rows = buildThreadRows(input({ messages, peerDeliveredSeq: 2, peerReadSeq: 1 }));
  expect(['m1', 'm2', 'm3', 'm4'].map((key) => place(rows, key).tick)).toEqual(['read', 'delivered', 'sent', null]);
});

test('a message keeps its key from pending to stored and is never shown twice', () => {
  const pending = samplePending('c1');
  const before = buildThreadRows(input({ pending: [pending] }));
  const stored = sampleMessage(1, { ...mine, clientMsgId: pending.clientMsgId });
  const after = buildThreadRows(input({ messages: [stored], pending: [pending] }));
  expect(types(before)).toEqual(['day', 'pending']);
  expect(types(after)).toEqual(['day', 'message']);
  expect(after[1]?.key).toBe(before[1]?.key);
});

test('[O1] a message shows no clock before the device has it, and moves nothing when the clock comes', () => {
  const [kept, composed] = [samplePending('c1'), samplePending('c2')];
  const writing = buildThreadRows(input({ pending: [kept], composed: [composed] }));
  expect(place(writing, 'c2')).toMatchObject({ tick: 'writing', showsMeta: true });
  expect(place(writing, 'c1')).toMatchObject({ tick: 'pending', showsMeta: false });
  const written = buildThreadRows(input({ pending: [kept, composed] }));
  expect(place(written, 'c2')).toEqual({ ...place(writing, 'c2'), tick: 'pending' });
});

test('a failed message shows its mark inside a group of pending ones', () => {
  const failed = samplePending('c1', { state: { status: 'failed', code: 'blocked', message: 'You cannot write to this person.' } });
  const rows = buildThreadRows(input({ pending: [failed, samplePending('c2')] }));
  expect(place(rows, 'c1')).toMatchObject({ tick: 'failed', showsMeta: true });
  expect(place(rows, 'c2')).toMatchObject({ tick: 'pending' });
});

test('words that wait to be changed show a clock, also as a tombstone; a reaction on its way shows none', () => {
  const messages = [sampleMessage(1, mine), sampleMessage(2, { ...mine, text: undefined, deletedAt: at(9) }), sampleMessage(3, mine), sampleMessage(4)];
  const reaction = { type: 'reaction', userId: VIEWER.id, emoji: '👍', before: null } as const;
  const changes = [sampleChange(messages[0]!, { type: 'edit', text: 'Better' }), sampleChange(messages[1]!, { type: 'delete' }), sampleChange(messages[2]!, reaction), sampleChange(messages[3]!, reaction)];
  const rows = buildThreadRows(input({ messages, changes, peerReadSeq: 4 }));
  expect(['m1', 'm2', 'm3', 'm4'].map((key) => place(rows, key).tick)).toEqual(['pending', 'pending', 'read', null]);
});

test('a refused change marks its message, and only that row is another', () => {
  const messages = [sampleMessage(1, mine), sampleMessage(2, mine), sampleMessage(3)];
  const before = buildThreadRows(input({ messages }));
  const failed = sampleChange(messages[0]!, { type: 'edit', text: 'Better' }, { status: 'failed', code: 'blocked', message: 'You cannot write to this person.' });
  const after = reuseRows(before, buildThreadRows(input({ messages, changes: [failed] })));
  expect(place(after, 'm1')).toMatchObject({ tick: 'failed', showsMeta: true });
  expect(after.find(({ key }) => key === 'm1')).toMatchObject({ failure: failed });
  expect(after.filter((row) => !before.includes(row)).map(({ key }) => key)).toEqual(['m1']);
});

test('far from the end neither pending messages nor typing show', () => {
  const rows = buildThreadRows(input({ messages: [sampleMessage(1)], pending: [samplePending('c1')], isPeerTyping: true, reachesEnd: false }));
  expect(types(rows)).toEqual(['day', 'message']);
});

test('typing is the last row', () => {
  expect(types(buildThreadRows(input({ messages: [sampleMessage(1)], isPeerTyping: true }))).at(-1)).toBe('typing');
});

test('one incoming message changes two rows at most', () => {
  const messages = Array.from({ length: 200 }, (_, index) => sampleMessage(index + 1));
  const before = buildThreadRows(input({ messages }));
  const after = reuseRows(before, buildThreadRows(input({ messages: [...messages, sampleMessage(201)] })));
  expect(after.filter((row) => !before.includes(row)).length).toBeLessThanOrEqual(2);
});

test('a receipt changes only the rows it covers', () => {
  const messages = Array.from({ length: 50 }, (_, index) => sampleMessage(index + 1, mine));
  const before = buildThreadRows(input({ messages, peerDeliveredSeq: 50, peerReadSeq: 49 }));
  const after = reuseRows(before, buildThreadRows(input({ messages, peerDeliveredSeq: 50, peerReadSeq: 50 })));
  expect(after.filter((row) => !before.includes(row)).length).toBeLessThanOrEqual(2);
});

test('the times of receipts change no row, and what shows of a message does', () => {
  const words = sampleMessage(1);
  const before = buildThreadRows(input({ messages: [words] }));
  const next = (over: Partial<typeof words>) => reuseRows(before, buildThreadRows(input({ messages: [{ ...structuredClone(words), ...over }] })));
  const changedRows = (over: Partial<typeof words>) => next(over).filter((row) => !before.includes(row)).length;
  expect(changedRows({ deliveredAt: at(1), readAt: at(2) })).toBe(0);
  expect(changedRows({ text: 'Other words' })).toBe(1);
  expect(changedRows({ reactions: [{ userId: VIEWER.id, emoji: '👍' }] })).toBe(1);
  expect(changedRows({ text: undefined, deletedAt: at(3) })).toBe(1);
});

test('a message of one’s own changes two rows when it is said, one when the device has it, none by being told again', () => {
  const messages = Array.from({ length: 200 }, (_, index) => sampleMessage(index + 1, mine));
  const said = samplePending('said', { createdAt: NOON + 200 * MINUTE });
  const rowsWith = (previous: readonly ThreadRow[], over: Partial<ThreadRowsInput>) => reuseRows(previous, buildThreadRows(input({ messages, ...over })));
  const changed = (before: readonly ThreadRow[], after: readonly ThreadRow[]) => after.filter((row) => !before.includes(row)).length;

  const before = rowsWith([], {});
  const composed = rowsWith(before, { composed: [said] });
  expect(changed(before, composed)).toBeLessThanOrEqual(2);
  const kept = rowsWith(composed, { pending: [said] });
  expect(changed(composed, kept)).toBe(1);
  expect(rowsWith(kept, { pending: [structuredClone(said)] })).toBe(kept);
  expect(rowsWith(kept, { pending: [{ ...said, state: { status: 'sending' } }] })).toBe(kept);

  const failed = rowsWith(kept, { pending: [{ ...said, state: { status: 'failed', code: 'blocked', message: 'You cannot write to this person.' } }] });
  expect(changed(kept, failed)).toBe(1);
  const stored = rowsWith(kept, { messages: [...messages, sampleMessage(201, { ...mine, clientMsgId: said.clientMsgId })] });
  expect(changed(kept, stored)).toBeLessThanOrEqual(2);
});
