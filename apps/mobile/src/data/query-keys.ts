import type { ConversationId, UserId } from '@couplet/protocol';

export const queryKeys = {
  conversations: ['conversations'] as const,
  conversation: (id: ConversationId) => ['conversation', id] as const,
  threads: ['thread'] as const,
  thread: (id: ConversationId) => ['thread', id] as const,
  peopleSearch: (query: string) => ['people-search', query] as const,
  messageSearch: (query: string) => ['message-search', query] as const,
  user: (id: UserId) => ['user', id] as const,
  sessions: ['sessions'] as const,
  diagnostics: ['diagnostics'] as const,
};
