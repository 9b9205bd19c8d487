import type { Message } from '@couplet/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPeople, type Person } from './people.ts';
import { startTestRedis, type TestRedis } from './test-redis.ts';
import { startTestServer, type TestServer } from './test-server.ts';

let redis: TestRedis;
let server: TestServer;
let ana: Person;
let bo: Person;

beforeAll(async () => {
  redis = await startTestRedis();
  server = await startTestServer({ env: { REDIS_URL: redis.url } });
  [ana, bo] = (await createPeople(server, 'Ana', 'Bo')) as [Person, Person];
});
afterAll(async () => {
  await server.close();
  await redis.close();
});

/** What /metrics says of this one, with its labels; 0 where it says nothing. */
async function counted(name: string): Promise<number> {
  const { body } = await server.call<string>('GET', '/metrics');
  return Number(body.split('\n').find((line) => line.startsWith(`${name} `))?.slice(name.length) ?? 0);
}

it('tell how long sends take from the frame or request to the acknowledgement, and why others are refused', async () => {
  const conversationId = await ana.conversationWith(bo);
  const socket = await ana.connect();
  await socket.request('chat.message.send', { conversationId, clientMsgId: 'by-socket' as Message['clientMsgId'], text: 'one' });
  const path = `/api/conversations/${conversationId}/messages`;
  await server.call('POST', path, { token: ana.token, body: { clientMsgId: 'by-rest', text: 'two' } });
  await server.call('POST', `/api/chat/${conversationId}/message`, { token: ana.token, body: { localId: 'by-chat', text: 'three' } });
  expect(await counted('couplet_send_seconds_count')).toBe(3);
  expect(await counted('couplet_send_seconds_sum')).toBeGreaterThan(0);
  expect(await counted('couplet_batch_seconds_count{kind="sends"}')).toBeGreaterThan(0);

  const other = await bo.conversationWith((await createPeople(server, 'Cleo'))[0] as Person);
  await socket.request('chat.message.send', { conversationId: other, clientMsgId: 'not-mine' as Message['clientMsgId'], text: 'four' });
  expect(await counted('couplet_sends_rejected_total{code="not_found"}')).toBe(1);
  expect(await counted('couplet_send_seconds_count')).toBe(3);
  socket.close();
});

it('tell how long PostgreSQL and Redis take to answer', async () => {
  const [statements, roundTrips] = ['couplet_database_statement_seconds_count{outcome="answered"}', 'couplet_redis_round_trip_seconds_count{outcome="answered"}'];
  const before = [await counted(statements), await counted(roundTrips)] as const;
  const socket = await bo.connect();
  expect(await counted(statements)).toBeGreaterThan(before[0]);
  // Where Bo is now, for the other nodes.
  expect(await counted(roundTrips)).toBeGreaterThan(before[1]);
  socket.close();
});
