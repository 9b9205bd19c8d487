import type { PendingChange, PendingMessage, SendState } from '@couplet/client';
import { sampleConversation as clientConversation, sampleMessage as clientMessage } from '@couplet/client/testing';
import type { ClientMsgId, Conversation, ConversationId, Message, MessageId, SessionId, User, UserId, Viewer } from '@couplet/protocol';

/** The client's samples with numbered ids, people with names, and a day that screens can show. */

/** A valid id that says its number. */
export function sampleId(number: number): string {
  return `01970000-0000-7000-8000-${String(number).padStart(12, '0')}`;
}

export const VIEWER: Viewer = {
  id: sampleId(1) as UserId,
  name: 'Ana Duarte',
  username: 'ana',
  avatarUrl: null,
  email: 'ana@demo.test',
  phone: null,
  createdAt: '2026-01-02T08:00:00.000Z',
};
export const SESSION_ID = sampleId(9) as SessionId;
export const PEER: User = { id: sampleId(2) as UserId, name: 'Mara Lindqvist', username: 'mara', avatarUrl: null };
export const CONVERSATION_ID = sampleId(100) as ConversationId;

/** Noon UTC, well inside one day in most zones. */
export const NOON = Date.UTC(2026, 10, 18, 12);

export function sampleMessage(seq: number, over: Partial<Message> = {}): Message {
  const createdAt = new Date(NOON + seq * 60_000).toISOString();
  return clientMessage(seq, { id: sampleId(10_000 + seq) as MessageId, conversationId: CONVERSATION_ID, senderId: PEER.id, clientMsgId: `m${seq}` as ClientMsgId, text: `Message ${seq}`, createdAt, ...over });
}

export function samplePending(clientMsgId: string, over: Partial<PendingMessage> = {}): PendingMessage {
  return {
    clientMsgId: clientMsgId as ClientMsgId,
    conversationId: CONVERSATION_ID,
    senderId: VIEWER.id,
    text: 'On its way',
    createdAt: NOON + 30 * 60_000,
    state: { status: 'queued' },
    ...over,
  };
}

/** A change of this message that waits, unless told otherwise. */
export function sampleChange(message: Message, wish: ChangeOf, state: SendState = { status: 'queued' }): PendingChange {
  const { id: messageId, senderId, clientMsgId, conversationId } = message;
  return { id: `change-${clientMsgId}`, conversationId, target: { senderId, clientMsgId, messageId }, createdAt: NOON, state, ...wish };
}

type ChangeOf = PendingChange extends infer Change ? (Change extends PendingChange ? Omit<Change, 'id' | 'conversationId' | 'target' | 'createdAt' | 'state'> : never) : never;

export function sampleConversation(number: number, over: Partial<Conversation> = {}): Conversation {
  const lastActivityAt = new Date(NOON + number * 60_000).toISOString();
  return clientConversation({ id: sampleId(100 + number) as ConversationId, peer: { ...PEER, id: sampleId(500 + number) as UserId }, lastActivityAt, ...over });
}
