import {
  type Conversation,
  type ConversationId,
  CoupletError,
  type Epoch,
  type Event,
  eventSchema,
  type EventType,
  LIMITS,
  type Message,
  type MessageId,
  type SyncPage,
  type UserId,
} from '@couplet/protocol';
import type pg from 'pg';
import { prepared } from '../database/prepared.ts';
import type { Queryable } from '../database/transaction.ts';

/** What the log refers to, read by the domains that own it. */
export interface EventSources {
  findMessages(db: Queryable, viewerId: UserId, ids: readonly MessageId[]): Promise<Message[]>;
  findConversations(db: Queryable, viewerId: UserId, ids: readonly ConversationId[]): Promise<Conversation[]>;
  findUnreadCounts(db: Queryable, viewerId: UserId, ids: readonly ConversationId[]): Promise<Map<ConversationId, number>>;
}

/** One entry of a log, before what it refers to is read. */
export interface LogEntry {
  position: number;
  type: EventType;
  conversation_id: ConversationId;
  message_id: MessageId | null;
  member_id: UserId | null;
  seq: number | null;
  at: string | null;
}

/**
 * Reads users' event logs. A log is the union of two tables: `messages`, whose
 * rows carry both members' positions, and `events` for every other change.
 */
export class EventLogReader {
  readonly #pool: pg.Pool;
  readonly #sources: EventSources;
  readonly #onSkipped: (entry: LogEntry, reason: string) => void;
  #epoch: Epoch | undefined;

  /** @param onSkipped reports an entry that could not be read; it never breaks a page */
  constructor(pool: pg.Pool, sources: EventSources, onSkipped: (entry: LogEntry, reason: string) => void) {
    this.#pool = pool;
    this.#sources = sources;
    this.#onSkipped = onSkipped;
  }

  /** Identity of the numbering: constant while the server runs. */
  async epoch(): Promise<Epoch> {
    this.#epoch ??= (await this.#pool.query<{ epoch: Epoch }>('SELECT epoch FROM deployment')).rows[0]?.epoch;
    if (!this.#epoch) throw new Error('The deployment row is missing');
    return this.#epoch;
  }

  /** The end of the log: everything up to it is committed. */
  async lastPosition(userId: UserId, db: Queryable = this.#pool): Promise<number> {
    const { rows } = await db.query<{ last_position: number }>(prepared('SELECT last_position FROM event_logs WHERE user_id = $1', [userId]));
    if (!rows[0]) throw new CoupletError('not_found', 'This user has no event log.');
    return rows[0].last_position;
  }

  /** The ends of many logs. A user without one is left out. */
  async lastPositions(userIds: readonly UserId[]): Promise<Map<UserId, number>> {
    const { rows } = await this.#pool.query<{ user_id: UserId; last_position: number }>(
      'SELECT user_id, last_position FROM event_logs WHERE user_id = ANY($1::uuid[])',
      [userIds],
    );
    return new Map(rows.map((row) => [row.user_id, row.last_position]));
  }

  /**
   * Everything after `since`, in order. Nothing at or below the answered
   * position can appear later: positions are given under the log's row lock and
   * the page is read by one statement, so what it does not see has a higher one.
   *
   * @throws CoupletError `too_old` when the log does not reach back that far, ends before it, or is of another epoch
   */
  async read(userId: UserId, query: { since: number; epoch?: Epoch | undefined; limit?: number | undefined }): Promise<SyncPage> {
    const epoch = await this.epoch();
    if (query.epoch !== undefined && query.epoch !== epoch) throw new CoupletError('too_old');
    const limit = query.limit ?? LIMITS.syncPageSize;
    const { rows } = await this.#pool.query<LogEntry & { last_position: number; trimmed_position: number }>(prepared(READ_PAGE, [userId, query.since, limit]));
    const [first] = rows;
    if (!first) throw new CoupletError('not_found', 'This user has no event log.');
    if (query.since < first.trimmed_position || query.since > first.last_position) throw new CoupletError('too_old');
    // The outer join answers one row without an entry for an empty page.
    const entries = rows.filter((row) => row.position !== null);
    const position = entries.at(-1)?.position ?? query.since;
    return { epoch, events: await this.hydrate(userId, entries), position, hasMore: position < first.last_position };
  }

