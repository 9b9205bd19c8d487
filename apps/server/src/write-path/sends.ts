import type { AttachmentId, ClientMsgId, ConnectionId, ConversationId, MessageId, MessageType, ReplyPreview, UserId } from '@couplet/protocol';
import type { StoredAttachment } from '../domains/attachments/stored-content.ts';

/** One send, parsed and with its conversation resolved. */
export interface SendRequest {
  senderId: UserId;
  receiverId: UserId;
  conversationId: ConversationId;
  clientMsgId: ClientMsgId;
  /** Empty when only attachments are sent. */
  text: string;
  attachmentIds: readonly AttachmentId[];
  replyToId: MessageId | undefined;
  /** The connection that gets the ack and therefore no `chat.message.new`. */
  origin: ConnectionId | undefined;
  /** Of the REST call or the frame that asked: joins the log lines of one message. */
  requestId: string;
}

/** A message as it was stored: now (`duplicate: false`) or by an earlier send with the same clientMsgId. */
export interface StoredSend {
  duplicate: boolean;
  messageId: MessageId;
  conversationId: ConversationId;
  senderId: UserId;
  receiverId: UserId;
  clientMsgId: ClientMsgId;
  type: MessageType;
  text: string;
  attachments: readonly StoredAttachment[];
  seq: number;
  createdAt: string;
  replyTo: ReplyPreview | undefined;
  senderPosition: number;
  receiverPosition: number;
  /** Of a new message only. */
  senderUnread: number;
  receiverUnread: number;
  /** Members whose logs got a `conversation.updated` just before this first message, with its position. */
  begun: readonly { userId: UserId; position: number }[];
  origin: ConnectionId | undefined;
  requestId: string;
}
