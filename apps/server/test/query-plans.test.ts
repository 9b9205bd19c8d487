import type { SignedIn } from '@couplet/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EXPLAIN_EVERYTHING, type Explained, listenForPlans, nodesOf } from './explained-statements.ts';
import { startTestServer, type TestServer } from './test-server.ts';

/** What grows with people and messages: a scan of one of these is what brings a deployment down. */
const GROWING = ['users', 'sessions', 'event_logs', 'events', 'conversations', 'members', 'messages', 'watermark_advances'];
const PEOPLE = 6_000;
const MESSAGES = 60_000;

let system: TestServer;
let ana: SignedIn;
const explained: Explained[] = [];

let stopListening = () => {};

beforeAll(async () => {
  system = await startTestServer();
  ana = await system.signUp('Ana');
  await seed(system, ana.user.id);
  const { rows } = await system.database.pool.query<{ name: string }>('SELECT current_database() AS name');
  for (const [setting, value] of Object.entries({ ...EXPLAIN_EVERYTHING, 'auto_explain.log_analyze': 'on', 'auto_explain.log_buffers': 'on' })) {
    await system.database.pool.query(`ALTER DATABASE ${rows[0]?.name} SET ${setting} = '${value}'`);
  }
  // Connections that were opened before do not tell: all of them are replaced.
  stopListening = listenForPlans((statement) => explained.push(statement));
  await system.database.pool.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE 'couplet%'",
  );
});
afterAll(async () => {
  stopListening();
  await system.close();
});

it('what people do often finds its rows by an index, in a conversation with many messages among many people', async () => {
  const token = ana.accessToken;
  const { body: list } = await untilBack(() => system.call<{ items: { id: string; lastMessage: { id: string } }[]; nextCursor: string }>('GET', '/api/conversations?limit=20', { token }));
  const [conversation] = list.items;
  expect(list.items).toHaveLength(20);
  const thread = `/api/conversations/${conversation?.id}/messages`;
  const asked = [
    `/api/conversations?limit=20&cursor=${encodeURIComponent(list.nextCursor)}`,
    `/api/conversations/${conversation?.id}`,
    thread,
    `${thread}?before=20&limit=10`,
    `${thread}?after=5&limit=10`,
    `${thread}?around=10`,
    '/api/sync?since=100000',
    '/api/sync/snapshot',
    '/api/search/messages?q=w77',
    '/api/search/messages?q=nowhere',
    '/api/chat/all?limit=15',
    `/api/chat/${conversation?.id}/all?limit=50`,
    '/api/users/me',
  ];
  for (const path of asked) expect([path, (await system.call('GET', path, { token })).status]).toEqual([path, 200]);
  const send = { clientMsgId: 'm1', type: 'text', text: 'hello' };
  for (const status of [201, 200]) expect((await untilBack(() => system.call('POST', thread, { token, body: send }))).status).toBe(status);
  for (const watermark of ['delivered', 'read']) {
    const body = watermark === 'read' ? { lastReadMessageId: conversation?.lastMessage.id } : { lastDeliveredMessageId: conversation?.lastMessage.id };
    expect((await untilBack(() => system.call('POST', `/api/conversations/${conversation?.id}/${watermark}`, { token, body }))).status).toBeLessThan(300);
  }

  const seen = explained.map((statement) => statement['Query Text']).join('\n');
  // The net is whole: reads, the write path's own connection, receipts.
  for (const part of ['FROM event_logs l', 'FOR UPDATE', 'INSERT INTO messages', 'UPDATE members', '@@']) expect(seen).toContain(part);
  const scans = explained.flatMap((statement) =>
    nodesOf(statement.Plan)
      .filter((node) => node['Node Type'] === 'Seq Scan' && GROWING.includes(node['Relation Name'] ?? ''))
      .map((node) => `${node['Relation Name']}: ${statement['Query Text'].replace(/\s+/g, ' ').slice(0, 200)}`),
  );
  expect([...new Set(scans)]).toEqual([]);
});

