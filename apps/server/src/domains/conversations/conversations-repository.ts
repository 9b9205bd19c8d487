import type { Conversation, ConversationId, ConversationSettings, Message, UserId } from '@couplet/protocol';
import { prepared, withIdAmong } from '../../database/prepared.ts';
import { hourOf, isoFromMicros, type Micros } from '../../database/timestamps.ts';
import type { Queryable } from '../../database/transaction.ts';
import type { AttachmentLinks } from '../attachments/stored-content.ts';
import { findMessages } from '../messages/messages-repository.ts';
import { type ConversationRow, conversationView } from './conversation-view.ts';

/** `$1` is the viewer. */
const SELECT_CONVERSATIONS = `
  SELECT c.id, c.created_at, c.last_activity_at, c.last_seq,
         (SELECT m.id FROM messages m WHERE m.conversation_id = c.id AND m.seq = c.last_seq) AS last_message_id,
         CASE WHEN c.user_a_id = $1 THEN c.unread_a ELSE c.unread_b END AS unread,
         mine.read_seq, mine.pinned, mine.muted_until, mine.archived, mine.draft, mine.settings_version,
         peers.delivered_seq AS peer_delivered_seq, peers.read_seq AS peer_read_seq,
         u.id AS peer_id, u.name AS peer_name, u.username AS peer_username, u.avatar_url AS peer_avatar_url,
         EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = $1 AND b.blocked_id = u.id) AS blocked
  FROM conversations c
  JOIN members mine ON mine.conversation_id = c.id AND mine.user_id = $1
  JOIN members peers ON peers.conversation_id = c.id AND peers.user_id <> $1
  JOIN users u ON u.id = peers.user_id`;

/** The two people of a conversation. Never changes, so it may be cached for ever. */
export interface Pair {
  conversationId: ConversationId;
  userAId: UserId;
  userBId: UserId;
}

export async function findPair(db: Queryable, conversationId: ConversationId): Promise<Pair | null> {
  const { rows } = await db.query<PairRow>('SELECT id, user_a_id, user_b_id FROM conversations WHERE id = $1', [conversationId]);
  return rows[0] ? pair(rows[0]) : null;
}

export async function findPairOf(db: Queryable, one: UserId, other: UserId): Promise<Pair | null> {
  const [a, b] = ordered(one, other);
  const { rows } = await db.query<PairRow>('SELECT id, user_a_id, user_b_id FROM conversations WHERE user_a_id = $1 AND user_b_id = $2', [a, b]);
  return rows[0] ? pair(rows[0]) : null;
}

/** Creates the conversation and its two members, unless the pair has one: then answers null. */
export async function createPair(
  db: Queryable,
  input: { id: ConversationId; initiatorId: UserId; peerId: UserId; now: Micros },
): Promise<Pair | null> {
  const [a, b] = ordered(input.initiatorId, input.peerId);
  const now = isoFromMicros(input.now);
  const { rows } = await db.query<PairRow>(
    `INSERT INTO conversations (id, user_a_id, user_b_id, initiator_id, created_at, last_activity_at, activity_hour)
     VALUES ($1, $2, $3, $4, $5, $5, $6) ON CONFLICT (user_a_id, user_b_id) DO NOTHING RETURNING id, user_a_id, user_b_id`,
    [input.id, a, b, input.initiatorId, now, isoFromMicros(hourOf(input.now))],
  );
  if (!rows[0]) return null;
  await db.query('INSERT INTO members (conversation_id, user_id) VALUES ($1, $2), ($1, $3)', [input.id, a, b]);
  return pair(rows[0]);
}

/** Whether either of the two blocked the other. */
export async function isBlockedBetween(db: Queryable, one: UserId, other: UserId): Promise<boolean> {
  const { rows } = await db.query(
    'SELECT 1 FROM blocks WHERE (blocker_id = $1 AND blocked_id = $2) OR (blocker_id = $2 AND blocked_id = $1) LIMIT 1',
    [one, other],
  );
  return rows.length > 0;
}

