import type { Conversation, Message } from '@couplet/protocol';
import type { DeviceState, HeldRows, ServerState, StoredMessage } from './final-state.ts';
import type { PossibleTexts, SendRecord, Violation } from './history.ts';

/** What the checker looks at, in the order of the table. */
export const CHECKED_RULES = ['D1', 'D2', 'D3', 'D4', 'D5', 'D6', 'D7', 'S1', 'S2', 'S3', 'S4', 'C1', 'C2', 'C3', 'C4', 'O1', 'O2', 'P1', 'P2', 'P3', 'X2', 'X4', 'X8'] as const;
/** What is looked at in a cluster only. */
export const CLUSTER_RULES: readonly string[] = ['P2', 'X8'];
/** And of those what takes a run of some length. */
export const WATCHED_RULES: readonly string[] = ['P3', 'X2', 'X4'];

/** Everything known at the end of a run. */
export interface Outcome {
  sends: ReadonlyMap<string, SendRecord>;
  changes: ReadonlyMap<string, PossibleTexts>;
  server: ServerState;
  devices: readonly DeviceState[];
  /** By user: a device that signed in only after everything was over. */
  fresh: ReadonlyMap<string, DeviceState>;
  /** What devices held when they were killed. */
  samples: readonly HeldRows[];
}

type Complain = (rule: string, sentence: string) => void;

/** Compares what was called and received with what every device and PostgreSQL show at the end. */
export function checkRules(outcome: Outcome): Violation[] {
  const violations: Violation[] = [];
  const complain: Complain = (rule, sentence) => void violations.push({ rule, sentence });
  checkSends(outcome, complain);
  checkOrder(outcome, complain);
  checkLogs(outcome, complain);
  for (const device of outcome.devices) checkDevice(outcome, device, complain);
  for (const held of [...outcome.samples, ...outcome.devices.map(({ held }) => held)]) checkHeld(outcome.server, held, complain);
  checkReceipts(outcome, complain);
  return violations;
}

/** D1 to D4, O1, O2: what became of each send. */
function checkSends({ sends, changes, server, devices }: Outcome, complain: Complain): void {
  const byClientMsgId = new Map<string, StoredMessage[]>();
  const byText = new Map<string, StoredMessage[]>();
  for (const message of server.messages) {
    push(byClientMsgId, `${message.senderId} ${message.clientMsgId}`, message);
    if (message.text !== null) push(byText, originalOf(message.text), message);
  }
  const known = new Set<string>();
  for (const send of sends.values()) {
    const stored =
      send.clientMsgId === null ? (byText.get(send.text) ?? []) : (byClientMsgId.get(`${send.userId} ${send.clientMsgId}`) ?? []);
    for (const { id } of stored) known.add(id);
    const twins = (byText.get(send.text) ?? []).filter(({ id }) => !stored.some((message) => message.id === id));
    for (const { id } of twins) known.add(id);
    if (stored.length + twins.length > 1) complain('D3', `"${send.text}" is ${stored.length + twins.length} messages`);
    if (send.clientMsgId === null) continue;
    const pending = devices.find(({ name }) => name === send.device)?.pending.filter(({ clientMsgId }) => clientMsgId === send.clientMsgId) ?? [];
    if (stored.length === 0 && send.isAcknowledged) complain('D1', `"${send.text}" was acknowledged and is not in PostgreSQL`);
    else if (stored.length === 0 && pending.length === 0) {
      complain('O1', `"${send.text}" was written down on ${send.device}, and is neither stored nor in its outbox`);
      complain('D4', `"${send.text}" ended neither as a message nor as a visible failure`);
    } else if (pending.some(({ state }) => state.status !== 'failed')) complain('O2', `"${send.text}" is still waiting on ${send.device}`);
    else if (stored.length > 0 && pending.length > 0) complain('D4', `"${send.text}" is a message and a failure at once`);
    const [message] = stored;
    if (message !== undefined) checkText(send, changes.get(send.text), message, complain);
  }
  for (const message of server.messages) {
    if (!known.has(message.id)) complain('D2', `Nobody sent ${message.id} "${message.text ?? 'deleted'}"`);
  }
}

