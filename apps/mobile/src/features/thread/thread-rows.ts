import type { PendingChange, PendingMessage } from '@couplet/client';
import type { Message, UserId } from '@couplet/protocol';
import { replaceEqualDeep } from '@tanstack/react-query';
import { outgoingTick } from '../../data/outgoing-tick.ts';
import { dayKey } from '../../ui/format-time.ts';
import type { Tick } from '../../ui/ticks.tsx';

/** Messages of one author within this time belong together: tight gaps, one tail, one time. */
const GROUP_MS = 5 * 60 * 1_000;

/** Where a bubble stands in its group, and whether its time shows. */
export interface BubblePlace {
  isMine: boolean;
  groupStart: boolean;
  groupEnd: boolean;
  showsMeta: boolean;
  /** `null` on the peer's. */
  tick: Tick | null;
}

export type ThreadRow =
  | { type: 'day'; key: string; at: number }
  | { type: 'unread-divider'; key: string; count: number }
  /** `failure`: a change of it that the server refused. */
  | { type: 'message'; key: string; message: Message; failure: PendingChange | null; place: BubblePlace }
  | { type: 'pending'; key: string; pending: PendingMessage; place: BubblePlace }
  | { type: 'typing'; key: string };

export type BubbleRow = Extract<ThreadRow, { type: 'message' | 'pending' }>;

export const UNREAD_KEY = 'unread-divider';

export interface ThreadRowsInput {
  messages: readonly Message[];
  pending: readonly PendingMessage[];
  /** Said, and being written to the device in this moment: behind what is pending. */
  composed: readonly PendingMessage[];
  /** Of the messages, which show them already. */
  changes: readonly PendingChange[];
  viewerId: UserId;
  peerDeliveredSeq: number;
  peerReadSeq: number;
  /** Where the divider stands: after this seq, as it was when the thread was opened. `null`: none. */
  unread: { afterSeq: number; count: number } | null;
  isPeerTyping: boolean;
  /** Whether the newest message is among `messages`: what is pending stands behind it. */
  reachesEnd: boolean;
}

interface Said {
  key: string;
  at: number;
  senderId: UserId;
  seq: number | null;
  tick: Tick | null;
  /** Its time and tick show within a group too. */
  tellsOfItself: boolean;
  row: (place: BubblePlace) => BubbleRow;
}

/** The rows of a thread, oldest first. Pure: the same input gives the same rows. */
export function buildThreadRows(input: ThreadRowsInput): ThreadRow[] {
  const rows: ThreadRow[] = [];
  const said = saidOf(input);
  let dividerDue = input.unread;
  said.forEach((current, index) => {
    const previous = said[index - 1];
    const next = said[index + 1];
    const day = dayKey(current.at);
    const startsDay = !previous || dayKey(previous.at) !== day;
    if (startsDay) rows.push({ type: 'day', key: `day-${day}`, at: new Date(current.at).setHours(0, 0, 0, 0) });

    const startsUnread = dividerDue !== null && isUnread(current, input.viewerId, dividerDue.afterSeq);
    if (startsUnread && dividerDue) {
      rows.push({ type: 'unread-divider', key: UNREAD_KEY, count: dividerDue.count });
      dividerDue = null;
    }
    const nextStartsUnread = dividerDue !== null && next !== undefined && isUnread(next, input.viewerId, dividerDue.afterSeq);
    const groupStart = startsDay || startsUnread || !previous || !belongTogether(previous, current);
    const groupEnd = !next || nextStartsUnread || dayKey(next.at) !== day || !belongTogether(current, next);
    rows.push(
      current.row({
        isMine: current.senderId === input.viewerId,
        groupStart,
        groupEnd,
        // Inside a group the time is that of its end, unless the message has something of its own to tell.
        showsMeta: groupEnd || current.tellsOfItself || !tellAlike(current.tick, next?.tick ?? null),
        tick: current.tick,
      }),
    );
  });
  if (input.isPeerTyping && input.reachesEnd) rows.push({ type: 'typing', key: 'typing' });
  return rows;
}

