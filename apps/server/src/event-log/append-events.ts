import type { ConversationId, EventType, MessageId, UserId } from '@couplet/protocol';
import type { Transaction } from '../database/transaction.ts';

/** A durable change on its way into one user's log. Holds references; what they mean is read later. */
export interface NewEvent {
  userId: UserId;
  type: Exclude<EventType, 'chat.message.new' | 'chat.message.delivered' | 'chat.message.read'>;
  conversationId: ConversationId;
  messageId?: MessageId;
}

/** An event with the place it got. */
export interface AppendedEvent extends NewEvent {
  position: number;
}

/**
 * Locks the logs of these users until the transaction ends. Every transaction
 * that appends calls it first, before it locks a conversation: with one order
 * everywhere (logs, then conversations, each in id order) none deadlocks.
 */
export async function lockEventLogs(tx: Transaction, userIds: readonly UserId[]): Promise<void> {
  await tx.query('SELECT 1 FROM event_logs WHERE user_id = ANY($1::uuid[]) ORDER BY user_id FOR UPDATE', [userIds]);
}

/** Appends to logs that the transaction has locked. Positions are dense: nobody else can take one meanwhile. */
export async function appendEvents(tx: Transaction, events: readonly NewEvent[]): Promise<AppendedEvent[]> {
  if (events.length === 0) return [];
  const { rows } = await tx.query<{ user_id: UserId; last_position: number }>(
    `UPDATE event_logs SET last_position = last_position + v.added
     FROM (SELECT id, count(*) AS added FROM unnest($1::uuid[]) AS u(id) GROUP BY id) v
     WHERE event_logs.user_id = v.id RETURNING user_id, last_position`,
    [events.map((event) => event.userId)],
  );
  const next = new Map<UserId, number>();
  for (const row of rows) {
    const added = events.filter((event) => event.userId === row.user_id).length;
    next.set(row.user_id, row.last_position - added + 1);
  }
  const appended = events.map((event) => {
    const position = next.get(event.userId);
    if (position === undefined) throw new Error('A user without an event log');
    next.set(event.userId, position + 1);
    return { ...event, position };
  });
  await tx.query(
    `INSERT INTO events (user_id, position, type, conversation_id, message_id, at)
     SELECT user_id, position, type, conversation_id, message_id, now()
     FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::uuid[], $5::uuid[]) AS e(user_id, position, type, conversation_id, message_id)`,
    [
      appended.map((event) => event.userId),
      appended.map((event) => event.position),
      appended.map((event) => event.type),
      appended.map((event) => event.conversationId),
      appended.map((event) => event.messageId ?? null),
    ],
  );
  return appended;
}
