import { Writable } from 'node:stream';
import type { ConversationId } from '@couplet/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLog } from '../src/log.ts';
import { createPeople, type Person } from './people.ts';
import { appleToken, endGrace, type PushServices, registerDevice, startPushServices } from './push-world.ts';
import { startTestServer, type TestServer } from './test-server.ts';

interface Line {
  msg: string;
  [field: string]: unknown;
}

let services: PushServices;
let server: TestServer;
let ana: Person;
let bo: Person;
let conversationId: ConversationId;
let deviceId: string;
const lines: Line[] = [];

beforeAll(async () => {
  services = await startPushServices();
  const sink = new Writable({ write: (chunk: Buffer, _encoding, done) => (lines.push(JSON.parse(chunk.toString()) as Line), done()) });
  server = await startTestServer({ ...services.overrides, env: services.env, log: createLog('warn', 'test', sink) });
  [ana, bo] = (await createPeople(server, 'Ana', 'Bo')) as [Person, Person];
  conversationId = await ana.conversationWith(bo);
  deviceId = await registerDevice(server, bo, 'ios', appleToken());
});
afterAll(async () => {
  await server.close();
  await services.close();
});

async function lineThatSays(start: string): Promise<Line> {
  const found = () => lines.find(({ msg }) => msg.startsWith(start));
  await expect.poll(found, { timeout: 30_000, interval: 20 }).toBeDefined();
  return found() as Line;
}

/** As after a restore that went wrong. */
async function without(table: string, work: () => Promise<void>): Promise<void> {
  await server.database.pool.query(`ALTER TABLE ${table} RENAME TO missing`);
  try {
    await work();
  } finally {
    await server.database.pool.query(`ALTER TABLE missing RENAME TO ${table}`);
  }
}

const send = (clientMsgId: string) =>
  server.call<{ id: string; seq: number }>('POST', `/api/conversations/${conversationId}/messages`, {
    token: ana.token,
    headers: { 'x-request-id': `asked-for-${clientMsgId}` },
    body: { clientMsgId, text: 'Hello' },
  });

it('names the requests of a batch that could not be committed', async () => {
  await without('events', async () => {
    expect((await send('lost')).status).toBe(503);
  });
  expect(await lineThatSays('A batch could not be committed')).toMatchObject({ kind: 'sends', size: 1, requestIds: ['asked-for-lost'] });
});

it('names the message of a push that its service refuses', async () => {
  services.apple.received.faults.push({ status: 403, body: { reason: 'TopicDisallowed' } });
  const { body: message } = await send('refused');
  await endGrace(server.database.pool);
  await server.server.context.pushes.look();
  expect(await lineThatSays('A push was not taken')).toMatchObject({ messageId: message.id, deviceId, conversationId, seq: message.seq, reason: expect.stringContaining('TopicDisallowed') as string });
});

it('names what a job that failed is about', async () => {
  const { body: message } = await send('failed');
  await without('blocks', async () => {
    await endGrace(server.database.pool);
    await server.server.context.pushes.look();
    expect(await lineThatSays('A job failed')).toMatchObject({ job: 'push-send', kind: 'message', deviceId, conversationId, seq: message.seq });
  });
});
