import { type ConversationId, isWholeWord, type MessageId, type UserId } from '@couplet/protocol';
import { prepared } from '../../database/prepared.ts';
import type { Queryable } from '../../database/transaction.ts';
import { memberLexeme } from '../../write-path/store-sends.ts';

export interface WordsQuery {
  viewerId: UserId;
  /** Each the beginning of a word of the message; at least one. */
  words: readonly string[];
  conversationId?: ConversationId | undefined;
  /** Only messages with a lower id. */
  before?: MessageId | undefined;
  limit: number;
}

/** How the two ways to find messages share the work. Tests shorten the steps. */
export interface Pace {
  /** How many messages each step back goes through; the last one again and again. */
  steps: readonly [number, ...number[]];
  /** Steps before the index is asked, if it can be. */
  stepsBeforeIndex: number;
  /** How far the order of places in a log and that of ids can lie apart. */
  skewMs: number;
}

/**
 * The first step is what a letter or two cost whoever types: a millisecond, and
 * they are found there. With the second most people's messages of months are
 * seen; each row may be a page of the disk, so a rare word among more is better
 * looked for in the index. A step of 5,000 takes PostgreSQL some 10 ms, so that
 * nobody waits long behind one.
 *
 * Clocks of nodes may be five minutes off either way.
 */
const PACE: Pace = { steps: [500, 2_000, 5_000], stepsBeforeIndex: 2, skewMs: 10 * 60_000 };

/** Shorter beginnings are in every tenth message of a deployment: what the index lists for one grows with it. */
const INDEXED_LENGTH = 4;

/** Above every place in a log or a conversation. */
const HIGHEST_PLACE = Number.MAX_SAFE_INTEGER;

/**
 * The ids of the viewer's messages that hold all words, newest first.
 *
 * Goes back through the viewer's own messages, or the conversation's, as far as
 * it must: common words are found at once, and people with few messages are
 * through with them. Where that is far, and a word is long enough to be rare,
 * the index of all messages is asked. So no search costs more for the messages
 * that other people write, but for a long word that many of them begin so.
 */
export async function findByWords(db: Queryable, query: WordsQuery, pace: Pace = PACE): Promise<MessageId[]> {
  const indexed = indexedWords(query.words);
  const found: MessageId[] = [];
  let place = query.before === undefined ? HIGHEST_PLACE : await placeAbove(db, query, query.before, pace);
  for (let step = 0; indexed.length === 0 || step < pace.stepsBeforeIndex; step += 1) {
    const count = pace.steps[Math.min(step, pace.steps.length - 1)] ?? pace.steps[0];
    const { hits, end } = await stepBack(db, query, place, count);
    found.push(...hits);
    if (end === null) return newest(found, query.limit);
    // What lies further back may still have a higher id than some of these.
    const settled = found.filter((id) => timeOf(id) > timeOf(end.id) + pace.skewMs);
    if (settled.length >= query.limit) return newest(settled, query.limit);
    place = end.place;
  }
  return askIndex(db, query, indexed);
}

interface Walked {
  id: MessageId;
  place: number;
  is_hit: boolean;
  walked: number;
  lowest: number;
}

/** Those of the `count` messages below `place` that hold the words, and where they end; no end when there are no more. */
async function stepBack(db: Queryable, query: WordsQuery, place: number, count: number): Promise<{ hits: MessageId[]; end: { id: MessageId; place: number } | null }> {
  const { conversationId, viewerId, words, before } = query;
  const [source, owner] = conversationId === undefined ? [OWN_MESSAGES, viewerId] : [CONVERSATION, conversationId];
  const { rows } = await db.query<Walked>(prepared(stepBackThrough(source), [owner, place, count, words.map(beginning).join(' & '), before ?? null]));
  const last = rows.find((row) => row.place === row.lowest);
  return { hits: rows.filter((row) => row.is_hit).map((row) => row.id), end: last && last.walked === count ? { id: last.id, place: last.place } : null };
}

const COLUMNS = 'id, deleted_at, search';
const CONVERSATION = `SELECT ${COLUMNS}, seq AS place FROM messages WHERE conversation_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3`;
const OWN_MESSAGES = `
  SELECT * FROM (
    (SELECT ${COLUMNS}, sender_position AS place FROM messages WHERE sender_id = $1 AND sender_position < $2 ORDER BY sender_position DESC LIMIT $3)
    UNION ALL
    (SELECT ${COLUMNS}, receiver_position FROM messages WHERE receiver_id = $1 AND receiver_position < $2 ORDER BY receiver_position DESC LIMIT $3)
  ) own ORDER BY place DESC LIMIT $3`;

function stepBackThrough(source: string): string {
  return `
    WITH walked AS MATERIALIZED (${source}), seen AS (
      SELECT id, place, deleted_at IS NULL AND search @@ $4::tsquery AND ($5::uuid IS NULL OR id < $5) AS is_hit,
             count(*) OVER () AS walked, min(place) OVER () AS lowest FROM walked
    )
    SELECT * FROM seen WHERE is_hit OR place = lowest`;
}

/** A place that lies above everything with a lower id than this message's. */
async function placeAbove(db: Queryable, query: WordsQuery, id: MessageId, pace: Pace): Promise<number> {
  const { conversationId, viewerId } = query;
  const { rows } = await db.query<{ place: number }>(
    conversationId === undefined
      ? 'SELECT CASE WHEN sender_id = $2 THEN sender_position ELSE receiver_position END AS place FROM messages WHERE id = $1 AND $2 IN (sender_id, receiver_id)'
      : 'SELECT seq AS place FROM messages WHERE id = $1 AND conversation_id = $2',
    [id, conversationId ?? viewerId],
  );
  // What came after it within the skew is at most as much as the first step goes through.
  return rows[0] ? rows[0].place + pace.steps[0] : HIGHEST_PLACE;
}

/** Words that the index finds without listing much of the deployment, as it is asked for them. */
function indexedWords(words: readonly string[]): string[] {
  return words.flatMap((word) => (isWholeWord(word) ? [`'${word}'`] : [...word].length >= INDEXED_LENGTH ? [beginning(word)] : []));
}

function beginning(word: string): string {
  return `'${word}':*`;
}

/**
 * By the index of words, whatever there is. The inner query stands for itself
 * (OFFSET 0): otherwise its order and limit make PostgreSQL go backwards through
 * everybody's messages, and the short words would be looked up in the index too.
 */
async function askIndex(db: Queryable, query: WordsQuery, indexed: readonly string[]): Promise<MessageId[]> {
  // Planned each time: how rare the words are decides how it is read.
  const { rows } = await db.query<{ id: MessageId }>(
    `SELECT id FROM (SELECT id, conversation_id, deleted_at, search FROM messages WHERE search @@ $1::tsquery OFFSET 0) found
     WHERE deleted_at IS NULL AND search @@ $2::tsquery AND ($3::uuid IS NULL OR conversation_id = $3) AND ($4::uuid IS NULL OR id < $4)
     ORDER BY id DESC LIMIT $5`,
    [[`'${memberLexeme(query.viewerId)}'`, ...indexed].join(' & '), query.words.map(beginning).join(' & '), query.conversationId ?? null, query.before ?? null, query.limit],
  );
  return rows.map((row) => row.id);
}

function newest(ids: readonly MessageId[], limit: number): MessageId[] {
  return [...ids].sort((one, other) => (one < other ? 1 : -1)).slice(0, limit);
}

/** Of a UUIDv7, in epoch milliseconds. */
function timeOf(id: MessageId): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}
