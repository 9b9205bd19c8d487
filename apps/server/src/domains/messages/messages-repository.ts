import { type ConversationId, LIMITS, type Message, type MessageId, type Reaction, type SharedMediaKind, type UserId } from '@couplet/protocol';
import { prepared, withIdAmong } from '../../database/prepared.ts';
import type { Queryable, Transaction } from '../../database/transaction.ts';
import type { AttachmentLinks } from '../attachments/stored-content.ts';
import { messageView, type MessageRow } from './message-view.ts';
import { type PlainMessageRow, withReceiptTimes } from './receipt-times.ts';

const COLUMNS = `
  m.id, m.conversation_id, m.seq, m.sender_id, m.receiver_id, m.client_msg_id, m.type, m.text, m.attachments, m.reactions, m.version,
  m.created_at, m.edited_at, m.deleted_at,
  m.reply_to_id, o.seq AS reply_seq, o.sender_id AS reply_sender_id, o.type AS reply_type, left(o.text, ${LIMITS.excerptLength}) AS reply_excerpt`;

/** deliveredAt and readAt: the first advance of the receiver's watermark that covered the message. */
const SELECT_MESSAGES = `
  SELECT ${COLUMNS},
         (SELECT w.at FROM watermark_advances w
          WHERE w.conversation_id = m.conversation_id AND w.user_id = m.receiver_id AND w.kind = 'delivered' AND w.seq >= m.seq
          ORDER BY w.seq LIMIT 1) AS delivered_at,
         (SELECT w.at FROM watermark_advances w
          WHERE w.conversation_id = m.conversation_id AND w.user_id = m.receiver_id AND w.kind = 'read' AND w.seq >= m.seq
          ORDER BY w.seq LIMIT 1) AS read_at
  FROM messages m LEFT JOIN messages o ON o.id = m.reply_to_id`;

/** For messages that lie side by side: `withReceiptTimes` adds when they were received and read. */
const SELECT_PLAIN_MESSAGES = `SELECT ${COLUMNS} FROM messages m LEFT JOIN messages o ON o.id = m.reply_to_id`;

/** Which stretch of a conversation, by seq. Exclusive bounds. */
export type PageQuery =
  | { at: 'end'; limit: number }
  | { at: 'before' | 'after'; seq: number; limit: number };

/** Newest first, at most `limit` messages. */
export async function listMessagePage(db: Queryable, links: AttachmentLinks, viewerId: UserId, conversationId: ConversationId, query: PageQuery): Promise<Message[]> {
  const read = async (rest: string, values: unknown[]) =>
    (await db.query<PlainMessageRow>(prepared(`${SELECT_PLAIN_MESSAGES} WHERE m.conversation_id = $1 ${rest}`, [conversationId, query.limit, ...values]))).rows;
  const view = async (rows: readonly PlainMessageRow[], reach: 'to the end' | 'within') =>
    (await withReceiptTimes(db, rows, reach)).map((row) => messageView(row, viewerId, links));
  switch (query.at) {
    case 'end':
      return view(await read('ORDER BY m.seq DESC LIMIT $2', []), 'to the end');
    case 'before':
      return view(await read('AND m.seq < $3 ORDER BY m.seq DESC LIMIT $2', [query.seq]), 'within');
    case 'after':
      return view((await read('AND m.seq > $3 ORDER BY m.seq LIMIT $2', [query.seq])).reverse(), 'within');
  }
}

/** With what a message counts as shared: as it stands in the index of each, word for word, so that the index serves it. */
const CARRIES: Record<SharedMediaKind, string> = {
  media: `(m.attachments @> '[{"type": "image"}]' OR m.attachments @> '[{"type": "video"}]')`,
  files: `m.attachments @> '[{"type": "file"}]'`,
};

/** Messages that carry something of this kind, newest first, at most `limit`. */
export async function listSharedMediaPage(
  db: Queryable,
  links: AttachmentLinks,
  query: { viewerId: UserId; conversationId: ConversationId; kind: SharedMediaKind; place: PageQuery },
): Promise<Message[]> {
  const { viewerId, conversationId, kind, place } = query;
  const carrying = `WHERE m.conversation_id = $1 AND ${CARRIES[kind]}`;
  switch (place.at) {
    case 'end':
      return select(db, links, viewerId, `${carrying} ORDER BY m.seq DESC LIMIT $2`, [conversationId, place.limit]);
    case 'before':
      return select(db, links, viewerId, `${carrying} AND m.seq < $3 ORDER BY m.seq DESC LIMIT $2`, [conversationId, place.limit, place.seq]);
    case 'after': {
      const ascending = await select(db, links, viewerId, `${carrying} AND m.seq > $3 ORDER BY m.seq LIMIT $2`, [conversationId, place.limit, place.seq]);
      return ascending.reverse();
    }
  }
}

