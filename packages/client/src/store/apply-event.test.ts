import type { ClientMsgId, Conversation, Event, Message } from '@couplet/protocol';
import { describe, expect, it } from 'vitest';
import { CONVERSATION_ID, PEER_ID, sampleConversation, sampleMessage, sampleTime, VIEWER_ID } from '../testing/index.ts';
import { applyEvent } from './apply-event.ts';

function apply(event: Event, conversation: Conversation | null, messages: readonly Message[] = []) {
  return applyEvent(VIEWER_ID, { conversation, messages }, event);
}

function messageNew(message: Message, unreadCount = 0): Event {
  return { type: 'chat.message.new', position: 1, message, unreadCount };
}

function receipt(type: 'chat.message.delivered' | 'chat.message.read', userId: typeof VIEWER_ID, seq: number, unreadCount = 0): Event {
  const facts = { position: 1, conversationId: CONVERSATION_ID, userId, seq, messageId: sampleMessage(seq).id, at: sampleTime(1_000) };
  return type === 'chat.message.read' ? { type, ...facts, unreadCount } : { type, ...facts };
}

const own = (seq: number, change: Partial<Message> = {}) => sampleMessage(seq, { senderId: VIEWER_ID, ...change });

describe('a new message', () => {
  it("by the peer moves the conversation on, takes the server's unread count and asks for a confirmation", () => {
    const message = sampleMessage(5);
    const changes = apply(messageNew(message, 3), sampleConversation({ lastSeq: 4, unreadCount: 2 }));
    expect(changes.conversation).toMatchObject({ lastSeq: 5, lastMessage: message, lastActivityAt: message.createdAt, unreadCount: 3 });
    expect(changes).toMatchObject({ messages: [message], sent: null, received: { conversationId: CONVERSATION_ID, seq: 5 } });
  });

  it('by the viewer settles the outbox entry of its client message id', () => {
    const changes = apply(messageNew(own(1, { clientMsgId: 'mine' as ClientMsgId })), sampleConversation());
    expect(changes).toMatchObject({ sent: { clientMsgId: 'mine' }, received: null });
  });

  it('that the conversation already counts does not take it back', () => {
    const conversation = sampleConversation({ lastSeq: 9, lastMessage: sampleMessage(9), lastActivityAt: sampleTime(9) });
    expect(apply(messageNew(sampleMessage(8)), conversation).conversation).toEqual(conversation);
  });

  it('does not overwrite a later version of itself', () => {
    const edited = sampleMessage(1, { version: 2, text: 'edited' });
    expect(apply(messageNew(sampleMessage(1)), sampleConversation({ lastSeq: 1, lastMessage: edited }), [edited])).toMatchObject({
      messages: [],
      conversation: { lastMessage: edited },
    });
  });

  it('of a conversation that is not here is kept for itself', () => {
    expect(apply(messageNew(sampleMessage(1)), null)).toMatchObject({ conversation: null, messages: [sampleMessage(1)] });
  });
});

describe('a changed message', () => {
  it('replaces an older version, in the thread and in the list row, and keeps the receipts it had', () => {
    const before = own(2, { deliveredAt: sampleTime(5), readAt: sampleTime(6) });
    const changes = apply(
      { type: 'chat.message.updated', position: 1, message: own(2, { version: 1, text: 'better' }), unreadCount: 1 },
      sampleConversation({ lastSeq: 2, lastMessage: before, unreadCount: 4 }),
      [before],
    );
    const after = { ...before, version: 1, text: 'better' };
    expect(changes.messages).toEqual([after]);
    expect(changes.conversation).toMatchObject({ lastMessage: after, unreadCount: 1 });
  });

  it('of a lower version changes nothing but the count', () => {
    const before = own(2, { version: 3 });
    const changes = apply({ type: 'chat.message.updated', position: 1, message: own(2, { version: 2 }), unreadCount: 0 }, sampleConversation(), [before]);
    expect(changes.messages).toEqual([]);
  });
});

