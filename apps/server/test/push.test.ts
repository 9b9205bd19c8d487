import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConversationId, Message } from '@couplet/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openOwnPostgres } from './own-postgres.ts';
import { createPeople, type Person } from './people.ts';
import { appleToken, endGrace, type PushServices, registerDevice, startNode, startPushServer, startPushServices } from './push-world.ts';
import { type Answer, TEST_ADMIN_KEY, type TestServer } from './test-server.ts';

let services: PushServices;
let server: TestServer;
beforeAll(async () => {
  services = await startPushServices();
  server = await startPushServer(services);
});
afterAll(async () => {
  await server.close();
  await services.close();
});

interface Scene {
  ana: Person;
  bo: Person;
  id: ConversationId;
  /** Bo's phone. */
  phone: string;
}

/** Ana writes, Bo has a phone. */
async function scene(): Promise<Scene> {
  const [ana, bo] = (await createPeople(server, 'Ana', 'Bo')) as [Person, Person];
  const phone = appleToken();
  await registerDevice(server, bo, 'ios', phone);
  return { ana, bo, id: await ana.conversationWith(bo), phone };
}

/** What is due is decided, and everything that follows from it has been sent or dropped. */
async function settle(): Promise<void> {
  await endGrace(server.database.pool);
  await server.server.context.pushes.look();
  await jobsDone();
}

/** In one statement: the node's own look may be under way, and what it takes out becomes a job in that same moment. */
const UNFINISHED = `
  SELECT FROM due_pushes WHERE due_at <= now()
  UNION ALL SELECT FROM pgboss.job WHERE name = 'push-send' AND state < 'completed'`;

async function jobsDone(): Promise<void> {
  await expect.poll(async () => (await server.database.pool.query(UNFINISHED)).rowCount, { timeout: 30_000, interval: 20 }).toBe(0);
}

/** Ana's message came due, and its push waits for the next try. */
async function sendRefused(ana: Person, id: ConversationId): Promise<void> {
  services.apple.received.faults.push({ status: 503, body: { reason: 'ServiceUnavailable' } });
  await ana.send(id, 'Hello');
  const { calls } = services.apple.received;
  await endGrace(server.database.pool);
  await server.server.context.pushes.look();
  await services.apple.received.until(() => services.apple.received.calls > calls);
}

const pushesTo = (token: string) => services.apple.received.pushes.filter((push) => push.token === token);
const alertsTo = (token: string) => pushesTo(token).filter(({ payload }) => payload.type === 'message');

const mark = (who: Person, id: ConversationId, kind: 'read' | 'delivered', seq: number) =>
  server.call('POST', `/api/conversations/${id}/${kind}`, { token: who.token, body: { seq } });

const countOf = async (line: RegExp) => Number(line.exec(await server.server.context.metrics.exposition())?.[1] ?? 0);

it('[P3] a message that no device acknowledged is pushed when the grace time ends, once to each device, and not before', async () => {
  const { ana, bo, id, phone } = await scene();
  const [browser, tablet] = await Promise.all(['web', 'android'].map(async () => {
    const { body } = await server.call<{ accessToken: string }>('POST', `/api/admin/users/${bo.id}/token`, { token: TEST_ADMIN_KEY });
    return { token: body.accessToken };
  })) as [{ token: string }, { token: string }];
  const subscription = services.browsers.subscribe();
  await registerDevice(server, browser, 'web', subscription);
  await registerDevice(server, tablet, 'android', 'a-token-of:fcm');
  await ana.send(id, 'Hello');
  await server.server.context.pushes.look();
  await jobsDone();
  expect(pushesTo(phone)).toEqual([]);
  await settle();
  await settle();
  expect(pushesTo(phone).map(({ payload }) => payload)).toMatchObject([{ aps: { alert: { title: 'New message from Ana' }, badge: 1, 'thread-id': id }, conversationId: id, seq: 1 }]);
  expect(services.google.received.pushes.filter(({ data }) => data['conversationId'] === id)).toHaveLength(1);
  const { pathname } = new URL((JSON.parse(subscription) as { endpoint: string }).endpoint);
  expect(services.browsers.received.pushes.filter(({ path }) => path === pathname).map(({ notice }) => notice)).toMatchObject([{ type: 'message', title: 'New message from Ana', seq: 1, badge: 1 }]);
});