/** The viewer's views of these conversations, in no particular order; those of others are left out. */
export async function findConversations(db: Queryable, links: AttachmentLinks, viewerId: UserId, ids: readonly ConversationId[]): Promise<Conversation[]> {
  if (ids.length === 0) return [];
  const among = withIdAmong('c.id', 2, ids);
  return select(db, `WHERE ${among.condition}`, [viewerId, among.value], (rows) => readLast(db, links, viewerId, rows));
}

/** The viewer's unread counts of these conversations. */
export async function findUnreadCounts(
  db: Queryable,
  viewerId: UserId,
  ids: readonly ConversationId[],
): Promise<Map<ConversationId, number>> {
  if (ids.length === 0) return new Map();
  const among = withIdAmong('id', 2, ids);
  const { rows } = await db.query<{ id: ConversationId; unread: number }>(
    prepared(`SELECT id, CASE WHEN user_a_id = $1 THEN unread_a ELSE unread_b END AS unread FROM conversations WHERE ${among.condition}`, [viewerId, among.value]),
  );
  return new Map(rows.map((row) => [row.id, row.unread]));
}

/** Place in the list by last activity: the values of the last row of a page. */
export interface ActivityCursor {
  lastActivityAt: string;
  id: ConversationId;
}

/**
 * The viewer's conversations, the last active first. Each side of the pair has
 * an index by hour: the two are read in order and merged, so a page costs a
 * page, however many conversations there are.
 *
 * @param readLastMessages for who reads messages of these conversations anyway
 */
export async function listConversationsByActivity(
  db: Queryable,
  links: AttachmentLinks,
  viewerId: UserId,
  page: { after: ActivityCursor | null; limit: number },
  readLastMessages: ReadLastMessages = (rows) => readLast(db, links, viewerId, rows),
): Promise<Conversation[]> {
  const side = (column: 'user_a_id' | 'user_b_id') => `
    (SELECT id, last_activity_at, activity_hour FROM conversations
     WHERE ${column} = $1 AND (last_seq > 0 OR initiator_id = $1)
       AND ($2::timestamptz IS NULL OR (activity_hour <= date_trunc('hour', $2::timestamptz, 'UTC') AND (last_activity_at, id) < ($2::timestamptz, $3::uuid)))
     ORDER BY activity_hour DESC, last_activity_at DESC, id DESC LIMIT $4)`;
  return select(
    db,
    `JOIN (SELECT id FROM (${side('user_a_id')} UNION ALL ${side('user_b_id')}) both_sides
           ORDER BY last_activity_at DESC, id DESC LIMIT $4) page ON page.id = c.id
     ORDER BY c.last_activity_at DESC, c.id DESC`,
    [viewerId, page.after?.lastActivityAt ?? null, page.after?.id ?? null, page.limit],
    readLastMessages,
  );
}

/** Of these people, those with whom the viewer has a conversation and no block either way. */
export async function filterReachablePeers(db: Queryable, viewerId: UserId, userIds: readonly UserId[]): Promise<UserId[]> {
  if (userIds.length === 0) return [];
  const { rows } = await db.query<{ id: UserId }>(
    `SELECT p.id FROM unnest($2::uuid[]) AS p(id)
     WHERE EXISTS (SELECT 1 FROM conversations c WHERE c.user_a_id = least($1::uuid, p.id) AND c.user_b_id = greatest($1::uuid, p.id))
       AND NOT EXISTS (SELECT 1 FROM blocks b
                       WHERE (b.blocker_id = $1 AND b.blocked_id = p.id) OR (b.blocker_id = p.id AND b.blocked_id = $1))`,
    [viewerId, userIds],
  );
  return rows.map((row) => row.id);
}