it('pages, lists and snapshots read a few pages of the database for each message or conversation they show', async () => {
  const token = ana.accessToken;
  const { body: list } = await untilBack(() => system.call<{ items: { id: string }[] }>('GET', '/api/conversations?limit=20', { token }));
  const thread = `/api/conversations/${list.items[0]?.id}/messages`;
  const pagesOf = async (path: string) => {
    explained.length = 0;
    expect((await system.call('GET', path, { token })).status).toBe(200);
    return explained.reduce((pages, { Plan }) => pages + (Plan['Shared Hit Blocks'] ?? 0) + (Plan['Shared Read Blocks'] ?? 0), 0);
  };
  // Ten messages each: 28 for one now, and 131 when each message looked for its own receipts and was found by its id.
  expect(await pagesOf('/api/sync/snapshot')).toBeLessThan(200 * 40);
  expect(await pagesOf('/api/conversations?limit=20')).toBeLessThan(21 * 40);
  expect(await pagesOf(thread)).toBeLessThan(30);
  expect(await pagesOf(`${thread}?before=9&limit=5`)).toBeLessThan(35);
});

/** The first request on a connection that was ended meets its end. */
async function untilBack<Answer extends { status: number }>(ask: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    const answer = await ask();
    if (answer.status !== 503) return answer;
  }
}

/** Ana writes with everybody; others with their neighbours. */
async function seed({ database }: TestServer, anaId: string): Promise<void> {
  const { pool } = database;
  await pool.query(`CREATE TABLE pairs AS SELECT n, gen_random_uuid() AS id, least(one, other) AS a, greatest(one, other) AS b FROM (
    SELECT n, md5('u' || n)::uuid AS one, CASE WHEN n % 5 = 0 THEN $1::uuid ELSE md5('u' || (n + 1))::uuid END AS other FROM generate_series(1, ${PEOPLE}) n) v`, [anaId]);
  await pool.query(`INSERT INTO users (id, name, username, search) SELECT md5('u' || n)::uuid, 'User ' || n, 'user' || n, array_to_tsvector(ARRAY['user', 'user' || n]) FROM generate_series(1, ${PEOPLE + 1}) n`);
  await pool.query(`INSERT INTO event_logs (user_id, last_position) SELECT id, 200000 FROM users WHERE username LIKE 'user%'`);
  await pool.query(`UPDATE event_logs SET last_position = 200000 WHERE user_id = $1`, [anaId]);
  await pool.query(`INSERT INTO conversations (id, user_a_id, user_b_id, initiator_id, last_seq, last_activity_at, activity_hour)
    SELECT id, a, b, a, ${MESSAGES / PEOPLE}, now() - n * interval '1 hour', date_trunc('hour', now() - n * interval '1 hour', 'UTC') FROM pairs`);
  await pool.query('INSERT INTO members (conversation_id, user_id) SELECT id, u FROM pairs, LATERAL (VALUES (a), (b)) v(u)');
  await pool.query(`INSERT INTO messages (id, conversation_id, seq, sender_id, receiver_id, client_msg_id, type, text, created_at, sender_position, receiver_position, search)
    SELECT gen_random_uuid(), p.id, i / ${PEOPLE} + 1, a, b, 's' || i, 'text', 'word w' || i % 1000, now() - (${MESSAGES} - i) * interval '1 second', i + 100000, i + 100000,
           array_to_tsvector(ARRAY['word', 'w' || i % 1000, '@' || a, '@' || b])
    FROM generate_series(0, ${MESSAGES - 1}) i JOIN pairs p ON p.n = i % ${PEOPLE} + 1`);
  await pool.query(`INSERT INTO events (user_id, position, type, conversation_id, at) SELECT a, n, 'conversation.updated', id, now() FROM pairs`);
  await pool.query(`INSERT INTO watermark_advances (conversation_id, user_id, kind, seq, at)
    SELECT id, u, kind, seq, now() FROM pairs, LATERAL (VALUES (a), (b)) v(u), LATERAL (VALUES ('delivered'), ('read')) k(kind), LATERAL (VALUES (1), (4)) s(seq)`);
  await pool.query(`INSERT INTO sessions (id, user_id, device_name, expires_at) SELECT gen_random_uuid(), id, 'Phone', now() + interval '1 day' FROM users`);
  await pool.query('DROP TABLE pairs');
  await pool.query('VACUUM ANALYZE');
}
