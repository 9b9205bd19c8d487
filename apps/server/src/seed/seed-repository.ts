import { isoFromMicros } from '../database/timestamps.ts';
import type { Queryable, Transaction } from '../database/transaction.ts';
import { userSearchWords } from '../domains/users/users-repository.ts';
import { messageLexemes } from '../write-path/store-sends.ts';
import type { ImaginedUser } from './imagined.ts';
import type { History } from './number-history.ts';

/** Rows of one statement: large enough to amortise the round trip, small enough to show progress. */
const BATCH = 5_000;

/** Whether any of these addresses has an account. */
export async function hasAnyOf(database: Queryable, emails: readonly string[]): Promise<boolean> {
  const { rowCount } = await database.query('SELECT 1 FROM users WHERE email = ANY($1::text[]) LIMIT 1', [emails]);
  return rowCount === 1;
}

/** Fresh statistics, so that the first queries are planned for what is there now. */
export async function analyze(database: Queryable): Promise<void> {
  await database.query('ANALYZE');
}

/** Inserts everything in the caller's transaction: an interrupted seed leaves nothing. Progress counts rows. */
export async function insertHistory(
  tx: Transaction,
  users: readonly ImaginedUser[],
  history: History,
  passwordHash: string,
  onProgress: (table: string, inserted: number, total: number) => void,
): Promise<void> {
  const insert = async <Row>(table: string, rows: readonly Row[], text: string, columns: readonly ((row: Row) => unknown)[]): Promise<void> => {
    for (let from = 0; from < rows.length; from += BATCH) {
      const batch = rows.slice(from, from + BATCH);
      await tx.query(text, columns.map((column) => batch.map(column)));
      onProgress(table, from + batch.length, rows.length);
    }
  };
  await insert(
    'users',
    users,
    `INSERT INTO users (id, email, username, name, password_hash, search, created_at, updated_at)
     SELECT id, email, username, name, hash, array_to_tsvector(string_to_array(words, ' ')), at, at
     FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::text[]) AS u(id, email, username, name, words, at, hash)`,
    [(row) => row.id, (row) => row.email, (row) => row.username, (row) => row.name, (row) => userSearchWords(row.name, row.username).join(' '), (row) => isoFromMicros(row.createdAt), () => passwordHash],
  );
  await insert(
    'event_logs',
    [...history.lastPositions],
    'INSERT INTO event_logs (user_id, last_position) SELECT * FROM unnest($1::uuid[], $2::bigint[])',
    [([userId]) => userId, ([, position]) => position],
  );
  await insert(
    'conversations',
    history.conversations,
    `INSERT INTO conversations (id, user_a_id, user_b_id, initiator_id, created_at, last_seq, last_activity_at, activity_hour, unread_a, unread_b)
     SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::timestamptz[], $6::bigint[], $7::timestamptz[], $8::timestamptz[], $9::int[], $10::int[])`,
    [
      (row) => row.id,
      (row) => row.userAId,
      (row) => row.userBId,
      (row) => row.initiatorId,
      (row) => isoFromMicros(row.createdAt),
      (row) => row.lastSeq,
      (row) => isoFromMicros(row.lastActivityAt),
      (row) => isoFromMicros(row.activityHour),
      (row) => row.unreadA,
      (row) => row.unreadB,
    ],
  );
  await insert(
    'members',
    history.members,
    'INSERT INTO members (conversation_id, user_id, delivered_seq, read_seq) SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[])',
    [(row) => row.conversationId, (row) => row.userId, (row) => row.deliveredSeq, (row) => row.readSeq],
  );
  await insert(
    'messages',
    history.messages,
    `INSERT INTO messages (id, conversation_id, seq, sender_id, receiver_id, client_msg_id, type, text, reply_to_id, reactions, version,
                           created_at, sender_position, receiver_position, search)
     SELECT id, conversation_id, seq, sender_id, receiver_id, client_msg_id, 'text', text, reply_to_id, reactions::jsonb, version,
            created_at, sender_position, receiver_position, array_to_tsvector(string_to_array(words, ' '))
     FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::uuid[], $9::text[], $10::int[],
                 $11::timestamptz[], $12::bigint[], $13::bigint[], $14::text[])
          AS m(id, conversation_id, seq, sender_id, receiver_id, client_msg_id, text, reply_to_id, reactions, version,
               created_at, sender_position, receiver_position, words)`,
    [
      (row) => row.id,
      (row) => row.conversationId,
      (row) => row.seq,
      (row) => row.senderId,
      (row) => row.receiverId,
      (row) => `seed-${row.id}`,
      (row) => row.text,
      (row) => row.replyToId,
      (row) => (row.reactions.length === 0 ? null : JSON.stringify(row.reactions)),
      (row) => row.version,
      (row) => isoFromMicros(row.createdAt),
      (row) => row.senderPosition,
      (row) => row.receiverPosition,
      (row) => messageLexemes(row.senderId, row.receiverId, row.text).join(' '),
    ],
  );
  await insert(
    'watermark_advances',
    history.advances,
    'INSERT INTO watermark_advances (conversation_id, user_id, kind, seq, at) SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::timestamptz[])',
    [(row) => row.conversationId, (row) => row.userId, (row) => row.kind, (row) => row.seq, (row) => isoFromMicros(row.at)],
  );
  await insert(
    'events',
    history.events,
    `INSERT INTO events (user_id, position, type, conversation_id, message_id, member_id, seq, at)
     SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::uuid[], $5::uuid[], $6::uuid[], $7::bigint[], $8::timestamptz[])`,
    [
      (row) => row.userId,
      (row) => row.position,
      (row) => row.type,
      (row) => row.conversationId,
      (row) => row.messageId,
      (row) => row.memberId,
      (row) => row.seq,
      (row) => isoFromMicros(row.at),
    ],
  );
  // People were last there when they last wrote.
  await tx.query(
    `UPDATE users SET last_seen_at = wrote.at FROM (SELECT sender_id, max(created_at) AS at FROM messages GROUP BY sender_id) wrote
     WHERE users.id = wrote.sender_id AND users.id = ANY($1::uuid[])`,
    [users.map((user) => user.id)],
  );
}
