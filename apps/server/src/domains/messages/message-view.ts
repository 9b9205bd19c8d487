import {
  type ClientMsgId,
  type ConversationId,
  LIMITS,
  type Message,
  type MessageId,
  type MessageType,
  type Reaction,
  type UserId,
} from '@couplet/protocol';
import type { AttachmentLinks, StoredAttachment } from '../attachments/stored-content.ts';
import type { StoredSend } from '../../write-path/sends.ts';

/** A message as the repository reads it: the row, its receipts' times, the original it replies to. */
export interface MessageRow {
  id: MessageId;
  conversation_id: ConversationId;
  seq: number;
  sender_id: UserId;
  receiver_id: UserId;
  client_msg_id: ClientMsgId;
  type: MessageType;
  text: string | null;
  attachments: StoredAttachment[] | null;
  reactions: Reaction[] | null;
  version: number;
  created_at: string;
  edited_at: string | null;
  deleted_at: string | null;
  delivered_at: string | null;
  read_at: string | null;
  reply_to_id: MessageId | null;
  reply_seq: number | null;
  reply_sender_id: UserId | null;
  reply_type: MessageType | null;
  reply_excerpt: string | null;
}

/**
 * The message as this viewer sees it. When a message reached the receiver's own
 * devices is told to its sender alone, live and here alike.
 */
export function messageView(row: MessageRow, viewerId: UserId, links: AttachmentLinks): Message {
  return {
    id: row.id,
    conversationId: row.conversation_id,
    seq: row.seq,
    senderId: row.sender_id,
    clientMsgId: row.client_msg_id,
    type: row.type,
    ...(row.text === null ? {} : { text: row.text }),
    attachments: row.attachments?.map((attachment) => links.view(attachment)) ?? [],
    ...(row.reply_to_id && row.reply_seq && row.reply_sender_id && row.reply_type && !row.deleted_at
      ? {
          replyTo: {
            messageId: row.reply_to_id,
            seq: row.reply_seq,
            senderId: row.reply_sender_id,
            type: row.reply_type,
            excerpt: (row.reply_excerpt ?? '').slice(0, LIMITS.excerptLength),
          },
        }
      : {}),
    reactions: row.reactions ?? [],
    version: row.version,
    createdAt: row.created_at,
    ...(row.edited_at ? { editedAt: row.edited_at } : {}),
    ...(row.deleted_at ? { deletedAt: row.deleted_at } : {}),
    ...(row.delivered_at && row.sender_id === viewerId ? { deliveredAt: row.delivered_at } : {}),
    ...(row.read_at ? { readAt: row.read_at } : {}),
  };
}

/** The same view of a message that was stored this moment, without reading it back. */
export function newMessageView(stored: StoredSend, links: AttachmentLinks): Message {
  return {
    id: stored.messageId,
    conversationId: stored.conversationId,
    seq: stored.seq,
    senderId: stored.senderId,
    clientMsgId: stored.clientMsgId,
    type: stored.type,
    ...(stored.text === '' ? {} : { text: stored.text }),
    attachments: stored.attachments.map((attachment) => links.view(attachment)),
    ...(stored.replyTo ? { replyTo: stored.replyTo } : {}),
    reactions: [],
    version: 0,
    createdAt: stored.createdAt,
  };
}
