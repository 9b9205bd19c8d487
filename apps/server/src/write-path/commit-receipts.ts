import { type ConversationId, CoupletError, type MessageId, type UserId } from '@couplet/protocol';
import { isoFromMicros, microsFromMillis } from '../database/timestamps.ts';
import { plainArray } from './array-literals.ts';
import type { Outcome } from './batcher.ts';
import { LockedLogs, lockLogs } from './locked-logs.ts';
import type { WriteConnection } from './write-connection.ts';
import { numberAt, type Statement, textAt, type TextRow } from './write-transaction.ts';

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
  let outcomes: readonly Outcome<StoredReceipt>[] = [];
  await connection.transaction(requests.length, {
    first: lockAndRead(requests),
    second(answers) {
      const batch = new RaisedBatch(locked(answers), isoFromMicros(microsFromMillis(now())));
      outcomes = requests.map((request) => batch.raise(request));
      return batch.statements();
    },
  });
  return outcomes;
}

interface LockedMember {
  conversationId: ConversationId;
  userId: UserId;
  deliveredSeq: number;
  readSeq: number;
  /** As this batch found them. */
  deliveredBefore: number;
  readBefore: number;
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

function lockAndRead(requests: readonly ReceiptRequest[]): Statement[] {
  const conversationIds = plainArray(requests.map((request) => request.conversationId));
  const userIds = plainArray(requests.map((request) => request.userId));
  return [
    lockLogs(new Set(requests.flatMap((request) => [request.userId, request.peerId]))),
    {
      name: 'lock-conversations-for-receipts',
      text: 'SELECT id, user_a_id, last_seq, unread_a, unread_b FROM conversations WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE',
      values: [plainArray([...new Set(requests.map((request) => request.conversationId))])],
    },
    {
      name: 'read-members',
      text: `SELECT conversation_id, user_id, delivered_seq, read_seq FROM members
             JOIN unnest($1::uuid[], $2::uuid[]) AS r(c, u) ON conversation_id = r.c AND user_id = r.u`,
      values: [conversationIds, userIds],
    },
    // The count above a partly read conversation's watermark; none is counted when all of it was read.
    // By the sender who is not the reader: asked for its receiver, PostgreSQL reads that person's whole index besides.
    {
      name: 'find-receipt-messages',
      text: `SELECT m.conversation_id, m.seq, m.id, r.user_id,
                    CASE WHEN r.kind = 'read' THEN (
                      SELECT count(*) FROM messages u
                      WHERE u.conversation_id = m.conversation_id AND u.seq > m.seq AND u.sender_id <> r.user_id AND u.deleted_at IS NULL
                    ) ELSE 0 END
             FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::text[]) AS r(conversation_id, seq, user_id, kind)
             JOIN messages m ON m.conversation_id = r.conversation_id AND m.seq = r.seq`,
      values: [
        conversationIds,
        plainArray(requests.map((request) => request.seq)),
        userIds,
        plainArray(requests.map((request) => request.kind)),
      ],
    },
  ];
}

/** @param answers to `lockAndRead` */
function locked([logs = [], conversations = [], members = [], messages = []]: readonly (readonly TextRow[])[]): Locked {
  const found: Locked['messages'] = new Map();
  for (const row of messages) {
    const key = messageKey(textAt(row, 0) as ConversationId, numberAt(row, 1), textAt(row, 3) as UserId);
    const before = found.get(key)?.unreadAbove ?? 0;
    found.set(key, { messageId: textAt(row, 2) as MessageId, unreadAbove: Math.max(before, numberAt(row, 4)) });
  }
  return {
    logs: new LockedLogs(logs),
    conversations: new Map(conversations.map(lockedConversation).map((conversation) => [conversation.id, conversation])),
    members: new Map(members.map(lockedMember).map((member) => [memberKey(member.conversationId, member.userId), member])),
    messages: found,
  };
}

function lockedConversation(row: TextRow): LockedConversation {
  return {
    id: textAt(row, 0) as ConversationId,
    userAId: textAt(row, 1) as UserId,
    lastSeq: numberAt(row, 2),
    unreadA: numberAt(row, 3),
    unreadB: numberAt(row, 4),
  };
}

function lockedMember(row: TextRow): LockedMember {
  return {
    conversationId: textAt(row, 0) as ConversationId,
    userId: textAt(row, 1) as UserId,
    deliveredSeq: numberAt(row, 2),
    readSeq: numberAt(row, 3),
    deliveredBefore: numberAt(row, 2),
    readBefore: numberAt(row, 3),
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

  statements(): Statement[] {
    if (this.#raised.length === 0) return [];
    const [userIds, lastPositions] = this.#locked.logs.advanced();
    const members = [...this.#touchedMembers];
    const conversations = [...this.#touchedConversations];
    const advances = this.#advances;
    const events = this.#raised.flatMap((receipt) => receipt.events.map((event) => ({ ...event, receipt })));
    return [
      {
        name: 'advance-event-logs',
        text: `UPDATE event_logs SET last_position = v.last_position
               FROM unnest($1::uuid[], $2::bigint[]) AS v(user_id, last_position) WHERE event_logs.user_id = v.user_id`,
        values: [plainArray(userIds), plainArray(lastPositions)],
      },
      {
        name: 'raise-watermarks',
        text: RAISE_WATERMARKS,
        values: [
          plainArray(members.map((member) => member.conversationId)),
          plainArray(members.map((member) => member.userId)),
          plainArray(members.map((member) => member.deliveredSeq)),
          plainArray(members.map((member) => member.readSeq)),
          plainArray(members.map((member) => member.deliveredBefore)),
          plainArray(members.map((member) => member.readBefore)),
        ],
      },
      {
        name: 'insert-watermark-advances',
        text: `INSERT INTO watermark_advances (conversation_id, user_id, kind, seq, at)
               SELECT conversation_id, user_id, kind, seq, $5::timestamptz
               FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[]) AS v(conversation_id, user_id, kind, seq)`,
        values: [
          plainArray(advances.map((advance) => advance.conversationId)),
          plainArray(advances.map((advance) => advance.userId)),
          plainArray(advances.map((advance) => advance.kind)),
          plainArray(advances.map((advance) => advance.seq)),
          this.#at,
        ],
      },
      {
        name: 'set-unread-counts',
        text: `UPDATE conversations SET unread_a = v.unread_a, unread_b = v.unread_b
               FROM unnest($1::uuid[], $2::int[], $3::int[]) AS v(id, unread_a, unread_b) WHERE conversations.id = v.id`,
        values: [
          plainArray(conversations.map((conversation) => conversation.id)),
          plainArray(conversations.map((conversation) => conversation.unreadA)),
          plainArray(conversations.map((conversation) => conversation.unreadB)),
        ],
      },
      {
        name: 'insert-receipt-events',
        text: `INSERT INTO events (user_id, position, type, conversation_id, message_id, member_id, seq, at)
               SELECT user_id, position, 'chat.message.' || kind, conversation_id, message_id, member_id, seq, $8::timestamptz
               FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::uuid[], $5::uuid[], $6::uuid[], $7::bigint[])
                    AS e(user_id, position, kind, conversation_id, message_id, member_id, seq)`,
        values: [
          plainArray(events.map((event) => event.to)),
          plainArray(events.map((event) => event.position)),
          plainArray(events.map((event) => event.receipt.kind)),
          plainArray(events.map((event) => event.receipt.conversationId)),
          plainArray(events.map((event) => event.receipt.messageId)),
          plainArray(events.map((event) => event.receipt.userId)),
          plainArray(events.map((event) => event.receipt.seq)),
          this.#at,
        ],
      },
    ];
  }
}

/**
 * What was pushed last is covered by a watermark only now: its notification is to
 * go (read), and it counts as having arrived (acknowledged). Seen in the row that
 * is written, under its lock: a push is marked there before it is sent.
 */
const RAISE_WATERMARKS = `
  WITH raised AS (
    UPDATE members SET delivered_seq = v.delivered_seq, read_seq = v.read_seq
    FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
         AS v(conversation_id, user_id, delivered_seq, read_seq, delivered_before, read_before)
    WHERE members.conversation_id = v.conversation_id AND members.user_id = v.user_id
    RETURNING members.conversation_id, members.user_id, members.pushed_seq, v.delivered_seq, v.read_seq, v.delivered_before, v.read_before
  )
  INSERT INTO due_pushes (due_at, user_id, conversation_id, seq, kind)
  SELECT clock_timestamp(), user_id, conversation_id, read_seq, 'read' FROM raised WHERE pushed_seq > read_before AND pushed_seq <= read_seq
  UNION ALL
  SELECT clock_timestamp(), user_id, conversation_id, pushed_seq, 'acknowledged' FROM raised WHERE pushed_seq > delivered_before AND pushed_seq <= delivered_seq`;

function memberKey(conversationId: ConversationId, userId: UserId): string {
  return `${conversationId} ${userId}`;
}

function messageKey(conversationId: ConversationId, seq: number, userId: UserId): string {
  return `${conversationId} ${seq} ${userId}`;
}