/** D2 for the text: what stands there was written by somebody. */
function checkText(send: SendRecord, changed: PossibleTexts | undefined, message: StoredMessage, complain: Complain): void {
  const text = message.isDeleted ? null : message.text;
  if (changed === undefined ? text?.startsWith(send.text) : text === null ? changed.has(null) : [...changed].some((possible) => possible !== null && text.startsWith(possible))) return;
  complain('D2', `"${send.text}" reads "${text ?? 'deleted'}", which nobody wrote`);
}

/** D5, D6, D7: order in PostgreSQL. */
function checkOrder({ sends, server }: Outcome, complain: Complain): void {
  const records = new Map([...sends.values()].flatMap((send) => (send.clientMsgId === null ? [] : [[send.clientMsgId as string, send] as const])));
  const conversations = groupBy(server.messages, ({ conversationId }) => conversationId);
  for (const [conversationId, messages] of conversations) {
    const lastOrder = new Map<string, SendRecord>();
    let before: StoredMessage | null = null;
    for (const [index, message] of messages.entries()) {
      if (message.seq !== index + 1) complain('D5', `${conversationId} has seq ${message.seq} at place ${index + 1}`);
      if (before !== null && !(before.createdAt < message.createdAt)) complain('D7', `${conversationId}: the time of seq ${message.seq} does not follow that of seq ${before.seq}`);
      before = message;
      const record = records.get(message.clientMsgId);
      if (record === undefined) continue;
      const earlier = lastOrder.get(record.device);
      if (earlier !== undefined && earlier.order > record.order) complain('D6', `"${record.text}" comes after "${earlier.text}", which was written later`);
      lastOrder.set(record.device, record);
    }
  }
}

/** S1: each user's log is dense from 1. */
function checkLogs({ server }: Outcome, complain: Complain): void {
  for (const [userId, positions] of server.positions) {
    const last = server.lastPositions.get(userId) ?? 0;
    const gap = positions.findIndex((position, index) => position !== index + 1);
    if (gap >= 0) complain('S1', `The log of ${userId} has ${positions[gap]} at place ${gap + 1}`);
    if (positions.length !== last) complain('S1', `The log of ${userId} has ${positions.length} entries and ends at ${last}`);
  }
}

/** D1, D5, S3, C2, C3: a device against PostgreSQL and against one that has just signed in. */
function checkDevice({ server, fresh }: Outcome, device: DeviceState, complain: Complain): void {
  if (device.position !== (server.lastPositions.get(device.userId) ?? 0)) {
    complain('S4', `${device.name} is at position ${device.position} of ${server.lastPositions.get(device.userId)}`);
  }
  const expected = fresh.get(device.userId);
  const stored = groupBy(server.messages, ({ conversationId }) => conversationId);
  for (const [conversationId, thread] of device.threads) {
    const rows = stored.get(conversationId) ?? [];
    const shown = new Set(thread.map(({ id }) => id as string));
    for (const { id, seq } of rows) if (!shown.has(id)) complain('D1', `${device.name} does not show seq ${seq} (${id}) of ${conversationId}`);
    const here = new Set(rows.map(({ id }) => id));
    for (const { id, seq } of thread) if (!here.has(id)) complain('D2', `${device.name} shows seq ${seq} (${id}) of ${conversationId}, which PostgreSQL does not have`);
    const order = thread.map(({ id }) => id).join();
    if (order !== rows.map(({ id }) => id).join()) complain('D5', `${device.name} shows ${conversationId} in another order than PostgreSQL`);
    for (const message of thread) {
      const other = expected?.threads.get(conversationId)?.find(({ seq }) => seq === message.seq);
      const difference = other === undefined ? null : differenceOf(message, other);
      if (difference !== null) complain('S3', `${device.name}: seq ${message.seq} of ${conversationId}: ${difference}`);
    }
  }
  for (const conversation of expected?.conversations ?? []) checkConversation(server, device, conversation, complain);
}

