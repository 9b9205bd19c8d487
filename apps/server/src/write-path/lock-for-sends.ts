import { type ClientMsgId, type ConversationId, LIMITS, type MessageId, type MessageType, type ReplyPreview, type UserId } from '@couplet/protocol';
import { isoTimestamp } from '../database/pool.ts';
import { type Micros, microsFromIso } from '../database/timestamps.ts';
import { plainArray, textArray } from './array-literals.ts';
import { type LockedUploads, lockedUploads, lockUploads } from './attach-uploads.ts';
import type { SendRequest, StoredSend } from './sends.ts';
import { LockedLogs, lockLogs } from './locked-logs.ts';
import { numberAt, type Statement, textAt, type TextRow } from './write-transaction.ts';

export interface LockedConversation {
  id: ConversationId;
  userAId: UserId;
  initiatorId: UserId;
  lastSeq: number;
  lastActivity: Micros;
  unreadA: number;
  unreadB: number;
  blocked: boolean;
}

/** What a batch of sends holds locked, and what it found under the locks. */
export interface LockedForSends {
  logs: LockedLogs;
  conversations: Map<ConversationId, LockedConversation>;
  replays: Map<string, StoredSend>;
  quotes: Map<MessageId, ReplyPreview & { conversationId: ConversationId }>;
  uploads: LockedUploads;
}

/** The first step of a batch of sends. */
export interface LockForSends {
  statements: readonly Statement[];
  read: (answers: readonly (readonly TextRow[])[]) => LockedForSends;
}

/**
 * Locks the members' event logs, then the conversations, then the uploads that
 * are attached, each in id order, and only then looks for replays: under the locks nobody else can be storing them.
 */
export function lockForSends(requests: readonly SendRequest[]): LockForSends {
  const userIds = new Set<UserId>();
  const conversationIds = new Set<ConversationId>();
  const quotedIds = new Set<MessageId>();
  for (const request of requests) {
    userIds.add(request.senderId).add(request.receiverId);
    conversationIds.add(request.conversationId);
    if (request.replyToId) quotedIds.add(request.replyToId);
  }
  const attachmentIds = requests.flatMap((request) => request.attachmentIds);
  const asksQuotes = quotedIds.size > 0;
  return {
    statements: [
      lockLogs(userIds),
      lockConversations(conversationIds),
      findReplays(requests),
      ...(asksQuotes ? [findQuotes(quotedIds)] : []),
      ...(attachmentIds.length > 0 ? [lockUploads(attachmentIds)] : []),
    ],
    read([logs = [], conversations = [], replays = [], ...others]) {
      return {
        logs: new LockedLogs(logs),
        conversations: new Map(conversations.map(lockedConversation).map((conversation) => [conversation.id, conversation])),
        replays: new Map(replays.map(storedReplay).map((replay) => [replayKey(replay.senderId, replay.clientMsgId), replay])),
        quotes: new Map(asksQuotes ? others[0]?.map(quoteOf).map((quote) => [quote.messageId, quote]) : []),
        uploads: lockedUploads(others[asksQuotes ? 1 : 0] ?? []),
      };
    },
  };
}

export function replayKey(senderId: UserId, clientMsgId: ClientMsgId): string {
  return `${senderId} ${clientMsgId}`;
}

function lockConversations(ids: ReadonlySet<ConversationId>): Statement {
  return {
    name: 'lock-conversations',
    text: `SELECT id, user_a_id, initiator_id, last_seq, last_activity_at, unread_a, unread_b,
                  EXISTS (SELECT 1 FROM blocks WHERE blocker_id = user_a_id AND blocked_id = user_b_id)
               OR EXISTS (SELECT 1 FROM blocks WHERE blocker_id = user_b_id AND blocked_id = user_a_id)
           FROM conversations WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE`,
    values: [plainArray([...ids])],
  };
}

function lockedConversation(row: TextRow): LockedConversation {
  return {
    id: textAt(row, 0) as ConversationId,
    userAId: textAt(row, 1) as UserId,
    initiatorId: textAt(row, 2) as UserId,
    lastSeq: numberAt(row, 3),
    lastActivity: microsFromIso(isoTimestamp(textAt(row, 4))),
    unreadA: numberAt(row, 5),
    unreadB: numberAt(row, 6),
    blocked: textAt(row, 7) === 't',
  };
}

function findReplays(requests: readonly SendRequest[]): Statement {
  return {
    name: 'find-replays',
    text: `SELECT m.id, m.conversation_id, m.sender_id, m.receiver_id, m.client_msg_id, m.type, m.seq, m.created_at,
                  m.sender_position, m.receiver_position
           FROM unnest($1::uuid[], $2::text[]) AS r(sender_id, client_msg_id)
           JOIN messages m ON m.sender_id = r.sender_id AND m.client_msg_id = r.client_msg_id`,
    values: [plainArray(requests.map((request) => request.senderId)), textArray(requests.map((request) => request.clientMsgId))],
  };
}

function storedReplay(row: TextRow): StoredSend {
  return {
    duplicate: true,
    messageId: textAt(row, 0) as MessageId,
    conversationId: textAt(row, 1) as ConversationId,
    senderId: textAt(row, 2) as UserId,
    receiverId: textAt(row, 3) as UserId,
    clientMsgId: textAt(row, 4) as ClientMsgId,
    type: textAt(row, 5) as MessageType,
    text: '',
    attachments: [],
    seq: numberAt(row, 6),
    createdAt: isoTimestamp(textAt(row, 7)),
    replyTo: undefined,
    senderPosition: numberAt(row, 8),
    receiverPosition: numberAt(row, 9),
    senderUnread: 0,
    receiverUnread: 0,
    begun: [],
    origin: undefined,
    requestId: '',
  };
}

function findQuotes(ids: ReadonlySet<MessageId>): Statement {
  return {
    name: 'find-quotes',
    text: `SELECT id, conversation_id, seq, sender_id, type, left(coalesce(text, ''), ${LIMITS.excerptLength})
           FROM messages WHERE id = ANY($1::uuid[])`,
    values: [plainArray([...ids])],
  };
}

function quoteOf(row: TextRow): ReplyPreview & { conversationId: ConversationId } {
  return {
    messageId: textAt(row, 0) as MessageId,
    conversationId: textAt(row, 1) as ConversationId,
    seq: numberAt(row, 2),
    senderId: textAt(row, 3) as UserId,
    type: textAt(row, 4) as MessageType,
    excerpt: textAt(row, 5),
  };
}
