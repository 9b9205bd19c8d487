import { searchWords, type UserId } from '@couplet/protocol';
import { hourOf, isoFromMicros } from '../database/timestamps.ts';
import { plainArray, textArray } from './array-literals.ts';
import { attachStatements } from './attach-uploads.ts';
import type { StoredSend } from './sends.ts';
import type { LockedConversation } from './lock-for-sends.ts';
import type { LockedLogs } from './locked-logs.ts';
import type { Statement } from './write-transaction.ts';

/** Writes numbered messages, the conversations as they are after them, and the logs' new ends. At least one message. */
export function storeStatements(stored: readonly StoredSend[], conversations: readonly LockedConversation[], logs: LockedLogs): Statement[] {
  const [message, ...others] = stored;
  const [conversation] = conversations;
  const isAlone = message && conversation && others.length === 0;
  return [isAlone ? storeOne(message, conversation) : storeMany(stored, conversations, logs), ...attachStatements(stored), ...appendBegun(stored)];
}

/**
 * A message that travels alone, as most do while the server is not busy: without
 * arrays, which cost PostgreSQL an eighth of such a transaction.
 */
function storeOne(message: StoredSend, conversation: LockedConversation): Statement {
  return {
    name: 'store-send',
    text: STORE_SEND,
    values: [
      message.senderId,
      String(message.senderPosition),
      message.receiverId,
      String(message.receiverPosition),
      message.conversationId,
      String(message.seq),
      message.createdAt,
      isoFromMicros(hourOf(conversation.lastActivity)),
      String(conversation.unreadA),
      String(conversation.unreadB),
      message.messageId,
      message.clientMsgId,
      message.type,
      message.text || null,
      message.replyTo?.messageId ?? null,
      wordsOf(message),
    ],
  };
}

const STORE_SEND = `
  WITH advanced_logs AS (
    UPDATE event_logs SET last_position = CASE WHEN user_id = $1 THEN $2::bigint ELSE $4::bigint END WHERE user_id IN ($1::uuid, $3::uuid)
  ), advanced_conversation AS (
    UPDATE conversations SET last_seq = $6::bigint, last_activity_at = $7::timestamptz, activity_hour = $8::timestamptz,
           unread_a = $9::int, unread_b = $10::int
    WHERE id = $5::uuid
  )
  INSERT INTO messages (id, conversation_id, seq, sender_id, receiver_id, client_msg_id, type, text, reply_to_id,
                        created_at, sender_position, receiver_position, search)
  VALUES ($11::uuid, $5, $6, $1, $3, $12::text, $13::text, $14::text, $15::uuid,
          $7, $2, $4, array_to_tsvector(string_to_array($16::text, ' ')))`;

function storeMany(stored: readonly StoredSend[], conversations: readonly LockedConversation[], logs: LockedLogs): Statement {
  const [userIds, lastPositions] = logs.advanced();
  return {
    name: 'store-sends',
    text: STORE_SENDS,
    values: [
      plainArray(userIds),
      plainArray(lastPositions),
      plainArray(conversations.map((conversation) => conversation.id)),
      plainArray(conversations.map((conversation) => conversation.lastSeq)),
      plainArray(conversations.map((conversation) => isoFromMicros(conversation.lastActivity))),
      plainArray(conversations.map((conversation) => isoFromMicros(hourOf(conversation.lastActivity)))),
      plainArray(conversations.map((conversation) => conversation.unreadA)),
      plainArray(conversations.map((conversation) => conversation.unreadB)),
      plainArray(stored.map((message) => message.messageId)),
      plainArray(stored.map((message) => message.conversationId)),
      plainArray(stored.map((message) => message.seq)),
      plainArray(stored.map((message) => message.senderId)),
      plainArray(stored.map((message) => message.receiverId)),
      textArray(stored.map((message) => message.clientMsgId)),
      plainArray(stored.map((message) => message.type)),
      textArray(stored.map((message) => message.text || null)),
      plainArray(stored.map((message) => message.replyTo?.messageId ?? null)),
      plainArray(stored.map((message) => message.createdAt)),
      plainArray(stored.map((message) => message.senderPosition)),
      plainArray(stored.map((message) => message.receiverPosition)),
      textArray(stored.map(wordsOf)),
    ],
  };
}

/** Counters and rows of a batch in one statement: what a statement costs is paid once. */
const STORE_SENDS = `
  WITH advanced_logs AS (
    UPDATE event_logs SET last_position = v.last_position
    FROM unnest($1::uuid[], $2::bigint[]) AS v(user_id, last_position) WHERE event_logs.user_id = v.user_id
  ), advanced_conversations AS (
    UPDATE conversations SET last_seq = v.last_seq, last_activity_at = v.last_activity_at, activity_hour = v.activity_hour,
           unread_a = v.unread_a, unread_b = v.unread_b
    FROM unnest($3::uuid[], $4::bigint[], $5::timestamptz[], $6::timestamptz[], $7::int[], $8::int[])
         AS v(id, last_seq, last_activity_at, activity_hour, unread_a, unread_b)
    WHERE conversations.id = v.id
  )
  INSERT INTO messages (id, conversation_id, seq, sender_id, receiver_id, client_msg_id, type, text, reply_to_id,
                        created_at, sender_position, receiver_position, search)
  SELECT id, conversation_id, seq, sender_id, receiver_id, client_msg_id, type, text, reply_to_id,
         created_at, sender_position, receiver_position, array_to_tsvector(string_to_array(words, ' '))
  FROM unnest($9::uuid[], $10::uuid[], $11::bigint[], $12::uuid[], $13::uuid[], $14::text[], $15::text[], $16::text[],
              $17::uuid[], $18::timestamptz[], $19::bigint[], $20::bigint[], $21::text[])
       AS m(id, conversation_id, seq, sender_id, receiver_id, client_msg_id, type, text,
            reply_to_id, created_at, sender_position, receiver_position, words)`;

/** First messages also tell of their conversation, to those who did not have it. */
function appendBegun(stored: readonly StoredSend[]): Statement[] {
  const begun = stored.flatMap((message) => message.begun.map((entry) => ({ ...entry, message })));
  if (begun.length === 0) return [];
  return [
    {
      name: 'insert-begun-events',
      text: `INSERT INTO events (user_id, position, type, conversation_id, at)
             SELECT user_id, position, 'conversation.updated', conversation_id, at
             FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::timestamptz[]) AS e(user_id, position, conversation_id, at)`,
      values: [
        plainArray(begun.map((entry) => entry.userId)),
        plainArray(begun.map((entry) => entry.position)),
        plainArray(begun.map((entry) => entry.message.conversationId)),
        plainArray(begun.map((entry) => entry.message.createdAt)),
      ],
    },
  ];
}

function wordsOf({ senderId, receiverId, text }: StoredSend): string {
  return messageLexemes(senderId, receiverId, text).join(' ');
}

/**
 * What the search index holds of a message: the words of its text, and one
 * lexeme per member, so that a search is an intersection within one person's messages.
 */
export function messageLexemes(senderId: UserId, receiverId: UserId, text: string): string[] {
  return [...searchWords(text), memberLexeme(senderId), memberLexeme(receiverId)];
}

export function memberLexeme(userId: UserId): string {
  return `@${userId}`;
}
