import { type ConversationId, CoupletError, type MessageId, type UserId } from '@couplet/protocol';
import type pg from 'pg';
import { isoFromMicros, microsFromMillis } from '../database/timestamps.ts';
import type { Outcome } from './batcher.ts';
import { LockedLogs } from './locked-logs.ts';
import { commitWith, type WriteConnection } from './write-connection.ts';

export type WatermarkKind = 'delivered' | 'read';

/** "`userId` has received / read everything up to `seq`." The seq exists or the receipt is refused. */
export interface ReceiptRequest {
  userId: UserId;
  peerId: UserId;
  conversationId: ConversationId;
  kind: WatermarkKind;
  seq: number;
}

/** An event of a risen watermark in the log of one member. */
export interface ReceiptEvent {
  to: UserId;
  position: number;
  unreadCount: number;
}

/** What a receipt did. Without events: the watermark was already there. */
export interface StoredReceipt {
  kind: WatermarkKind;
  conversationId: ConversationId;
  userId: UserId;
  seq: number;
  messageId: MessageId;
  at: string;
  events: readonly ReceiptEvent[];
}

/**
 * Raises many watermarks in one transaction, with the lock order of sends:
 * event logs, then conversations. Watermarks only rise; reading implies having
 * received. The peer is told of both; the reader's own devices only of reading.
 */
export async function commitReceipts(
  connection: WriteConnection,
  requests: readonly ReceiptRequest[],
  now: () => number,
): Promise<readonly Outcome<StoredReceipt>[]> {
  return connection.transaction(requests.length, async (client) => {
    const locked = await lockAndRead(client, requests);
    const batch = new RaisedBatch(locked, isoFromMicros(microsFromMillis(now())));
    const outcomes = requests.map((request) => batch.raise(request));
    await commitWith(client, (to) => batch.statements(to));
    return outcomes;
  });
}

interface LockedMember {
  conversationId: ConversationId;
  userId: UserId;
  deliveredSeq: number;
  readSeq: number;
}

interface LockedConversation {
  id: ConversationId;
  userAId: UserId;
  lastSeq: number;
  unreadA: number;
  unreadB: number;
}

interface Locked {
  logs: LockedLogs;
  conversations: Map<ConversationId, LockedConversation>;
  members: Map<string, LockedMember>;
  /** Of the messages that receipts name, by conversation and seq. */
  messages: Map<string, { messageId: MessageId; unreadAbove: number }>;
}

async function lockAndRead(client: pg.Client, requests: readonly ReceiptRequest[]): Promise<Locked> {
  const userIds = new Set(requests.flatMap((request) => [request.userId, request.peerId]));
  const conversationIds = [...new Set(requests.map((request) => request.conversationId))];
  const [logs, conversations, members, messages] = await Promise.all([
    LockedLogs.lock(client, userIds),
    client.query<{ id: ConversationId; user_a_id: UserId; last_seq: number; unread_a: number; unread_b: number }>({
      name: 'lock-conversations-for-receipts',
      text: 'SELECT id, user_a_id, last_seq, unread_a, unread_b FROM conversations WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE',
      values: [conversationIds],
    }),
    client.query<{ conversation_id: ConversationId; user_id: UserId; delivered_seq: number; read_seq: number }>({
      name: 'read-members',
      text: `SELECT conversation_id, user_id, delivered_seq, read_seq FROM members
             JOIN unnest($1::uuid[], $2::uuid[]) AS r(c, u) ON conversation_id = r.c AND user_id = r.u`,
      values: [requests.map((request) => request.conversationId), requests.map((request) => request.userId)],
    }),
    // The count above a partly read conversation's watermark; none is counted when all of it was read.
    client.query<{ conversation_id: ConversationId; seq: number; id: MessageId; user_id: UserId; unread_above: number }>({
      name: 'find-receipt-messages',
      text: `SELECT m.conversation_id, m.seq, m.id, r.user_id,
                    CASE WHEN r.kind = 'read' THEN (
                      SELECT count(*) FROM messages u
                      WHERE u.conversation_id = m.conversation_id AND u.seq > m.seq AND u.receiver_id = r.user_id AND u.deleted_at IS NULL
                    ) ELSE 0 END AS unread_above
             FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::text[]) AS r(conversation_id, seq, user_id, kind)
             JOIN messages m ON m.conversation_id = r.conversation_id AND m.seq = r.seq`,
      values: [
        requests.map((request) => request.conversationId),
        requests.map((request) => request.seq),
        requests.map((request) => request.userId),
        requests.map((request) => request.kind),
      ],
    }),
  ]);
  const found: Locked['messages'] = new Map();
  for (const row of messages.rows) {
    const key = messageKey(row.conversation_id, row.seq, row.user_id);
    const before = found.get(key)?.unreadAbove ?? 0;
    found.set(key, { messageId: row.id, unreadAbove: Math.max(before, row.unread_above) });
  }
  return {
    logs,
    conversations: new Map(
      conversations.rows.map((row) => [
        row.id,
        { id: row.id, userAId: row.user_a_id, lastSeq: row.last_seq, unreadA: row.unread_a, unreadB: row.unread_b },
      ]),
    ),
    members: new Map(
      members.rows.map((row) => [
        memberKey(row.conversation_id, row.user_id),
        { conversationId: row.conversation_id, userId: row.user_id, deliveredSeq: row.delivered_seq, readSeq: row.read_seq },
      ]),
    ),
    messages: found,
  };
}

