import type { Conversation, ConversationId, Event, Message, UserId } from '@couplet/protocol';
import { mergeConversation, mergeLastMessage, mergeMessage } from './merge-rows.ts';

/** The rows an event touches, as they are before it. */
export interface TouchedRows {
  conversation: Conversation | null;
  /** For a message's event: the row of its seq, if there is one. For a receipt: the rows it may cover. */
  messages: readonly Message[];
}

/** The rows that are different after it, and what follows from it on this device. */
export interface EventChanges {
  conversation: Conversation | null;
  messages: Message[];
  /** The viewer's own message arrived: its outbox entry, if it is still there, is done. */
  sent: Message | null;
  /** The peer's message arrived: to be confirmed up to this seq. */
  received: { conversationId: ConversationId; seq: number } | null;
}

const NOTHING: EventChanges = { conversation: null, messages: [], sent: null, received: null };

/**
 * What a durable event changes on the device. Pure. Watermarks, versions and
 * times only rise, so an event whose effect is already there takes nothing back;
 * the unread count is the server's and replaces the device's.
 */
export function applyEvent(viewerId: UserId, rows: TouchedRows, event: Event): EventChanges {
  switch (event.type) {
    case 'chat.message.new':
      return applyMessageNew(viewerId, rows, event.message, event.unreadCount);
    case 'chat.message.updated':
      return applyMessageUpdated(rows, event.message, event.unreadCount);
    case 'chat.message.delivered':
      return applyDelivered(rows, event);
    case 'chat.message.read':
      return event.userId === viewerId ? applyOwnRead(rows, event) : applyPeerRead(rows, event);
    case 'conversation.updated':
      return { ...NOTHING, conversation: mergeConversation(rows.conversation, event.conversation) };
  }
}

function applyMessageNew(viewerId: UserId, rows: TouchedRows, message: Message, unreadCount: number): EventChanges {
  const isOwn = message.senderId === viewerId;
  const { conversationId, seq } = message;
  return {
    conversation: rows.conversation && withNewMessage({ ...rows.conversation, unreadCount }, message),
    messages: changedMessages(rows.messages, message),
    sent: isOwn ? message : null,
    received: isOwn ? null : { conversationId, seq },
  };
}

function withNewMessage(conversation: Conversation, message: Message): Conversation {
  // At or below lastSeq: the row was taken from a later moment of the server.
  if (message.seq <= conversation.lastSeq) {
    return { ...conversation, lastMessage: mergeLastMessage(conversation.lastMessage, message) };
  }
  return { ...conversation, lastSeq: message.seq, lastMessage: message, lastActivityAt: message.createdAt };
}

function applyMessageUpdated(rows: TouchedRows, message: Message, unreadCount: number): EventChanges {
  const { conversation } = rows;
  return {
    ...NOTHING,
    conversation: conversation && {
      ...conversation,
      unreadCount,
      lastMessage: conversation.lastMessage?.seq === message.seq ? mergeMessage(conversation.lastMessage, message) : conversation.lastMessage,
    },
    messages: changedMessages(rows.messages, message),
  };
}

type ReceiptEvent = Extract<Event, { type: 'chat.message.delivered' | 'chat.message.read' }>;

function applyDelivered(rows: TouchedRows, event: ReceiptEvent): EventChanges {
  return applyReceipt(rows, event, { deliveredAt: event.at }, (conversation) => ({
    ...conversation,
    peerDeliveredSeq: Math.max(conversation.peerDeliveredSeq, event.seq),
  }));
}

function applyPeerRead(rows: TouchedRows, event: Extract<Event, { type: 'chat.message.read' }>): EventChanges {
  // Read implies delivered: where no delivery was told before, this was the moment.
  return applyReceipt(rows, event, { deliveredAt: event.at, readAt: event.at }, (conversation) => ({
    ...conversation,
    peerReadSeq: Math.max(conversation.peerReadSeq, event.seq),
    peerDeliveredSeq: Math.max(conversation.peerDeliveredSeq, event.seq),
    unreadCount: event.unreadCount,
  }));
}

function applyOwnRead(rows: TouchedRows, event: Extract<Event, { type: 'chat.message.read' }>): EventChanges {
  // When the peer's messages were delivered here is told to the peer alone, so it is not made up here.
  return applyReceipt(rows, event, { readAt: event.at }, (conversation) => ({
    ...conversation,
    readSeq: Math.max(conversation.readSeq, event.seq),
    unreadCount: event.unreadCount,
  }));
}

/** Marks what `event.userId` received: the messages of the other side, up to the event's seq. */
function applyReceipt(
  rows: TouchedRows,
  event: ReceiptEvent,
  times: { deliveredAt?: string; readAt?: string },
  advance: (conversation: Conversation) => Conversation,
): EventChanges {
  const mark = (message: Message): Message =>
    message.senderId === event.userId || message.seq > event.seq ? message : mergeMessage(message, { ...message, ...times });
  const { conversation } = rows;
  return {
    ...NOTHING,
    conversation: conversation && { ...advance(conversation), lastMessage: conversation.lastMessage && mark(conversation.lastMessage) },
    messages: rows.messages.flatMap((before) => {
      const after = mark(before);
      return after === before ? [] : [after];
    }),
  };
}

function changedMessages(before: readonly Message[], incoming: Message): Message[] {
  const stored = before.find(({ seq }) => seq === incoming.seq) ?? null;
  const merged = mergeMessage(stored, incoming);
  return merged === stored ? [] : [merged];
}