/** The people the viewer talks with, the last active ones first. */
export async function listPeerIds(db: Queryable, viewerId: UserId, limit: number): Promise<UserId[]> {
  const { rows } = await db.query<{ peer_id: UserId }>(
    `SELECT peer_id FROM (
       (SELECT user_b_id AS peer_id, activity_hour FROM conversations WHERE user_a_id = $1 ORDER BY activity_hour DESC LIMIT $2)
       UNION ALL
       (SELECT user_a_id, activity_hour FROM conversations WHERE user_b_id = $1 ORDER BY activity_hour DESC LIMIT $2)
     ) peers ORDER BY activity_hour DESC LIMIT $2`,
    [viewerId, limit],
  );
  return rows.map((row) => row.peer_id);
}

/** Conversations that show these people to others, with who sees them; at most `limit` of each, the last active first. */
export async function listPeersOf(
  db: Queryable,
  userIds: readonly UserId[],
  limit: number,
): Promise<{ conversationId: ConversationId; peerId: UserId }[]> {
  const { rows } = await db.query<{ id: ConversationId; peer_id: UserId }>(
    `SELECT c.id, c.peer_id FROM unnest($1::uuid[]) AS u(id)
     CROSS JOIN LATERAL (
       SELECT id, peer_id FROM (
         SELECT id, user_b_id AS peer_id, activity_hour FROM conversations WHERE user_a_id = u.id AND (last_seq > 0 OR initiator_id <> u.id)
         UNION ALL
         SELECT id, user_a_id AS peer_id, activity_hour FROM conversations WHERE user_b_id = u.id AND (last_seq > 0 OR initiator_id <> u.id)
       ) shown ORDER BY activity_hour DESC LIMIT $2
     ) c`,
    [userIds, limit],
  );
  return rows.map((row) => ({ conversationId: row.id, peerId: row.peer_id }));
}

export async function updateMemberSettings(
  db: Queryable,
  conversationId: ConversationId,
  userId: UserId,
  settings: ConversationSettings,
): Promise<void> {
  await db.query(
    `UPDATE members SET pinned = coalesce($3, pinned), archived = coalesce($4, archived), draft = coalesce($5, draft),
            settings_version = settings_version + 1,
            muted_until = CASE WHEN $6 THEN $7::timestamptz ELSE muted_until END
     WHERE conversation_id = $1 AND user_id = $2`,
    [
      conversationId,
      userId,
      settings.pinned ?? null,
      settings.archived ?? null,
      settings.draft ?? null,
      settings.mutedUntil !== undefined,
      settings.mutedUntil ?? null,
    ],
  );
}

/** Of each of these conversations its last message, in any order. */
type ReadLastMessages = (rows: readonly Pick<ConversationRow, 'id' | 'last_message_id'>[]) => Promise<Message[]>;

/** The first value is the viewer. */
async function select(db: Queryable, rest: string, values: [UserId, ...unknown[]], readLastMessages: ReadLastMessages): Promise<Conversation[]> {
  const { rows } = await db.query<ConversationRow>(prepared(`${SELECT_CONVERSATIONS} ${rest}`, values));
  const byConversation = new Map((await readLastMessages(rows)).map((message) => [message.conversationId, message]));
  return rows.map((row) => conversationView(row, byConversation.get(row.id) ?? null));
}

async function readLast(db: Queryable, links: AttachmentLinks, viewerId: UserId, rows: Parameters<ReadLastMessages>[0]): Promise<Message[]> {
  return findMessages(db, links, viewerId, rows.flatMap((row) => row.last_message_id ?? []));
}

function ordered(one: UserId, other: UserId): [UserId, UserId] {
  return one < other ? [one, other] : [other, one];
}

interface PairRow {
  id: ConversationId;
  user_a_id: UserId;
  user_b_id: UserId;
}

function pair(row: PairRow): Pair {
  return { conversationId: row.id, userAId: row.user_a_id, userBId: row.user_b_id };
}
