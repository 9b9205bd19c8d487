import { type ClientMsgId, type ConversationId, LIMITS, type MessageId, type MessageType, type ReplyPreview, type UserId } from '@couplet/protocol';
import type pg from 'pg';
import { type Micros, microsFromIso } from '../database/timestamps.ts';
import { type LockedUploads, lockUploads } from './attach-uploads.ts';
import type { SendRequest, StoredSend } from './commit-sends.ts';
import { LockedLogs } from './locked-logs.ts';

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

/**
 * Locks the members' event logs, then the conversations, then the uploads that
 * are attached, each in id order, and only then looks for replays: under the locks nobody else can be storing them.
 * One round trip.
 */
export async function lockForSends(client: pg.Client, requests: readonly SendRequest[]): Promise<LockedForSends> {
  const userIds = new Set<UserId>();
  const conversationIds = new Set<ConversationId>();
  const quotedIds = new Set<MessageId>();
  for (const request of requests) {
    userIds.add(request.senderId).add(request.receiverId);
    conversationIds.add(request.conversationId);
    if (request.replyToId) quotedIds.add(request.replyToId);
  }
  const attachmentIds = requests.flatMap((request) => request.attachmentIds);
  const [logs, conversations, replays, quotes, uploads] = await Promise.all([
    LockedLogs.lock(client, userIds),
    client.query<ConversationRow>({
      name: 'lock-conversations',
      text: `SELECT id, user_a_id, initiator_id, last_seq, last_activity_at, unread_a, unread_b,
                    EXISTS (SELECT 1 FROM blocks WHERE blocker_id = user_a_id AND blocked_id = user_b_id)
                 OR EXISTS (SELECT 1 FROM blocks WHERE blocker_id = user_b_id AND blocked_id = user_a_id) AS blocked
             FROM conversations WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE`,
      values: [[...conversationIds]],
    }),
    client.query<ReplayRow>({
      name: 'find-replays',
      text: `SELECT m.id, m.conversation_id, m.sender_id, m.receiver_id, m.client_msg_id, m.type, m.seq, m.created_at,
                    m.sender_position, m.receiver_position
             FROM unnest($1::uuid[], $2::text[]) AS r(sender_id, client_msg_id)
             JOIN messages m ON m.sender_id = r.sender_id AND m.client_msg_id = r.client_msg_id`,
      values: [requests.map((request) => request.senderId), requests.map((request) => request.clientMsgId)],
    }),
    quotedIds.size === 0 ? undefined : findQuotes(client, [...quotedIds]),
    attachmentIds.length === 0 ? undefined : lockUploads(client, attachmentIds),
  ]);
  return {
    logs,
    conversations: new Map(conversations.rows.map((row) => [row.id, lockedConversation(row)])),
    replays: new Map(replays.rows.map((row) => [replayKey(row.sender_id, row.client_msg_id), storedReplay(row)])),
    quotes: quotes ?? new Map(),
    uploads: uploads ?? new Map(),
  };
}

export function replayKey(senderId: UserId, clientMsgId: ClientMsgId): string {
  return `${senderId} ${clientMsgId}`;
}

async function findQuotes(client: pg.Client, ids: MessageId[]): Promise<LockedForSends['quotes']> {
  const { rows } = await client.query<QuoteRow>({
    name: 'find-quotes',
    text: `SELECT id, conversation_id, seq, sender_id, type, left(coalesce(text, ''), ${LIMITS.excerptLength}) AS excerpt
           FROM messages WHERE id = ANY($1::uuid[])`,
    values: [ids],
  });
  return new Map(
    rows.map((row) => [
      row.id,
      { messageId: row.id, conversationId: row.conversation_id, seq: row.seq, senderId: row.sender_id, type: row.type, excerpt: row.excerpt },
    ]),
  );
}

function lockedConversation(row: ConversationRow): LockedConversation {
  return {
    id: row.id,
    userAId: row.user_a_id,
    initiatorId: row.initiator_id,
    lastSeq: row.last_seq,
    lastActivity: microsFromIso(row.last_activity_at),
    unreadA: row.unread_a,
    unreadB: row.unread_b,
    blocked: row.blocked,
  };
}

function storedReplay(row: ReplayRow): StoredSend {
  return {
    duplicate: true,
    messageId: row.id,
    conversationId: row.conversation_id,
    senderId: row.sender_id,
    receiverId: row.receiver_id,
    clientMsgId: row.client_msg_id,
    type: row.type,
    text: '',
    attachments: [],
    seq: row.seq,
    createdAt: row.created_at,
    replyTo: undefined,
    senderPosition: row.sender_position,
    receiverPosition: row.receiver_position,
    senderUnread: 0,
    receiverUnread: 0,
    begun: [],
    origin: undefined,
    requestId: '',
  };
}

interface ConversationRow {
  id: ConversationId;
  user_a_id: UserId;
  initiator_id: UserId;
  last_seq: number;
  last_activity_at: string;
  unread_a: number;
  unread_b: number;
  blocked: boolean;
}

interface ReplayRow {
  id: MessageId;
  conversation_id: ConversationId;
  sender_id: UserId;
  receiver_id: UserId;
  client_msg_id: ClientMsgId;
  type: MessageType;
  seq: number;
  created_at: string;
  sender_position: number;
  receiver_position: number;
}

interface QuoteRow {
  id: MessageId;
  conversation_id: ConversationId;
  seq: number;
  sender_id: UserId;
  type: MessageType;
  excerpt: string;
}