describe('a receipt', () => {
  it('[C1] of the peer only raises their watermarks, and read raises delivered', () => {
    const conversation = sampleConversation({ lastSeq: 9, peerDeliveredSeq: 7, peerReadSeq: 5 });
    expect(apply(receipt('chat.message.delivered', PEER_ID, 6), conversation).conversation).toMatchObject({ peerDeliveredSeq: 7, peerReadSeq: 5 });
    expect(apply(receipt('chat.message.read', PEER_ID, 4), conversation).conversation).toMatchObject({ peerDeliveredSeq: 7, peerReadSeq: 5 });
    expect(apply(receipt('chat.message.read', PEER_ID, 8), conversation).conversation).toMatchObject({ peerDeliveredSeq: 8, peerReadSeq: 8 });
  });

  it('of the peer marks what the viewer said up to there, and the first time stays', () => {
    const rows = [own(1, { deliveredAt: sampleTime(1), readAt: sampleTime(2) }), own(2, { deliveredAt: sampleTime(3) }), sampleMessage(3), own(4), own(5)];
    const at = sampleTime(1_000);
    const changes = apply(receipt('chat.message.read', PEER_ID, 4), sampleConversation({ lastSeq: 5, lastMessage: own(5) }), rows);
    expect(changes.messages).toEqual([own(2, { deliveredAt: sampleTime(3), readAt: at }), own(4, { deliveredAt: at, readAt: at })]);
    expect(changes.conversation?.lastMessage).toEqual(own(5));
  });

  it("of the viewer's own reading clears the badge with the server's number", () => {
    const conversation = sampleConversation({ lastSeq: 5, readSeq: 1, unreadCount: 4, lastMessage: sampleMessage(5) });
    const changes = apply(receipt('chat.message.read', VIEWER_ID, 5, 0), conversation, [sampleMessage(5), own(4)]);
    expect(changes.conversation).toMatchObject({ readSeq: 5, unreadCount: 0, peerReadSeq: 0, lastMessage: { readAt: sampleTime(1_000) } });
    expect(changes.messages).toEqual([sampleMessage(5, { readAt: sampleTime(1_000) })]);
  });
});

describe('a changed conversation', () => {
  it('shows new settings and the new name, and never lowers how far it is', () => {
    const stored = sampleConversation({ lastSeq: 7, lastMessage: sampleMessage(7), lastActivityAt: sampleTime(7), readSeq: 6, unreadCount: 1, peerReadSeq: 5, peerDeliveredSeq: 6 });
    const incoming = sampleConversation({ lastSeq: 6, lastMessage: sampleMessage(6), readSeq: 2, unreadCount: 4, pinned: true, peer: { ...stored.peer, name: 'Bo B.' } });
    const changes = apply({ type: 'conversation.updated', position: 1, conversation: incoming }, stored);
    expect(changes.conversation).toEqual({ ...stored, pinned: true, peer: incoming.peer });
  });
});

describe('applying', () => {
  it('changes none of the rows it was given', () => {
    const freeze = <Row extends object>(row: Row): Row => {
      for (const value of Object.values(row)) if (typeof value === 'object' && value !== null) freeze(value as object);
      return Object.freeze(row);
    };
    const conversation = freeze(sampleConversation({ lastSeq: 2, lastMessage: own(2) }));
    const rows = freeze([own(1), own(2)]);
    const events: Event[] = [
      messageNew(sampleMessage(3), 1),
      { type: 'chat.message.updated', position: 1, message: own(2, { version: 1 }), unreadCount: 0 },
      receipt('chat.message.delivered', PEER_ID, 2),
      receipt('chat.message.read', PEER_ID, 2),
      receipt('chat.message.read', VIEWER_ID, 2),
      { type: 'conversation.updated', position: 1, conversation: sampleConversation({ pinned: true }) },
    ];
    for (const event of events) expect(() => apply(freeze(event), conversation, rows)).not.toThrow();
  });
});