/** The newest `limit` messages of each of these conversations, by conversation, newest first. */
export async function listNewestOfEach(
  db: Queryable,
  links: AttachmentLinks,
  viewerId: UserId,
  conversationIds: readonly ConversationId[],
  limit: number,
): Promise<Message[]> {
  const { rows } = await db.query<PlainMessageRow>(
    prepared(
      `SELECT ${COLUMNS} FROM unnest($1::uuid[]) AS c(id)
       CROSS JOIN LATERAL (SELECT * FROM messages WHERE conversation_id = c.id ORDER BY seq DESC LIMIT $2) m
       LEFT JOIN messages o ON o.id = m.reply_to_id
       ORDER BY m.conversation_id, m.seq DESC`,
      [conversationIds, limit],
    ),
  );
  return (await withReceiptTimes(db, rows, 'to the end')).map((row) => messageView(row, viewerId, links));
}

/**
 * The place in a conversation that a time falls at: the highest seq stored up
 * to then, or `before` it. Time rises with seq, so it is found by halving:
 * a look at 17 rows for 100,000 messages, and no index of its own.
 */
export async function findSeqAt(db: Queryable, conversationId: ConversationId, at: { until: string } | { before: string }): Promise<number> {
  const [comparison, timestamp] = 'until' in at ? ['<=', at.until] : ['<', at.before];
  const { rows } = await db.query<{ seq: number }>(
    `WITH RECURSIVE halving(low, high) AS (
       SELECT 0::bigint, last_seq FROM conversations WHERE id = $1
       UNION ALL
       SELECT CASE WHEN probe.lies_within THEN probe.seq ELSE low END, CASE WHEN probe.lies_within THEN high ELSE probe.seq - 1 END
       FROM halving CROSS JOIN LATERAL (
         SELECT middle.seq, coalesce((SELECT m.created_at ${comparison} $2::timestamptz FROM messages m
                                      WHERE m.conversation_id = $1 AND m.seq >= middle.seq ORDER BY m.seq LIMIT 1), false) AS lies_within
         FROM (SELECT (low + high + 1) / 2 AS seq) middle
       ) probe
       WHERE low < high
     )
     SELECT low AS seq FROM halving WHERE low = high`,
    [conversationId, timestamp],
  );
  return rows[0]?.seq ?? 0;
}

/** The messages that each of these advances of a member's watermark covered first, at most `limit` of each, oldest first. */
export async function listCoveredMessages(
  db: Queryable,
  links: AttachmentLinks,
  viewerId: UserId,
  advances: readonly { conversationId: ConversationId; userId: UserId; kind: 'delivered' | 'read'; seq: number }[],
  limit: number,
): Promise<Message[]> {
  if (advances.length === 0) return [];
  return select(
    db,
    links,
    viewerId,
    `WHERE m.id IN (
       SELECT covered.id FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[]) AS a(conversation_id, user_id, kind, seq)
       CROSS JOIN LATERAL (
         SELECT id FROM messages n
         WHERE n.conversation_id = a.conversation_id AND n.sender_id <> a.user_id AND n.seq <= a.seq
           AND n.seq > coalesce((SELECT max(w.seq) FROM watermark_advances w
                                 WHERE w.conversation_id = a.conversation_id AND w.user_id = a.user_id AND w.kind = a.kind AND w.seq < a.seq), 0)
         ORDER BY n.seq DESC LIMIT $5
       ) covered
     ) ORDER BY m.conversation_id, m.seq`,
    [advances.map((a) => a.conversationId), advances.map((a) => a.userId), advances.map((a) => a.kind), advances.map((a) => a.seq), limit],
  );
}

/** In no particular order; ids of nothing are left out. */
export async function findMessages(db: Queryable, links: AttachmentLinks, viewerId: UserId, ids: readonly MessageId[]): Promise<Message[]> {
  if (ids.length === 0) return [];
  const among = withIdAmong('m.id', 1, ids);
  return select(db, links, viewerId, `WHERE ${among.condition}`, [among.value]);
}