function checkConversation(server: ServerState, device: DeviceState, expected: Conversation, complain: Complain): void {
  const conversation = device.conversations.find(({ id }) => id === expected.id);
  if (conversation === undefined) return complain('S3', `${device.name} does not show the conversation ${expected.id}`);
  const { unreadCount, readSeq } = conversation;
  if (unreadCount !== expected.unreadCount || readSeq !== expected.readSeq) {
    complain('C3', `${device.name}: ${unreadCount} unread, read up to ${readSeq} in ${expected.id}; a new device has ${expected.unreadCount} and ${expected.readSeq}`);
  }
  const unread = server.messages.filter((message) => message.conversationId === expected.id && message.senderId !== device.userId && message.seq > readSeq && !message.isDeleted);
  if (unread.length !== unreadCount) complain('C2', `${device.name} shows ${unreadCount} unread in ${expected.id}, which has ${unread.length}`);
  const difference = differenceOf(conversation, expected);
  if (difference !== null) complain('S3', `${device.name}: the conversation ${expected.id}: ${difference}`);
}

/** S2: nothing at or below the position of a device is missing from what it held then. */
function checkHeld(server: ServerState, held: HeldRows, complain: Complain): void {
  const conversations = new Map(held.conversations.map((conversation) => [conversation.conversationId, conversation]));
  for (const { conversationId, seq, positions } of server.messages) {
    const position = positions[held.userId];
    const here = conversations.get(conversationId);
    if (position === undefined || position > held.position || position <= held.snapshotPosition) continue;
    if (here === undefined || seq > here.toSeq || here.missing.includes(seq)) {
      complain('S2', `${held.device} was at position ${held.position} without seq ${seq} of ${conversationId}, which has position ${position}`);
    }
  }
}

/** C1 and C4 in PostgreSQL, and that what is shown agrees. */
function checkReceipts({ server, fresh }: Outcome, complain: Complain): void {
  for (const { conversationId, userId, deliveredSeq, readSeq, lastSeq } of server.members) {
    if (readSeq > deliveredSeq || deliveredSeq > lastSeq) {
      complain('C1', `${userId} in ${conversationId}: read ${readSeq}, delivered ${deliveredSeq}, last ${lastSeq}`);
    }
  }
  for (const [userId, device] of fresh) {
    for (const [conversationId, thread] of device.threads) {
      const advances = server.advances.filter((advance) => advance.conversationId === conversationId && advance.userId !== userId);
      for (const message of thread) if (message.senderId === userId) checkTimes(message, advances, complain);
    }
  }
}

function checkTimes(message: Message, advances: ServerState['advances'], complain: Complain): void {
  // Ascending by seq: the first that reaches the message covered it first. Reading delivers, too, and is written as both:
  // by the clocks of two nodes, the one may seem to be before the other.
  const readAt = advances.find(({ kind, seq }) => kind === 'read' && seq >= message.seq)?.at;
  const deliveredAt = advances.find(({ kind, seq }) => kind === 'delivered' && seq >= message.seq)?.at;
  if (message.readAt !== readAt) complain('C4', `${message.id} shows ${message.readAt} as read, the watermark says ${readAt}`);
  if (message.deliveredAt !== deliveredAt) complain('C4', `${message.id} shows ${message.deliveredAt} as delivered, the watermark says ${deliveredAt}`);
}

/** What a message said first: every text of a run ends its first sentence with its number. */
function originalOf(text: string): string {
  return /^.*? #\d+\./.exec(text)?.[0] ?? text;
}

/** The first field in which two rows differ; `null` when there is none. */
function differenceOf(actual: object, expected: object): string | null {
  const [left, right] = [actual, expected] as [Record<string, unknown>, Record<string, unknown>];
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const [here, there] = [stable(left[key]), stable(right[key])];
    if (here !== there) return `${key} is ${here}, a new device has ${there}`;
  }
  return null;
}

/** The same text whatever the order of the fields. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  ) ?? 'absent';
}

function groupBy<T>(values: readonly T[], keyOf: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) push(groups, keyOf(value), value);
  return groups;
}

function push<T>(groups: Map<string, T[]>, key: string, value: T): void {
  const group = groups.get(key);
  if (group) group.push(value);
  else groups.set(key, [value]);
}