/** Stored messages, then what is still on its way. One that is both (acknowledged a moment ago) is stored. */
function saidOf(input: ThreadRowsInput): Said[] {
  const stored = new Set<string>();
  const said = input.messages.map((message): Said => {
    stored.add(message.clientMsgId);
    const changes = input.changes.filter(({ target }) => target.clientMsgId === message.clientMsgId && target.senderId === message.senderId);
    const failure = changes.find(({ state }) => state.status === 'failed') ?? null;
    return {
      key: message.clientMsgId,
      at: Date.parse(message.createdAt),
      senderId: message.senderId,
      seq: message.seq,
      tick: tickOf(message, changes, input),
      tellsOfItself: message.editedAt !== undefined || changes.length > 0,
      row: (place) => ({ type: 'message', key: message.clientMsgId, message, failure, place }),
    };
  });
  if (!input.reachesEnd) return said;
  for (const pending of [...input.pending, ...input.composed]) {
    if (stored.has(pending.clientMsgId)) continue;
    said.push({
      key: pending.clientMsgId,
      at: pending.createdAt,
      senderId: pending.senderId,
      seq: null,
      tick: pending.state.status === 'failed' ? 'failed' : input.composed.includes(pending) ? 'writing' : 'pending',
      tellsOfItself: false,
      row: (place) => ({ type: 'pending', key: pending.clientMsgId, pending, place }),
    });
  }
  return said;
}

function tickOf(message: Message, changes: readonly PendingChange[], input: ThreadRowsInput): Tick | null {
  if (message.senderId !== input.viewerId) return null;
  if (changes.some(({ state }) => state.status === 'failed')) return 'failed';
  // A reaction on its way is as good as there: only words tell that they wait.
  if (changes.some(({ type }) => type !== 'reaction')) return 'pending';
  if (message.deletedAt) return null;
  return outgoingTick(message.seq, input.peerDeliveredSeq, input.peerReadSeq);
}

/** A clock that is about to come is no reason to tell the time twice. */
function tellAlike(a: Tick | null, b: Tick | null): boolean {
  const told = (tick: Tick | null) => (tick === 'writing' ? 'pending' : tick);
  return told(a) === told(b);
}

/** When what the row shows was said. `null`: a day's own mark, which tells its day itself, and marks that belong to none. */
export function momentOf(row: ThreadRow): number | null {
  switch (row.type) {
    case 'message':
      return Date.parse(row.message.createdAt);
    case 'pending':
      return row.pending.createdAt;
    case 'day':
    case 'unread-divider':
    case 'typing':
      return null;
  }
}

/** What the viewer wrote themselves is above the watermark too, but not unread. */
function isUnread(said: Said, viewerId: UserId, afterSeq: number): boolean {
  return said.seq !== null && said.seq > afterSeq && said.senderId !== viewerId;
}

function belongTogether(earlier: Said, later: Said): boolean {
  return earlier.senderId === later.senderId && later.at - earlier.at < GROUP_MS;
}

/**
 * The new rows, with every row that says the same as before being the same
 * object as before, and the same array when all of them are: only what changed
 * is rendered.
 */
export function reuseRows(previous: readonly ThreadRow[], next: readonly ThreadRow[]): readonly ThreadRow[] {
  const known = new Map(previous.map((row) => [row.key, row]));
  const rows = next.map((row) => {
    const old = known.get(row.key);
    return old && isSameRow(old, row) ? old : row;
  });
  return rows.length === previous.length && rows.every((row, index) => row === previous[index]) ? previous : rows;
}

function isSameRow(a: ThreadRow, b: ThreadRow): boolean {
  switch (a.type) {
    case 'day':
      return b.type === 'day' && a.at === b.at;
    case 'unread-divider':
      return b.type === 'unread-divider' && a.count === b.count;
    case 'message':
      return b.type === 'message' && showAlike(a.message, b.message) && a.failure === b.failure && isSamePlace(a.place, b.place);
    case 'pending':
      return b.type === 'pending' && pendAlike(a.pending, b.pending) && isSamePlace(a.place, b.place);
    case 'typing':
      return b.type === 'typing';
  }
}

/** Whether a bubble shows both alike: the times of its receipts do not show, ticks follow the watermarks. */
function showAlike(a: Message, b: Message): boolean {
  if (a === b) return true;
  const shown = withoutReceipts(a);
  return replaceEqualDeep(shown, withoutReceipts(b)) === shown;
}

/** Whether both show alike: words that wait and words that are on their way do, files tell how far they are. */
function pendAlike(a: PendingMessage, b: PendingMessage): boolean {
  if (a === b) return true;
  const [known, told] = [a, b].map((pending) => (pending.uploads === undefined && pending.state.status !== 'failed' ? { ...pending, state: null } : pending));
  return replaceEqualDeep(known, told) === known;
}

function withoutReceipts({ deliveredAt: _deliveredAt, readAt: _readAt, ...shown }: Message): Omit<Message, 'deliveredAt' | 'readAt'> {
  return shown;
}

function isSamePlace(a: BubblePlace, b: BubblePlace): boolean {
  return a.isMine === b.isMine && a.groupStart === b.groupStart && a.groupEnd === b.groupEnd && a.showsMeta === b.showsMeta && a.tick === b.tick;
}
