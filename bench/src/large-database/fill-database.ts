/** Runs statements and answers the rows of a single one; all of them on one connection of a superuser. */
export type RunStatement = (statement: string) => Promise<readonly object[]>;

/** Whose requests are measured: 2,000 conversations, one of 50,000 messages, ten of 5,000, forty of 1,000. */
export const ANA_EXTERNAL_ID = 'large-database-ana';
/** As it is asked for later: another name would be told to two thousand people. */
export const ANA_NAME = 'Ana';

/** Of a base conversation with this number: a few long ones, many short ones, 20 messages on average. */
const SIZE_OF = `CASE WHEN n % 1000 = 1 THEN 5000 WHEN n % 100 = 2 THEN 500 WHEN n % 10 = 3 THEN 60 ELSE 5 END`;
const SIZE_OF_ANAS = 'CASE WHEN n = 0 THEN 50000 WHEN n <= 10 THEN 5000 WHEN n <= 50 THEN 1000 ELSE 30 END';
const ANAS_CONVERSATIONS = 2_000;
/** Conversations of everybody else, half of them as the first of the two. */
const CONVERSATIONS_EACH = 10;
const MEAN_SIZE = 20.4;
/** Positions of one step in one log: a place for each conversation's message and for its receipt. */
const PLACES = 8_192;
/** Words are drawn as people draw them: the commonest is in every sixth message, the rarest in a few dozen of a million. */
const WORDS = 50_000;
const WORDS_EACH = 6;
/** Each is said again and again: making one costs as much as storing a message. */
const PHRASES = 100_000;

/**
 * Fills an empty, migrated database with about this many messages, as if they
 * had been written in turns over a year: neighbours on the disk belong to
 * different conversations. Half as many events, and two fifths as many watermark
 * advances. Indexes are built afterwards, which gives the same ones in a
 * fraction of the time. Positions rise, but are not dense.
 */
export async function fillDatabase(run: RunStatement, messages: number, report: (step: string) => void): Promise<void> {
  const conversations = Math.max(1_000, Math.round(messages / MEAN_SIZE / 1_000) * 1_000);
  const people = Math.round(conversations / (CONVERSATIONS_EACH / 2));
  // Foreign keys are true by the way the rows are made.
  await run("SET session_replication_role = replica; SET synchronous_commit = off; SET maintenance_work_mem = '1500MB'; SET work_mem = '256MB'; SET max_parallel_maintenance_workers = 2");
  report('people and conversations');
  await run(fillPeople(people));
  await run(planConversations(conversations, people));
  for (const table of ['messages', 'events', 'watermark_advances']) await run(withoutIndexes(table));
  report('messages');
  await run(fillMessages(messages));
  report('events and watermarks');
  await run(FILL_EVENTS);
  await run(FILL_ADVANCES);
  await run(FILL_CONVERSATIONS);
  const kept = (await run('SELECT name, definition FROM kept_indexes ORDER BY name')) as { name: string; definition: string }[];
  for (const { name, definition } of kept) {
    report(name);
    await run(definition);
  }
  await run('DROP TABLE kept_indexes, planned, phrases');
  report('vacuum and statistics');
  await run('VACUUM ANALYZE');
}

/** The same for the same number, and a UUID by its bits too. */
const userId = (n: string) => `overlay(overlay(md5('u' || ${n}) PLACING '4' FROM 13) PLACING '8' FROM 17)::uuid`;

const fillPeople = (people: number) => `
  INSERT INTO users (id, external_id, name, username, search)
    SELECT ${userId('n')}, CASE WHEN n = ${people} THEN '${ANA_EXTERNAL_ID}' END, CASE WHEN n = ${people} THEN '${ANA_NAME}' ELSE 'User ' || n END, 'user' || n, array_to_tsvector(ARRAY['user', 'user' || n])
    FROM generate_series(0, ${people}) n;
  INSERT INTO event_logs (user_id) SELECT id FROM users;`;

/** Ana is the last of the people. The pairs of the others differ in their distance, so none is there twice. */
const planConversations = (conversations: number, people: number) => `
  CREATE TABLE planned AS
    SELECT uuidv7(interval '-1 year') AS id, ${userId('a')} AS one, ${userId('b')} AS other, place_one, place_other, size,
      array_to_tsvector(ARRAY['@' || ${userId('a')}, '@' || ${userId('b')}]) AS pair FROM (
      SELECT n % ${people} AS a, (n % ${people} + 1 + (n / ${people}) * 1009) % ${people} AS b,
             n / ${people} AS place_one, 5 + n / ${people} AS place_other, ${SIZE_OF} AS size
      FROM generate_series(0, ${conversations - 1}) n
      UNION ALL
      SELECT ${people}, n, n, 10, ${SIZE_OF_ANAS} FROM generate_series(0, ${ANAS_CONVERSATIONS - 1}) n
    ) v;
  CREATE INDEX planned_size ON planned (size);
  ANALYZE planned;
  CREATE TABLE phrases AS
    SELECT n, array_to_string(words, ' ') AS text, array_to_tsvector(words) AS search
    FROM generate_series(0, ${PHRASES - 1}) n
    CROSS JOIN LATERAL (SELECT array_agg('w' || floor(power(random(), 3) * ${WORDS})) AS words FROM generate_series(1, ${WORDS_EACH}) w WHERE n >= 0) v;
  ALTER TABLE phrases ADD PRIMARY KEY (n);
  ANALYZE phrases;
  INSERT INTO conversations (id, user_a_id, user_b_id, initiator_id, created_at)
    SELECT id, least(one, other), greatest(one, other), one, now() - interval '1 year' FROM planned;`;

