import type { ConversationId, UserId } from '@couplet/protocol';
import { prepared } from '../../database/prepared.ts';
import type { Queryable } from '../../database/transaction.ts';
import type { MessageRow } from './message-view.ts';

/** A message as its own row has it: when it was received and read lies in another table. */
export type PlainMessageRow = Omit<MessageRow, 'delivered_at' | 'read_at'>;

interface Advance {
  conversation_id: ConversationId;
  user_id: UserId;
  kind: 'delivered' | 'read';
  seq: number;
  at: string;
}

/** What lies side by side in one conversation. */
interface Stretch {
  members: [UserId, UserId];
  lowest: number;
  highest: number;
}

/**
 * Adds the times of receipt to messages of which those of one conversation lie
 * side by side. The advances of a watermark over such a stretch lie side by side
 * too: they are read once for each stretch. Looked up for each message, twice,
 * they are most of what a page costs.
 *
 * @param reach whether the stretches end where their conversations end
 */
export async function withReceiptTimes(db: Queryable, messages: readonly PlainMessageRow[], reach: 'to the end' | 'within'): Promise<MessageRow[]> {
  if (messages.length === 0) return [];
  const advances = await readAdvances(db, stretchesOf(messages), reach);
  return messages.map((message) => {
    const timeOf = (kind: Advance['kind']) =>
      advances.get(groupOf(message.conversation_id, message.receiver_id, kind))?.find((advance) => advance.seq >= message.seq)?.at ?? null;
    return { ...message, delivered_at: timeOf('delivered'), read_at: timeOf('read') };
  });
}

function stretchesOf(messages: readonly PlainMessageRow[]): Map<ConversationId, Stretch> {
  const stretches = new Map<ConversationId, Stretch>();
  for (const { conversation_id, seq, sender_id, receiver_id } of messages) {
    const stretch = stretches.get(conversation_id);
    if (stretch) {
      stretch.lowest = Math.min(stretch.lowest, seq);
      stretch.highest = Math.max(stretch.highest, seq);
    } else stretches.set(conversation_id, { members: [sender_id, receiver_id], lowest: seq, highest: seq });
  }
  return stretches;
}

/** By conversation, member and kind, the lowest first. */
async function readAdvances(db: Queryable, stretches: ReadonlyMap<ConversationId, Stretch>, reach: 'to the end' | 'within'): Promise<Map<string, Advance[]>> {
  const all = [...stretches.values()];
  const { rows } = await db.query<Advance>(
    prepared(READ_ADVANCES, [
      [...stretches.keys()],
      all.map(({ members }) => members[0]),
      all.map(({ members }) => members[1]),
      all.map(({ lowest }) => lowest),
      all.map(({ highest }) => (reach === 'within' ? highest : null)),
    ]),
  );
  const groups = new Map<string, Advance[]>();
  for (const advance of rows) {
    const group = groupOf(advance.conversation_id, advance.user_id, advance.kind);
    const found = groups.get(group);
    if (found) found.push(advance);
    else groups.set(group, [advance]);
  }
  for (const group of groups.values()) group.sort((one, other) => one.seq - other.seq);
  return groups;
}

function groupOf(conversationId: ConversationId, userId: UserId, kind: Advance['kind']): string {
  return `${conversationId} ${userId} ${kind}`;
}

/**
 * Within a stretch every advance, and of each watermark the first one that went
 * past it. A stretch to the end has no highest: the comparison with NULL is then
 * known to find nothing before anything is read.
 */
const READ_ADVANCES = `
  SELECT stretch.conversation_id, w.user_id, w.kind, w.seq, w.at
  FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::bigint[]) AS stretch(conversation_id, one, other, lowest, highest)
  CROSS JOIN LATERAL (
    SELECT user_id, kind, seq, at FROM watermark_advances
    WHERE conversation_id = stretch.conversation_id AND user_id IN (stretch.one, stretch.other) AND kind IN ('delivered', 'read')
      AND seq >= stretch.lowest AND seq < coalesce(stretch.highest, 9223372036854775807)
    UNION ALL
    SELECT past.* FROM (VALUES (stretch.one, 'delivered'), (stretch.other, 'delivered'), (stretch.one, 'read'), (stretch.other, 'read')) AS watermark(user_id, kind)
    CROSS JOIN LATERAL (
      SELECT user_id, kind, seq, at FROM watermark_advances
      WHERE conversation_id = stretch.conversation_id AND user_id = watermark.user_id AND kind = watermark.kind AND seq >= stretch.highest
      ORDER BY seq LIMIT 1
    ) past
  ) w`;
