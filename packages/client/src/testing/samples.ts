import type {
  ClientMsgId,
  Conversation,
  ConversationId,
  Epoch,
  Message,
  MessageId,
  UserId,
} from '@couplet/protocol';
import type { ChangeEntry, ChangeWish, MessageEntry } from '../outbox/outbox-entry.ts';

/** Rows for tests, valid by the protocol's schemas; each test names only what it is about. */
export const VIEWER_ID = sampleId('a', 1) as UserId;
export const PEER_ID = sampleId('a', 2) as UserId;
export const CONVERSATION_ID = sampleId('b', 1) as ConversationId;
export const EPOCH = sampleId('e', 1) as Epoch;

/** A UUID that tells its kind and number. */
export function sampleId(kind: string, number: number): string {
  return `${kind.repeat(8)}-0000-7000-8000-${number.toString(16).padStart(12, '0')}`;
}

export function sampleTime(seconds: number): string {
  return new Date(Date.parse('2026-01-01T00:00:00Z') + seconds * 1_000).toISOString();
}

export function sampleMessage(seq: number, change: Partial<Message> = {}): Message {
  return {
    id: sampleId('c', seq) as MessageId,
    conversationId: CONVERSATION_ID,
    seq,
    senderId: PEER_ID,
    clientMsgId: `sample-${seq}` as ClientMsgId,
    type: 'text',
    text: `message ${seq}`,
    attachments: [],
    reactions: [],
    version: 0,
    createdAt: sampleTime(seq),
    ...change,
  };
}

export function sampleConversation(change: Partial<Conversation> = {}): Conversation {
  return {
    id: CONVERSATION_ID,
    peer: { id: PEER_ID, name: 'Bo', username: 'bo', avatarUrl: null },
    createdAt: sampleTime(0),
    lastActivityAt: sampleTime(0),
    lastSeq: 0,
    lastMessage: null,
    readSeq: 0,
    unreadCount: 0,
    peerDeliveredSeq: 0,
    peerReadSeq: 0,
    pinned: false,
    mutedUntil: null,
    archived: false,
    draft: '',
    settingsVersion: 0,
    blocked: false,
    ...change,
  };
}

export function sampleEntry(order: number, change: Partial<MessageEntry> = {}): MessageEntry {
  return {
    type: 'message',
    id: `entry-${order}`,
    clientMsgId: `entry-${order}` as ClientMsgId,
    conversationId: CONVERSATION_ID,
    senderId: VIEWER_ID,
    text: `entry ${order}`,
    createdAt: order,
    ...waiting(order),
    ...change,
  };
}

/** A change of the message with this seq, as `sampleMessage` makes it. */
export function sampleChange(order: number, seq: number, wish: ChangeWish, change: Partial<Omit<ChangeEntry, keyof ChangeWish>> = {}): ChangeEntry {
  const { senderId, clientMsgId, id: messageId } = sampleMessage(seq);
  return {
    id: `change-${order}`,
    conversationId: CONVERSATION_ID,
    target: { senderId, clientMsgId, messageId },
    createdAt: order,
    ...waiting(order),
    ...change,
    ...wish,
  };
}

/** Nothing was tried yet. */
function waiting(order: number) {
  return { state: { status: 'queued' }, order, attempts: 0, notBefore: 0, heldUntil: 0, mayBeStored: false } as const;
}
