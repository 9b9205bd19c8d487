import type { Chat, ChatMessage, Event, User } from '@couplet/protocol';
import type { Queryable } from '../../database/transaction.ts';
import type { EventLogReader } from '../../event-log/event-log-reader.ts';
import type { AttachmentLinks } from '../attachments/stored-content.ts';
import { findConversations } from '../conversations/conversations-repository.ts';
import { chatMessageView, chatView } from './chat-view.ts';
import { findCoveredMessages } from './find-covered-messages.ts';

export interface ListChatChangesNeeds {
  pool: Queryable;
  log: Pick<EventLogReader, 'read'>;
  attachmentLinks: AttachmentLinks;
}

/**
 * A stretch of the viewer's event log as the chats and messages it speaks of,
 * each once and as it stands now.
 *
 * @throws CoupletError `too_old`
 */
export async function listChatChanges(
  needs: ListChatChangesNeeds,
  viewer: User,
  sequenceId: number,
): Promise<{ chats: Chat[]; messages: ChatMessage[]; sequenceId: number; hasMore: boolean }> {
  const { events, position, hasMore } = await needs.log.read(viewer.id, { since: sequenceId });
  const conversationIds = [...new Set(events.map(conversationOf))];
  const receipts = events.filter((event) => event.type === 'chat.message.delivered' || event.type === 'chat.message.read');
  const [conversations, covered] = await Promise.all([
    findConversations(needs.pool, needs.attachmentLinks, viewer.id, conversationIds),
    findCoveredMessages(needs.pool, needs.attachmentLinks, viewer.id, receipts),
  ]);
  const messages = new Map(covered.map((message) => [message.id, message]));
  for (const event of events) {
    if ('message' in event) messages.set(event.message.id, chatMessageView(event.message, viewer.id));
  }
  const inOrder = [...messages.values()].sort((a, b) => (a.sentAt ?? '').localeCompare(b.sentAt ?? ''));
  return { chats: conversations.map((conversation) => chatView(conversation, viewer)), messages: inOrder, sequenceId: position, hasMore };
}

function conversationOf(event: Event) {
  switch (event.type) {
    case 'chat.message.new':
    case 'chat.message.updated':
      return event.message.conversationId;
    case 'chat.message.delivered':
    case 'chat.message.read':
      return event.conversationId;
    case 'conversation.updated':
      return event.conversation.id;
  }
}
