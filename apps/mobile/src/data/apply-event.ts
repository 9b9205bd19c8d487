import type { MessengerEvent } from '@couplet/client';
import type { Conversation, ConversationId } from '@couplet/protocol';
import type { QueryClient } from '@tanstack/react-query';
import { type ConversationPages, withConversationChange, withConversations } from './conversation-pages.ts';
import { queryKeys } from './query-keys.ts';
import { type ThreadPages, withMessages } from './thread-pages.ts';

/** The one place where what happened in the store reaches the query cache. */
export function applyEvent(client: QueryClient, event: MessengerEvent): void {
  switch (event.type) {
    case 'conversations-changed':
      client.setQueryData<ConversationPages>(queryKeys.conversations, (pages) => pages && withConversations(pages, event.conversations));
      // Only those that a screen asked for: of a catch-up's hundreds each would be one more that every later event is compared with.
      for (const conversation of event.conversations) client.setQueryData<Conversation | null>(queryKeys.conversation(conversation.id), (known) => (known === undefined ? undefined : conversation));
      return;
    case 'messages-changed':
      client.setQueriesData<ThreadPages>({ queryKey: queryKeys.thread(event.conversationId) }, (thread) => thread && withMessages(thread, event.messages));
      // Read again where it is on screen: pages of what was shared have no place of their own for one message.
      if (event.messages.some(({ attachments, deletedAt }) => attachments.length > 0 || deletedAt !== undefined)) void client.invalidateQueries({ queryKey: queryKeys.shared(event.conversationId) });
      return;
    case 'resynced':
      void client.invalidateQueries();
      return;
    case 'session-changed':
      // Another account must never see what this one read.
      if (event.state.status === 'signed-out') client.clear();
      return;
    case 'connection-changed':
    case 'pending-changed':
    case 'typing':
    case 'presence':
    case 'upload-progress':
    case 'uploads-held':
    case 'metered-wait-chosen':
      // Held in Redux or read from the messenger: not server data.
      return;
  }
}

/** Shows a change of one's own at once; the store's event confirms it. */
export function applyOwnChange(client: QueryClient, id: ConversationId, change: Partial<Conversation>): void {
  client.setQueryData<ConversationPages>(queryKeys.conversations, (pages) => pages && withConversationChange(pages, id, change));
  client.setQueryData<Conversation>(queryKeys.conversation(id), (conversation) => conversation && { ...conversation, ...change });
}
