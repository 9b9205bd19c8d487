import { avatarView } from '../users/user-view.ts';
import type { Conversation, ConversationId, Message, MessageId, UserId } from '@couplet/protocol';

/** A conversation joined with the viewer's member row, the peer's, and the peer. */
export interface ConversationRow {
  id: ConversationId;
  created_at: string;
  last_activity_at: string;
  last_seq: number;
  last_message_id: MessageId | null;
  unread: number;
  read_seq: number;
  pinned: boolean;
  muted_until: string | null;
  archived: boolean;
  draft: string;
  settings_version: number;
  peer_delivered_seq: number;
  peer_read_seq: number;
  peer_id: UserId;
  peer_name: string;
  peer_username: string | null;
  peer_avatar_url: string | null;
  blocked: boolean;
}

export function conversationView(row: ConversationRow, lastMessage: Message | null): Conversation {
  return {
    id: row.id,
    peer: { id: row.peer_id, name: row.peer_name, username: row.peer_username, ...avatarView(row.peer_avatar_url) },
    createdAt: row.created_at,
    lastActivityAt: row.last_activity_at,
    lastSeq: row.last_seq,
    lastMessage,
    readSeq: row.read_seq,
    unreadCount: row.unread,
    peerDeliveredSeq: row.peer_delivered_seq,
    peerReadSeq: row.peer_read_seq,
    pinned: row.pinned,
    mutedUntil: row.muted_until,
    archived: row.archived,
    draft: row.draft,
    settingsVersion: row.settings_version,
    blocked: row.blocked,
  };
}