it.each(['delivered', 'read'] as const)('[P3] nothing is pushed when a device said within the grace time that it has it: %s', async (kind) => {
  const { ana, bo, id, phone } = await scene();
  await ana.send(id, 'Hello');
  await mark(bo, id, kind, 1);
  await ana.send(id, 'And this?');
  await settle();
  expect(alertsTo(phone).map(({ payload }) => payload.seq)).toEqual([2]);
});

it('[P3] nothing is pushed of what was read while its service did not take it', async () => {
  const { ana, bo, id, phone } = await scene();
  await sendRefused(ana, id);
  await mark(bo, id, 'read', 1);
  await jobsDone();
  expect(alertsTo(phone)).toEqual([]);
});

it.each([{ mutedUntil: '2999-01-01T00:00:00.000Z' }, { archived: true }])('[P3] nothing is pushed of a conversation that was silenced while its service did not take it: %j', async (settings) => {
  const { ana, bo, id, phone } = await scene();
  await sendRefused(ana, id);
  await server.call('PATCH', `/api/conversations/${id}`, { token: bo.token, body: settings });
  await jobsDone();
  expect(alertsTo(phone)).toEqual([]);
});

it('[P3] a push its service did not take is tried again until it does, and then no more', async () => {
  const { ana, id, phone } = await scene();
  services.apple.received.faults.push({ status: 429, headers: { 'retry-after': '1' }, body: { reason: 'TooManyRequests' } }, 'drop');
  await ana.send(id, 'Hello');
  await settle();
  expect(alertsTo(phone)).toHaveLength(1);
  expect(services.apple.received.faults).toEqual([]);
});

it('[C3] reading on one device takes the notifications away from the others, where there are any', async () => {
  const { ana, bo, id, phone } = await scene();
  for (const text of ['One', 'Two']) await ana.send(id, text);
  await settle();
  // Not all of it was read: what shows is the second, which was not.
  await mark(bo, id, 'read', 1);
  await settle();
  expect(pushesTo(phone).map(({ payload }) => payload.type)).toEqual(['message', 'message']);
  await mark(bo, id, 'read', 2);
  await settle();
  expect(pushesTo(phone).at(-1)?.payload).toEqual({ aps: { 'content-available': 1, badge: 0 }, type: 'read', conversationId: id, seq: 2 });
  // Nothing was pushed since: there is nothing to take away.
  await ana.send(id, 'Three');
  await mark(bo, id, 'read', 3);
  await settle();
  expect(pushesTo(phone)).toHaveLength(3);
});

it('[C2] the badge of a push is the unread count of everything the person has', async () => {
  const { ana, bo, id, phone } = await scene();
  const [cy] = (await createPeople(server, 'Cy')) as [Person];
  const other = await cy.conversationWith(bo);
  for (const text of ['One', 'Two', 'Three']) await cy.send(other, text);
  await mark(bo, other, 'read', 1);
  const [, second] = await cy.history(other);
  await server.call('DELETE', `/api/messages/${second?.id}`, { token: cy.token });
  await ana.send(id, 'Hello');
  await settle();
  const counts = await Promise.all([id, other].map(async (conversation) => (await bo.conversation(conversation)).unreadCount));
  expect(counts).toEqual([1, 1]);
  expect(alertsTo(phone).at(-1)?.payload.aps.badge).toBe(2);
});