/** Remembers how its indexes are made, the primary key as one of them, and takes them off. */
const withoutIndexes = (table: string) => `
  CREATE TABLE IF NOT EXISTS kept_indexes (name text, definition text);
  INSERT INTO kept_indexes
    SELECT indexname, CASE WHEN indexname LIKE '%_pkey' THEN 'ALTER TABLE ${table} ADD PRIMARY KEY ' || substring(indexdef FROM '\\(.*\\)$') ELSE indexdef END
    FROM pg_indexes WHERE schemaname = 'public' AND tablename = '${table}';
  DO $$ DECLARE found record; BEGIN
    ALTER TABLE ${table} DROP CONSTRAINT ${table}_pkey;
    FOR found IN SELECT indexname FROM pg_indexes WHERE schemaname = 'public' AND tablename = '${table}' LOOP
      EXECUTE format('DROP INDEX %I', found.indexname);
    END LOOP;
  END $$;`;

/** Step after step, each with one message of every conversation that is still going on. In one transaction with the TRUNCATE: not logged where wal_level is minimal. */
const fillMessages = (messages: number) => `
  BEGIN;
  TRUNCATE messages;
  SET LOCAL enable_mergejoin = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_memoize = off; SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off;
  INSERT INTO messages (id, conversation_id, seq, sender_id, receiver_id, client_msg_id, type, text, created_at, sender_position, receiver_position, search)
    SELECT uuidv7(at - now()), id, s, sender_id, receiver_id, 'c' || i, 'text', phrases.text, at,
           s::bigint * ${PLACES} + sender_place, s::bigint * ${PLACES} + receiver_place, phrases.search || pair
    FROM (
      SELECT row_number() OVER () AS i, s, p.id, pair,
             CASE WHEN s % 2 = 0 THEN one ELSE other END AS sender_id, CASE WHEN s % 2 = 0 THEN other ELSE one END AS receiver_id,
             CASE WHEN s % 2 = 0 THEN place_one ELSE place_other END AS sender_place, CASE WHEN s % 2 = 0 THEN place_other ELSE place_one END AS receiver_place
      FROM generate_series(1, 50000) s CROSS JOIN LATERAL (SELECT * FROM planned WHERE size >= s OFFSET 0) p
    ) said
    CROSS JOIN LATERAL (SELECT now() - interval '1 year' + (i * 31.5e6::float8 / ${messages}) * interval '1 second' AS at OFFSET 0) t
    JOIN phrases ON phrases.n = i * 7919 % ${PHRASES};
  COMMIT;`;

/** The peer read every other message: an event in the log of its sender. */
const FILL_EVENTS = `
  BEGIN;
  TRUNCATE events;
  INSERT INTO events (user_id, position, type, conversation_id, message_id, member_id, seq, at)
    SELECT sender_id, sender_position + ${PLACES / 2}, 'chat.message.read', conversation_id, id, receiver_id, seq, created_at FROM messages WHERE seq % 2 = 0;
  COMMIT;`;

const FILL_ADVANCES = `
  BEGIN;
  TRUNCATE watermark_advances;
  INSERT INTO watermark_advances (conversation_id, user_id, kind, seq, at)
    SELECT conversation_id, receiver_id, kind, seq, created_at FROM messages, LATERAL (VALUES ('delivered'), ('read')) k (kind) WHERE seq % 5 = 0;
  COMMIT;`;

/** Everything was read. */
const FILL_CONVERSATIONS = `
  CREATE TABLE last_said AS
    SELECT conversation_id, max(seq) AS last_seq, max(created_at) AS at FROM messages GROUP BY conversation_id;
  UPDATE conversations c SET last_seq = l.last_seq, last_activity_at = l.at, activity_hour = date_trunc('hour', l.at, 'UTC')
    FROM last_said l WHERE l.conversation_id = c.id;
  INSERT INTO members (conversation_id, user_id, delivered_seq, read_seq)
    SELECT c.id, u, last_seq, last_seq FROM conversations c, LATERAL (VALUES (user_a_id), (user_b_id)) v(u);
  UPDATE event_logs e SET last_position = v.last FROM (
    SELECT u, max(last_seq) * ${PLACES} + ${PLACES - 1} AS last FROM conversations c, LATERAL (VALUES (user_a_id), (user_b_id)) v(u) GROUP BY u
  ) v WHERE e.user_id = v.u;
  DROP TABLE last_said;`;