  /** Of these logs, the ends of those that reach further than told. One query for many users. */
  async findLonger(ends: ReadonlyMap<UserId, number>): Promise<Map<UserId, number>> {
    const { rows } = await this.#pool.query<{ user_id: UserId; last_position: number }>(
      `SELECT l.user_id, l.last_position FROM unnest($1::uuid[], $2::bigint[]) AS known (user_id, position)
       JOIN event_logs l ON l.user_id = known.user_id WHERE l.last_position > known.position`,
      [[...ends.keys()], [...ends.values()]],
    );
    return new Map(rows.map((row) => [row.user_id, row.last_position]));
  }

  /** The events after `since`, for connections that are live: what the log no longer has they cannot be told. */
  async readLive(userId: UserId, since: number, limit: number): Promise<Event[]> {
    try {
      return (await this.read(userId, { since, limit })).events;
    } catch (error) {
      if (error instanceof CoupletError && error.code === 'too_old') return [];
      throw error;
    }
  }

  /** Reads what entries refer to, as it stands now: applying it twice or late changes nothing. */
  async hydrate(userId: UserId, entries: readonly LogEntry[]): Promise<Event[]> {
    const conversationIds = [...new Set(entries.map((entry) => entry.conversation_id))];
    const begun = entries.filter((entry) => entry.type === 'conversation.updated').map((entry) => entry.conversation_id);
    const [messages, conversations, unread] = await Promise.all([
      this.#sources.findMessages(this.#pool, userId, entries.filter(showsMessage).flatMap((entry) => entry.message_id ?? [])),
      this.#sources.findConversations(this.#pool, userId, [...new Set(begun)]),
      this.#sources.findUnreadCounts(this.#pool, userId, conversationIds),
    ]);
    const messageById = new Map(messages.map((message) => [message.id, message]));
    const conversationById = new Map(conversations.map((conversation) => [conversation.id, conversation]));
    return entries.flatMap((entry) => {
      const parsed = eventSchema.safeParse(rawEvent(entry, messageById, conversationById, unread));
      if (parsed.success) return [parsed.data];
      this.#onSkipped(entry, parsed.error.issues[0]?.message ?? 'unreadable');
      return [];
    });
  }
}

function rawEvent(
  entry: LogEntry,
  messages: ReadonlyMap<MessageId, Message>,
  conversations: ReadonlyMap<ConversationId, Conversation>,
  unread: ReadonlyMap<ConversationId, number>,
): unknown {
  const { type, position } = entry;
  const unreadCount = unread.get(entry.conversation_id);
  switch (type) {
    case 'chat.message.new':
    case 'chat.message.updated':
      return { type, position, message: entry.message_id && messages.get(entry.message_id), unreadCount };
    case 'chat.message.delivered':
    case 'chat.message.read':
      return {
        type,
        position,
        conversationId: entry.conversation_id,
        userId: entry.member_id,
        seq: entry.seq,
        messageId: entry.message_id,
        at: entry.at,
        unreadCount,
      };
    case 'conversation.updated':
      return { type, position, conversation: conversations.get(entry.conversation_id) };
  }
}

function showsMessage(entry: LogEntry): boolean {
  return entry.type === 'chat.message.new' || entry.type === 'chat.message.updated';
}

/** Three indexed ranges, each cut to the page, merged by position. `$1` user, `$2` since, `$3` limit. */
const READ_PAGE = `
  SELECT l.last_position, l.trimmed_position, e.*
  FROM event_logs l
  LEFT JOIN LATERAL (
    SELECT * FROM (
      (SELECT sender_position AS position, 'chat.message.new' AS type, conversation_id, id AS message_id,
              NULL::uuid AS member_id, NULL::bigint AS seq, NULL::timestamptz AS at
       FROM messages WHERE sender_id = $1 AND sender_position > $2 ORDER BY sender_position LIMIT $3)
      UNION ALL
      (SELECT receiver_position, 'chat.message.new', conversation_id, id, NULL, NULL, NULL
       FROM messages WHERE receiver_id = $1 AND receiver_position > $2 ORDER BY receiver_position LIMIT $3)
      UNION ALL
      (SELECT position, type, conversation_id, message_id, member_id, seq, at
       FROM events WHERE user_id = $1 AND position > $2 ORDER BY position LIMIT $3)
    ) log ORDER BY position LIMIT $3
  ) e ON true
  WHERE l.user_id = $1
  ORDER BY e.position`;