it('[P3] stays silent for what is muted, put away, deleted meanwhile, or of somebody who was blocked', async () => {
  const { ana, bo, id, phone } = await scene();
  const settings = (body: object) => server.call('PATCH', `/api/conversations/${id}`, { token: bo.token, body });
  const silenced: Message[] = [];
  await settings({ mutedUntil: '2999-01-01T00:00:00.000Z' });
  silenced.push(await ana.send(id, 'Muted'));
  await settle();
  await settings({ mutedUntil: '2020-01-01T00:00:00.000Z', archived: true });
  silenced.push(await ana.send(id, 'Put away'));
  await settle();
  await settings({ archived: false });
  const regretted = await ana.send(id, 'Regretted');
  await server.call('DELETE', `/api/messages/${regretted.id}`, { token: ana.token });
  await settle();
  await ana.send(id, 'Blocked');
  await server.call('PUT', `/api/users/${ana.id}/block`, { token: bo.token });
  await settle();
  expect(alertsTo(phone)).toEqual([]);
  await server.call('DELETE', `/api/users/${ana.id}/block`, { token: bo.token });
  await ana.send(id, 'Again');
  await settle();
  expect(alertsTo(phone).map(({ payload }) => payload.seq)).toEqual([5]);
});

it('forgets a device its service does not know any more, unless it was registered again since', async () => {
  const { ana, bo, id, phone } = await scene();
  services.apple.received.faults.push({ status: 410, body: { reason: 'Unregistered', timestamp: Date.now() - 60_000 } });
  await ana.send(id, 'One');
  await settle();
  await ana.send(id, 'Two');
  await settle();
  expect(alertsTo(phone).map(({ payload }) => payload.seq)).toEqual([2]);
  services.apple.received.faults.push({ status: 400, body: { reason: 'BadDeviceToken' } });
  await ana.send(id, 'Three');
  await settle();
  const { calls } = services.apple.received;
  await ana.send(id, 'Four');
  await settle();
  expect(services.apple.received.calls).toBe(calls);
  // From here on a send asks for nothing.
  await ana.send(id, 'Five');
  expect((await server.database.pool.query('SELECT 1 FROM due_pushes WHERE user_id = $1', [bo.id])).rowCount).toBe(0);
  // And for pushes again as soon as a device is there.
  await registerDevice(server, bo, 'ios', phone);
  await ana.send(id, 'Six');
  await settle();
  expect(alertsTo(phone).map(({ payload }) => payload.seq)).toEqual([2, 6]);
});

it('[X2] a device goes with its session: signed out, it is woken no more, and whoever signs in there next is', async () => {
  const [ana] = (await createPeople(server, 'Ana')) as [Person];
  const bo = await server.signUp('Bo');
  const cy = await server.signUp('Cy');
  const phone = appleToken();
  const write = async (to: { user: { id: string } }, text: string) => {
    await server.call('POST', '/api/conversations', { token: ana.token, body: { userId: to.user.id } }).then(({ body }) => ana.send((body as { id: ConversationId }).id, text));
    await settle();
  };
  await registerDevice(server, { token: bo.accessToken }, 'ios', phone);
  await write(bo, 'For Bo');
  await server.call('POST', '/api/auth/logout', { token: bo.accessToken });
  await write(bo, 'Bo is gone');
  expect(alertsTo(phone)).toHaveLength(1);
  await registerDevice(server, { token: cy.accessToken }, 'ios', phone);
  // The same installation, without having signed out first.
  const again = await server.signUp('Dee');
  await registerDevice(server, { token: again.accessToken }, 'ios', phone);
  await write(cy, 'Cy is gone');
  expect(alertsTo(phone)).toHaveLength(1);
  await write(again, 'For Dee');
  expect(alertsTo(phone)).toHaveLength(2);
});