/** Both members of a message, for authorising a change of it. */
export async function findMessageMembers(
  db: Queryable,
  id: MessageId,
): Promise<{ conversationId: ConversationId; seq: number; senderId: UserId; receiverId: UserId } | null> {
  const { rows } = await db.query<MessageRow>('SELECT conversation_id, seq, sender_id, receiver_id FROM messages WHERE id = $1', [id]);
  const row = rows[0];
  return row ? { conversationId: row.conversation_id, seq: row.seq, senderId: row.sender_id, receiverId: row.receiver_id } : null;
}

async function select(db: Queryable, links: AttachmentLinks, viewerId: UserId, rest: string, values: unknown[]): Promise<Message[]> {
  const { rows } = await db.query<MessageRow>(prepared(`${SELECT_MESSAGES} ${rest}`, values));
  return rows.map((row) => messageView(row, viewerId, links));
}

/** A message under its row lock and its conversation's, with what decides whether it may change. */
export interface LockedMessage {
  conversationId: ConversationId;
  senderId: UserId;
  receiverId: UserId;
  text: string | null;
  reactions: Reaction[];
  isDeleted: boolean;
  /** Either member blocked the other. */
  isBlocked: boolean;
}

/** The conversation is locked first, as every other writer does. */
export async function lockMessage(tx: Transaction, id: MessageId): Promise<LockedMessage | null> {
  await tx.query(
    'SELECT 1 FROM conversations WHERE id = (SELECT conversation_id FROM messages WHERE id = $1) FOR UPDATE',
    [id],
  );
  const { rows } = await tx.query<MessageRow & { blocked: boolean }>(
    `SELECT conversation_id, sender_id, receiver_id, text, reactions, deleted_at,
            EXISTS (SELECT 1 FROM blocks WHERE (blocker_id = sender_id AND blocked_id = receiver_id)
                                            OR (blocker_id = receiver_id AND blocked_id = sender_id)) AS blocked
     FROM messages WHERE id = $1 FOR UPDATE`,
    [id],
  );
  const row = rows[0];
  if (!row) return null;
  return {
    conversationId: row.conversation_id,
    senderId: row.sender_id,
    receiverId: row.receiver_id,
    text: row.text,
    reactions: row.reactions ?? [],
    isDeleted: row.deleted_at !== null,
    isBlocked: row.blocked,
  };
}

export async function updateMessageText(tx: Transaction, id: MessageId, text: string, lexemes: readonly string[]): Promise<void> {
  await tx.query(
    `UPDATE messages SET text = $2, search = array_to_tsvector($3::text[]), edited_at = now(), version = version + 1 WHERE id = $1`,
    [id, text, lexemes],
  );
}

export async function updateReactions(tx: Transaction, id: MessageId, reactions: readonly Reaction[]): Promise<void> {
  await tx.query('UPDATE messages SET reactions = $2::jsonb, version = version + 1 WHERE id = $1', [id, JSON.stringify(reactions)]);
}

/** Leaves a tombstone, and counts it out of the receiver's unread messages when it was one of them. */
export async function entombMessage(tx: Transaction, id: MessageId): Promise<void> {
  await tx.query(
    `UPDATE messages SET text = NULL, attachments = NULL, reactions = NULL, search = ''::tsvector, deleted_at = now(), version = version + 1 WHERE id = $1`,
    [id],
  );
  await tx.query(
    `UPDATE conversations c
     SET unread_a = c.unread_a - CASE WHEN m.receiver_id = c.user_a_id THEN 1 ELSE 0 END,
         unread_b = c.unread_b - CASE WHEN m.receiver_id = c.user_b_id THEN 1 ELSE 0 END
     FROM messages m JOIN members receiver ON receiver.conversation_id = m.conversation_id AND receiver.user_id = m.receiver_id
     WHERE m.id = $1 AND c.id = m.conversation_id AND m.seq > receiver.read_seq`,
    [id],
  );
}

/** Replies show an excerpt of what they reply to: when that changes, so do they. */
export async function renewReplies(tx: Transaction, id: MessageId): Promise<MessageId[]> {
  const { rows } = await tx.query<{ id: MessageId }>('UPDATE messages SET version = version + 1 WHERE reply_to_id = $1 RETURNING id', [id]);
  return rows.map((row) => row.id);
}
