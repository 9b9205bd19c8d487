import type { ClientMsgId, ConversationId, ErrorCode, MessageId, ReplyPreview, UserId } from '@couplet/protocol';
import type { PendingUpload } from '../uploads/pending-upload.ts';

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
  /** Files that go with it, in order. It is sent when the last one is at the server. */
  uploads?: PendingUpload[];
  /** The person wants its files sent over a metered connection too. */
  sendsAnyway?: true;
  /** Epoch milliseconds on the device's clock. */
  createdAt: number;
  state: SendState;
  /** Deleted while it was being sent: it shows as a tombstone, and becomes one as soon as it is stored. */
  isDeleted?: true;
}

/**
 * A change of a message that the server has not confirmed. The message shows it
 * already, unless it failed: of a failed edit the words stay, a failed delete or
 * reaction is not shown as done.
 */
export type PendingChange = PendingChangeFacts & ChangeWish;

interface PendingChangeFacts {
  /** For `retry` and `discard`. */
  id: string;
  conversationId: ConversationId;
  target: ChangeTarget;
  /** Epoch milliseconds on the device's clock. */
  createdAt: number;
  state: SendState;
}

/** The message that a change is of: a pair that no two messages share, from the moment it is written. */
export interface ChangeTarget {
  senderId: UserId;
  clientMsgId: ClientMsgId;
  /** `null` while the message itself is in the outbox. */
  messageId: MessageId | null;
}

export type ChangeWish =
  | { type: 'edit'; text: string }
  | { type: 'delete' }
  /** `null` takes the viewer's reaction back. `before` is the one that it replaces. */
  | { type: 'reaction'; userId: UserId; emoji: string | null; before: string | null };

export type SendState =
  | { status: 'queued' }
  | { status: 'sending' }
  | { status: 'failed'; code: ErrorCode; message: string };

/** What waits to be told to the server until it is acknowledged or discarded: messages, and changes of messages. */
export type OutboxEntry = MessageEntry | ChangeEntry;

/** Its `id` is its `clientMsgId`. */
export type MessageEntry = { type: 'message' } & Omit<PendingMessage, 'isDeleted'> & Sending;

export type ChangeEntry = PendingChange & Sending;

/** How the outbox keeps account of an entry. */
export interface Sending {
  id: string;
  /** Rises with every entry written on this device: the order in which they go out. */
  order: number;
  /** Tries that ended without an acknowledgement, since the entry was written or retried by hand. */
  attempts: number;
  /** Epoch ms before which it is not tried again; 0 means at once. */
  notBefore: number;
  /** Epoch ms before which the server asked not to be tried, also over another connection; 0 when it did not. */
  heldUntil: number;
  /** It went out, and no answer said no: the server may have carried it out. */
  mayBeStored: boolean;
}

export function isMessageEntry(entry: OutboxEntry): entry is MessageEntry {
  return entry.type === 'message';
}

export function isChangeEntry(entry: OutboxEntry): entry is ChangeEntry {
  return entry.type !== 'message';
}