class RaisedBatch {
  readonly #locked: Locked;
  readonly #at: string;
  readonly #raised: StoredReceipt[] = [];
  readonly #advances: { conversationId: ConversationId; userId: UserId; kind: WatermarkKind; seq: number }[] = [];
  readonly #touchedMembers = new Set<LockedMember>();
  readonly #touchedConversations = new Set<LockedConversation>();

  constructor(locked: Locked, at: string) {
    this.#locked = locked;
    this.#at = at;
  }

  raise(request: ReceiptRequest): Outcome<StoredReceipt> {
    const conversation = this.#locked.conversations.get(request.conversationId);
    const member = this.#locked.members.get(memberKey(request.conversationId, request.userId));
    const message = this.#locked.messages.get(messageKey(request.conversationId, request.seq, request.userId));
    if (!conversation || !member || !message) return { status: 'rejected', error: new CoupletError('not_found') };
    const events: ReceiptEvent[] = [];
    const receipt: StoredReceipt = {
      kind: request.kind,
      conversationId: request.conversationId,
      userId: request.userId,
      seq: request.seq,
      messageId: message.messageId,
      at: this.#at,
      events,
    };
    const before = request.kind === 'read' ? member.readSeq : member.deliveredSeq;
    if (request.seq <= before) return { status: 'done', result: receipt };

    if (request.seq > member.deliveredSeq) this.#advance(member, 'delivered', request.seq);
    const readerIsA = request.userId === conversation.userAId;
    if (request.kind === 'read') {
      this.#advance(member, 'read', request.seq);
      if (readerIsA) conversation.unreadA = message.unreadAbove;
      else conversation.unreadB = message.unreadAbove;
      this.#touchedConversations.add(conversation);
      events.push({ to: request.userId, position: this.#locked.logs.nextPosition(request.userId), unreadCount: message.unreadAbove });
    }
    const peerUnread = readerIsA ? conversation.unreadB : conversation.unreadA;
    events.push({ to: request.peerId, position: this.#locked.logs.nextPosition(request.peerId), unreadCount: peerUnread });
    this.#raised.push(receipt);
    return { status: 'done', result: receipt };
  }

  #advance(member: LockedMember, kind: WatermarkKind, seq: number): void {
    if (kind === 'read') member.readSeq = seq;
    else member.deliveredSeq = seq;
    this.#touchedMembers.add(member);
    this.#advances.push({ conversationId: member.conversationId, userId: member.userId, kind, seq });
  }

  statements(client: pg.Client): Promise<unknown>[] {
    if (this.#raised.length === 0) return [];
    const [userIds, lastPositions] = this.#locked.logs.advanced();
    const members = [...this.#touchedMembers];
    const conversations = [...this.#touchedConversations];
    const advances = this.#advances;
    const events = this.#raised.flatMap((receipt) => receipt.events.map((event) => ({ ...event, receipt })));
    return [
      client.query({
        name: 'advance-event-logs',
        text: `UPDATE event_logs SET last_position = v.last_position
               FROM unnest($1::uuid[], $2::bigint[]) AS v(user_id, last_position) WHERE event_logs.user_id = v.user_id`,
        values: [userIds, lastPositions],
      }),
      client.query({
        name: 'raise-watermarks',
        text: `UPDATE members SET delivered_seq = v.delivered_seq, read_seq = v.read_seq
               FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[]) AS v(conversation_id, user_id, delivered_seq, read_seq)
               WHERE members.conversation_id = v.conversation_id AND members.user_id = v.user_id`,
        values: [
          members.map((member) => member.conversationId),
          members.map((member) => member.userId),
          members.map((member) => member.deliveredSeq),
          members.map((member) => member.readSeq),
        ],
      }),
      client.query({
        name: 'insert-watermark-advances',
        text: `INSERT INTO watermark_advances (conversation_id, user_id, kind, seq, at)
               SELECT conversation_id, user_id, kind, seq, $5::timestamptz
               FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[]) AS v(conversation_id, user_id, kind, seq)`,
        values: [
          advances.map((advance) => advance.conversationId),
          advances.map((advance) => advance.userId),
          advances.map((advance) => advance.kind),
          advances.map((advance) => advance.seq),
          this.#at,
        ],
      }),
      client.query({
        name: 'set-unread-counts',
        text: `UPDATE conversations SET unread_a = v.unread_a, unread_b = v.unread_b
               FROM unnest($1::uuid[], $2::int[], $3::int[]) AS v(id, unread_a, unread_b) WHERE conversations.id = v.id`,
        values: [
          conversations.map((conversation) => conversation.id),
          conversations.map((conversation) => conversation.unreadA),
          conversations.map((conversation) => conversation.unreadB),
        ],
      }),
      client.query({
        name: 'insert-receipt-events',
        text: `INSERT INTO events (user_id, position, type, conversation_id, message_id, member_id, seq, at)
               SELECT user_id, position, 'chat.message.' || kind, conversation_id, message_id, member_id, seq, $8::timestamptz
               FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::uuid[], $5::uuid[], $6::uuid[], $7::bigint[])
                    AS e(user_id, position, kind, conversation_id, message_id, member_id, seq)`,
        values: [
          events.map((event) => event.to),
          events.map((event) => event.position),
          events.map((event) => event.receipt.kind),
          events.map((event) => event.receipt.conversationId),
          events.map((event) => event.receipt.messageId),
          events.map((event) => event.receipt.userId),
          events.map((event) => event.receipt.seq),
          this.#at,
        ],
      }),
    ];
  }
}

function memberKey(conversationId: ConversationId, userId: UserId): string {
  return `${conversationId} ${userId}`;
}

function messageKey(conversationId: ConversationId, seq: number, userId: UserId): string {
  return `${conversationId} ${seq} ${userId}`;
}
