import type { ChatMessage, ConversationId, UserId } from '@couplet/protocol';
import { LIMITS } from '@couplet/protocol';
import { listMessages } from '../messages/list-messages.ts';
import { findSeqAt } from '../messages/messages-repository.ts';
import { chatMessageView } from './chat-view.ts';

export type ListChatMessagesNeeds = Parameters<typeof listMessages>[0];

/** Newest first, before a time or from the end. Time rises with seq (rule D7), so a time is a place in the order. */
export async function listChatMessages(
  needs: ListChatMessagesNeeds,
  viewerId: UserId,
  chatId: ConversationId,
  page: { limit?: number | undefined; beforeTimestamp?: string | undefined },
): Promise<{ messages: ChatMessage[]; nextBeforeTimestamp: string | null }> {
  const { limit, beforeTimestamp } = page;
  const before = beforeTimestamp === undefined ? undefined : (await findSeqAt(needs.db, chatId, { before: beforeTimestamp })) + 1;
  const { items, nextCursor } = await listMessages(needs, viewerId, chatId, { limit, before });
  return {
    messages: items.map((message) => chatMessageView(message, viewerId)),
    nextBeforeTimestamp: nextCursor === null ? null : (items.at(-1)?.createdAt ?? null),
  };
}

/** Oldest first, after a time. */
export async function listChatMessagesAfter(
  needs: ListChatMessagesNeeds,
  viewerId: UserId,
  chatId: ConversationId,
  page: { limit?: number | undefined; timestamp: string },
): Promise<{ messages: ChatMessage[]; nextAfterTimestamp: string | null }> {
  const after = await findSeqAt(needs.db, chatId, { until: page.timestamp });
  const { items, prevCursor } = await listMessages(needs, viewerId, chatId, { limit: page.limit ?? LIMITS.pageSize, after });
  const oldestFirst = items.toReversed();
  return {
    messages: oldestFirst.map((message) => chatMessageView(message, viewerId)),
    nextAfterTimestamp: prevCursor === null ? null : (oldestFirst.at(-1)?.createdAt ?? null),
  };
}
