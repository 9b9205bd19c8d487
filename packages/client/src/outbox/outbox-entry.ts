import type { ClientMsgId, ConversationId, ErrorCode, ReplyPreview, UserId } from '@couplet/protocol';

/**
 * A message on its way out: an outbox entry as the thread shows it. It has no
 * seq yet; its `clientMsgId` is its list key and stays so once it is stored.
 */
export interface PendingMessage {
  clientMsgId: ClientMsgId;
  conversationId: ConversationId;
  senderId: UserId;
  text: string;
  replyTo?: ReplyPreview;
  /** Epoch milliseconds on the device's clock. */
  createdAt: number;
  state: SendState;
}

export type SendState =
  | { status: 'queued' }
  | { status: 'sending' }
  | { status: 'failed'; code: ErrorCode; message: string };

/** What the outbox keeps of a pending message until it is acknowledged or discarded. */
export interface OutboxEntry extends PendingMessage {
  /** Rises with every message written on this device: the order in which they go out. */
  order: number;
  /** Tries that ended without an acknowledgement, since the message was written or retried by hand. */
  attempts: number;
  /** Epoch ms before which it is not tried again; 0 means at once. */
  notBefore: number;
}

export function toPendingMessage(entry: OutboxEntry): PendingMessage {
  const { order: _order, attempts: _attempts, notBefore: _notBefore, ...pending } = entry;
  return pending;
}
