import type { ConversationId, SharedMediaKind, UserId } from '@couplet/protocol';

export const queryKeys = {
  conversations: ['conversations'] as const,
  conversation: (id: ConversationId) => ['conversation', id] as const,
  /** Where reading was left in it. */
  place: (id: ConversationId) => ['place', id] as const,
  /** Every visit to the thread: the opening one and those that went elsewhere in it. */
  thread: (id: ConversationId) => ['thread', id] as const,
  threadVisit: (id: ConversationId, visit: number) => ['thread', id, visit] as const,
  /** Everything that is shown of what was shared in a conversation. */
  shared: (id: ConversationId) => ['shared', id] as const,
  sharedMedia: (id: ConversationId, kind: SharedMediaKind) => ['shared', id, kind] as const,
  gallery: (id: ConversationId, aroundSeq: number) => ['shared', id, 'gallery', aroundSeq] as const,
  peopleSearch: (query: string) => ['people-search', query] as const,
  messageSearch: (query: string, conversationId?: ConversationId) => ['message-search', query, conversationId ?? 'everywhere'] as const,
  deviceSearch: (query: string, conversationId?: ConversationId) => ['device-search', query, conversationId ?? 'everywhere'] as const,
  user: (id: UserId) => ['user', id] as const,
  sessions: ['sessions'] as const,
  mediaUsage: ['media-usage'] as const,
  diagnostics: ['diagnostics'] as const,
};
