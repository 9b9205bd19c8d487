import type { ConversationId, MessageId, UserId } from '@couplet/protocol';
import type { Micros } from '../database/timestamps.ts';

/** A person who never was. */
export interface ImaginedUser {
  id: UserId;
  name: string;
  username: string;
  email: string;
  createdAt: Micros;
}

/** Something that happened in a conversation. Times within one conversation strictly increase. */
export type Occurrence =
  | { type: 'said'; at: Micros; messageId: MessageId; senderId: UserId; receiverId: UserId; text: string; replyToId: MessageId | null }
  | { type: 'delivered' | 'read'; at: Micros; by: UserId; peerId: UserId; messageId: MessageId }
  | { type: 'reacted'; at: Micros; by: UserId; peerId: UserId; messageId: MessageId; emoji: string };

export interface ImaginedConversation {
  id: ConversationId;
  initiatorId: UserId;
  peerId: UserId;
  createdAt: Micros;
  /** In order of time. */
  occurrences: Occurrence[];
}

export interface ImaginedWorld {
  users: ImaginedUser[];
  conversations: ImaginedConversation[];
}