it('[X3] takes tokens that can be ones, twenty devices a person at most, and only one’s own away', async () => {
  const { bo, ana } = await scene();
  const refused = async (platform: string, token: string) => server.problemOf('POST', '/api/devices/register', { token: bo.token, body: { platform, token } });
  expect(await refused('ios', '../../3/device/x')).toBe('validation_failed');
  expect(await refused('android', 'two words')).toBe('validation_failed');
  expect(await refused('web', '{"endpoint":"http://localhost/1","keys":{}}')).toBe('validation_failed');
  expect(await refused('web', 'null')).toBe('validation_failed');
  expect(await refused('pager', 'abc')).toBe('validation_failed');
  const device = await registerDevice(server, bo, 'ios', appleToken());
  expect(await registerDevice(server, bo, 'ios', appleToken())).toBe(device);
  expect(await server.problemOf('DELETE', `/api/devices/${device}`, { token: ana.token })).toBe('not_found');
  expect((await server.call('DELETE', `/api/devices/${device}`, { token: bo.token })).status).toBe(204);
  const { body } = await server.call<{ tokens: { accessToken: string }[] }>('POST', '/api/admin/tokens', { token: TEST_ADMIN_KEY, body: { userIds: Array.from({ length: 25 }, () => bo.id) } });
  for (const { accessToken } of body.tokens) await registerDevice(server, { token: accessToken }, 'ios', appleToken());
  expect((await server.database.pool.query('SELECT 1 FROM devices WHERE user_id = $1', [bo.id])).rowCount).toBe(20);
});

it('users without a device cost a send nothing', async () => {
  const [ana, bo] = (await createPeople(server, 'Ana', 'Bo')) as [Person, Person];
  await ana.send(await ana.conversationWith(bo), 'Hello');
  expect((await server.database.pool.query('SELECT 1 FROM due_pushes WHERE user_id = ANY($1)', [[ana.id, bo.id]])).rowCount).toBe(0);
});

it('counts what was sent, accepted, and acknowledged afterwards', async () => {
  const accepted = () => countOf(/^couplet_pushes_accepted_total\{platform="ios",kind="message"\} (\d+)/m);
  const acknowledged = () => countOf(/^couplet_pushes_acknowledged_total (\d+)/m);
  const before = { accepted: await accepted(), acknowledged: await acknowledged() };
  const { ana, bo, id } = await scene();
  await ana.send(id, 'Hello');
  await settle();
  expect(await accepted()).toBe(before.accepted + 1);
  await mark(bo, id, 'delivered', 1);
  await mark(bo, id, 'read', 1);
  await settle();
  expect(await acknowledged()).toBe(before.acknowledged + 1);
});

it('[P3] two nodes push each message once between them', async () => {
  const { ana, id, phone } = await scene();
  const second = await startNode(services, server.database.url);
  try {
    for (let n = 1; n <= 40; n += 1) await ana.send(id, `n${n}`);
    await endGrace(server.database.pool);
    await Promise.all([server.server.context.pushes.look(), second.context.pushes.look()]);
    await jobsDone();
    expect(alertsTo(phone).map(({ payload }) => payload.seq).sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, n) => n + 1));
  } finally {
    await second.stop();
  }
});

it('[P3] a push that waits survives the end of its node and of PostgreSQL', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'couplet-test-'));
  const postgres = await openOwnPostgres(dataDir);
  try {
    const first = await startNode(services, postgres.url);
    const at: TestServer = { ...server, server: first, call: (method, path, options) => callAt(first.url, method, path, options) };
    const [ana, bo] = (await createPeople(at, 'Ana', 'Bo')) as [Person, Person];
    const phone = appleToken();
    await registerDevice(at, bo, 'ios', phone);
    await ana.send(await ana.conversationWith(bo), 'Hello');
    await first.stop();
    await postgres.kill();
    const next = await startNode(services, postgres.url);
    expect(alertsTo(phone)).toEqual([]);
    await endGrace({ query: (async (text: string) => ({ rows: await postgres.query(text) })) as never });
    await next.context.pushes.look();
    await services.apple.received.until(() => alertsTo(phone).length > 0);
    await next.stop();
    expect(alertsTo(phone)).toHaveLength(1);
  } finally {
    await postgres.close();
    await rm(dataDir, { recursive: true, force: true });
  }
});

/** As the test server's own, of another server. */
async function callAt<Body>(url: string, method: string, path: string, { token, body }: { token?: string; body?: unknown } = {}): Promise<Answer<Body>> {
  const response = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Body };
}
