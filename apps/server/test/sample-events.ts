import type { ConversationId, Event, MessageId, UserId } from '@couplet/protocol';

export const ana = '0190a1b2-0000-7000-8000-00000000000a' as UserId;
export const bo = '0190a1b2-0000-7000-8000-00000000000b' as UserId;

/** Bo read as far as this, as Ana's log tells it. */
export const read = (position: number): Event => ({
  type: 'chat.message.read',
  position,
  conversationId: '0190a1b2-0000-7000-8000-00000000000c' as ConversationId,
  userId: bo,
  seq: position,
  messageId: '0190a1b2-0000-7000-8000-00000000000d' as MessageId,
  at: '2026-01-01T00:00:00.000000Z',
  unreadCount: 0,
});
