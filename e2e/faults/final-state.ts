import { openNodeSqlite } from '@couplet/client/testing/sqlite';
import type { PendingMessage } from '@couplet/client';
import type { Conversation, ConversationId, Message } from '@couplet/protocol';
import type { DurableDevice } from '@couplet/test-system/faults';
import type { Deployment } from './deployment.ts';

/** A message as PostgreSQL has it. */
export interface StoredMessage {
  id: string;
  conversationId: string;
  seq: number;
  senderId: string;
  receiverId: string;
  clientMsgId: string;
  text: string | null;
  isDeleted: boolean;
  createdAt: string;
  /** By user: the message's place in that user's log. */
  positions: Record<string, number>;
}

export interface ServerState {
  messages: StoredMessage[];
  /** Every position that a log has a row for, by user; ascending. */
  positions: Map<string, number[]>;
  lastPositions: Map<string, number>;
  members: { conversationId: string; userId: string; deliveredSeq: number; readSeq: number; lastSeq: number }[];
  advances: { conversationId: string; userId: string; kind: string; seq: number; at: string }[];
}

/** What one device shows at the end, of every conversation. */
export interface DeviceState {
  name: string;
  userId: string;
  position: number;
  conversations: Conversation[];
  threads: Map<string, Message[]>;
  pending: PendingMessage[];
  /** What is in its database without asking anybody. */
  held: HeldRows;
}

/** Which messages a device database held at some moment, and how far in the log it then was. */
export interface HeldRows {
  device: string;
  userId: string;
  position: number;
  /** Where its last snapshot was: a snapshot brings the newest page of each conversation, and leaves the rest to be asked for. */
  snapshotPosition: number;
  conversations: { conversationId: string; toSeq: number; missing: number[] }[];
}

export async function readServer({ postgres }: Deployment, userIds: readonly string[]): Promise<ServerState> {
  const rows = await postgres.query<{
    id: string;
    conversation_id: string;
    seq: number;
    sender_id: string;
    receiver_id: string;
    client_msg_id: string;
    text: string | null;
    deleted_at: string | null;
    created_at: string;
    sender_position: number;
    receiver_position: number;
  }>('SELECT * FROM messages WHERE sender_id = ANY($1) ORDER BY conversation_id, seq', [userIds]);
  const events = await postgres.query<{ user_id: string; position: number }>('SELECT user_id, position FROM events WHERE user_id = ANY($1)', [userIds]);
  const logs = await postgres.query<{ user_id: string; last_position: number }>('SELECT user_id, last_position FROM event_logs WHERE user_id = ANY($1)', [userIds]);
  const positions = new Map<string, number[]>(userIds.map((id) => [id, []]));
  for (const row of rows) {
    positions.get(row.sender_id)?.push(row.sender_position);
    positions.get(row.receiver_id)?.push(row.receiver_position);
  }
  for (const { user_id, position } of events) positions.get(user_id)?.push(position);
  for (const list of positions.values()) list.sort((a, b) => a - b);
  return {
    messages: rows.map((row) => ({
      id: row.id,
      conversationId: row.conversation_id,
      seq: row.seq,
      senderId: row.sender_id,
      receiverId: row.receiver_id,
      clientMsgId: row.client_msg_id,
      text: row.text,
      isDeleted: row.deleted_at !== null,
      createdAt: row.created_at,
      positions: { [row.sender_id]: row.sender_position, [row.receiver_id]: row.receiver_position },
    })),
    positions,
    lastPositions: new Map(logs.map(({ user_id, last_position }) => [user_id, last_position])),
    members: await postgres.query(
      `SELECT m.conversation_id AS "conversationId", m.user_id AS "userId", m.delivered_seq AS "deliveredSeq", m.read_seq AS "readSeq", c.last_seq AS "lastSeq"
       FROM members m JOIN conversations c ON c.id = m.conversation_id WHERE m.user_id = ANY($1)`,
      [userIds],
    ),
    advances: await postgres.query(
      'SELECT conversation_id AS "conversationId", user_id AS "userId", kind, seq, at FROM watermark_advances WHERE user_id = ANY($1) ORDER BY seq',
      [userIds],
    ),
  };
}

export async function readDevice(
  { name, userId, snapshotPosition }: Pick<HeldRows, 'userId' | 'snapshotPosition'> & { name: string },
  device: DurableDevice,
  conversationIds: readonly ConversationId[],
): Promise<DeviceState> {
  const held = await readHeldRows({ device: name, userId, snapshotPosition }, device.options.file);
  const { messenger } = device;
  const conversations: Conversation[] = [];
  const threads = new Map<string, Message[]>();
  const pending: PendingMessage[] = [];
  for (const id of conversationIds) {
    const conversation = await messenger.conversations.get(id);
    if (conversation !== null) conversations.push(conversation);
    threads.set(id, await readThread(device, id));
    pending.push(...(await messenger.messages.pending(id)));
  }
  const { position } = await messenger.diagnostics();
  return { name, userId, position, conversations, threads, pending, held };
}

async function readThread(device: DurableDevice, conversationId: ConversationId): Promise<Message[]> {
  const thread: Message[] = [];
  let page = await device.messenger.messages.page({ conversationId, limit: PAGE, at: 'end' });
  for (;;) {
    thread.unshift(...page.items);
    const first = thread[0];
    if (!page.hasOlder || first === undefined || page.items.length === 0) return thread;
    page = await device.messenger.messages.page({ conversationId, limit: PAGE, at: 'before', seq: first.seq });
  }
}

/** By a connection of its own: the database of a device that may be dead. */
export async function readHeldRows(
  owner: Pick<HeldRows, 'device' | 'userId'> & { snapshotPosition: number | null },
  file: string,
): Promise<HeldRows> {
  const database = openNodeSqlite(file);
  try {
    const [log] = await database.query('SELECT position FROM log', []);
    const rows = await database.query('SELECT conversation_id, seq FROM messages ORDER BY conversation_id, seq', []);
    const conversations = new Map<string, HeldRows['conversations'][number]>();
    for (const row of rows) {
      const [id, seq] = [String(row['conversation_id']), Number(row['seq'])];
      const known = conversations.get(id) ?? { conversationId: id, toSeq: 0, missing: [] };
      for (let gap = known.toSeq + 1; gap < seq; gap += 1) known.missing.push(gap);
      known.toSeq = seq;
      conversations.set(id, known);
    }
    const position = Number(log?.['position'] ?? 0);
    return { ...owner, position, snapshotPosition: owner.snapshotPosition ?? position, conversations: [...conversations.values()] };
  } finally {
    await database.close();
  }
}

const PAGE = 50;
