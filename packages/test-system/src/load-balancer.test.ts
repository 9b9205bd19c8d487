import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LIMITS, type SignedIn } from '@couplet/protocol';
import { loadConfig, type RunningServer, startServer } from '@couplet/server';
// Says what the run's PostgreSQL provides to tests.
import type {} from '@couplet/server/test/postgres';
import { createTestDatabase, type TestDatabase } from '@couplet/server/test/test-database';
import { TEST_OVERRIDES } from '@couplet/server/test/test-overrides';
import { TestSocket } from '@couplet/server/test/test-socket';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NginxProcess } from './nginx-process.ts';
import { until } from './until.ts';

const SECRETS = { AUTH_SECRET: 'a-secret-that-only-tests-sign-with-00', PUSHER_APP_ID: 'app', PUSHER_KEY: 'key', PUSHER_SECRET: 'a-secret-of-tests-00' };

describe('two nodes behind the real nginx', () => {
  let dataDir: string;
  let database: TestDatabase;
  const nodes = new Map<string, RunningServer>();
  /** Where the nodes' clock stands still, in epoch milliseconds. */
  let stoppedAt: number | null = null;
  let nginx: NginxProcess;
  let ana: SignedIn;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'couplet-balanced-'));
    database = await createTestDatabase();
    for (const name of ['one', 'two']) nodes.set(name, await startNode(name, 0));
    nginx = await NginxProcess.start([...nodes.values()].map(({ url }) => url));
    const answer = await fetch(`${nginx.url}/api/auth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Ana', email: 'ana@balanced.test', password: 'correct horse' }),
    });
    ana = (await answer.json()) as SignedIn;
  });
  afterAll(async () => {
    await nginx.close();
    for (const node of nodes.values()) await node.stop();
    await database.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** @param port 0 for any that is free */
  function startNode(name: string, port: number): Promise<RunningServer> {
    const config = loadConfig({ PORT: String(port), DATABASE_URL: database.url, DATA_DIR: dataDir, NODE_ID: name, LOG_LEVEL: 'silent', RATE_LIMITS: 'on', ...SECRETS });
    return startServer(config, { ...TEST_OVERRIDES, now: () => stoppedAt ?? Date.now() });
  }

  /** The node that a native connection is on: connection ids begin with its name. */
  async function connect(): Promise<{ socket: TestSocket; node: string }> {
    const socket = await TestSocket.open(nginx.url);
    const answer = await socket.request('auth', { token: ana.accessToken, protocolVersion: 1 });
    if (answer.type !== 'auth.ok') throw new Error(`auth was answered ${JSON.stringify(answer)}`);
    return { socket, node: answer.data.connectionId.split('-')[0] ?? '' };
  }

  it('speaks both WebSocket protocols through it', async () => {
    const { socket } = await connect();
    expect((await socket.request('presence.ping', {})).type).toBe('presence.pong');
    socket.close();
    const pusher = new WebSocket(`${nginx.url.replace('http', 'ws')}/app/key?protocol=7`);
    const [first] = (await once(pusher, 'message')) as [MessageEvent];
    expect(JSON.parse(String(first.data))).toMatchObject({ event: 'pusher:connection_established' });
    pusher.close();
  });

  it('brings one client to one node, with every socket and request', async () => {
    const connections = await Promise.all(Array.from({ length: 6 }, connect));
    expect(new Set(connections.map(({ node }) => node)).size).toBe(1);
    for (const { socket } of connections) socket.close();
  });

  it('carries the id of a request to the node and back, and gives one to a request without', async () => {
    const named = await fetch(`${nginx.url}/api/config`, { headers: { 'x-request-id': 'asked-by-a-test' } });
    expect(named.headers.get('x-request-id')).toBe('asked-by-a-test');
    const unnamed = await fetch(`${nginx.url}/api/config`);
    // As nginx writes them, not as the node would: so it stands in both logs.
    expect(unnamed.headers.get('x-request-id')).toMatch(/^[0-9a-f]{32}$/);
  });

  it('keeps the metrics to itself', async () => {
    for (const path of ['/metrics', '/metrics/', '/Metrics']) expect([path, (await fetch(nginx.url + path)).status]).toEqual([path, 404]);
    expect((await fetch(`${nginx.url}/healthz`)).status).toBe(200);
  });

  it('tells the node who asks, whatever the client claims', async () => {
    // Sixty handshakes at once are let through for one address. A claimed one would be counted anew each time.
    // However long they take here, no time passes in which one more is earned.
    stoppedAt = Date.now();
    const statuses = await Promise.all(
      Array.from({ length: 100 }, (_, index) => upgradeStatus(nginx.url, { 'x-forwarded-for': `198.51.100.${index}` })),
    ).finally(() => (stoppedAt = null));
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(0);
    expect(statuses.filter((status) => status === 101).length).toBeGreaterThan(0);
  });

  it('passes an upload on while it is still coming in', async () => {
    const asked = await fetch(`${nginx.url}/api/uploads/presign`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ana.accessToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ filename: 'large.bin', contentType: 'application/octet-stream', sizeBytes: LIMITS.uploadPartBytes }),
    });
    const { url, headers } = (await asked.json()) as { url: string; headers: Record<string, string> };
    const { pathname, search } = new URL(url);
    const put = request(nginx.url + pathname + search, { method: 'PUT', headers: { ...headers, 'content-length': LIMITS.uploadPartBytes } });
    const answered = once(put, 'response') as Promise<[{ statusCode: number; resume(): void }]>;
    const half = Buffer.alloc(LIMITS.uploadPartBytes / 2, 1);
    put.write(half);
    // With the second half still here, a node has a part of the first.
    await until('a node has a part of the first half', async () => (await bytesUnder(join(dataDir, 'blobs'))) > 0);
    put.end(half);
    const [answer] = await answered;
    expect(answer.statusCode).toBeLessThan(300);
    answer.resume();
  });

  it('[X8] a node that stops gives its clients to the other one, and no send fails that is tried again once', async () => {
    const call = (path: string, body: unknown, token = ana.accessToken) =>
      fetch(nginx.url + path, { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: JSON.stringify(body) });
    const bo = (await (await call('/api/auth/register', { name: 'Bo', email: 'bo@balanced.test', password: 'correct horse' })).json()) as SignedIn;
    const { id } = (await (await call('/api/conversations', { userId: bo.user.id })).json()) as { id: string };
    const sendTwice = async (clientMsgId: string) => {
      const send = () => call(`/api/conversations/${id}/messages`, { clientMsgId, text: clientMsgId }).then(({ ok }) => ok, () => false);
      return (await send()) || (await send());
    };
    const before = await connect();
    const leaving = nodes.get(before.node);
    if (!leaving) throw new Error(`There is no node ${before.node}`);
    const underWay = Array.from({ length: 8 }, (_, index) => sendTwice(`before-${index}`));
    const stopped = leaving.stop();
    underWay.push(...Array.from({ length: 8 }, (_, index) => sendTwice(`while-${index}`)));
    expect(await before.socket.untilClosed()).toBe(4503);
    expect(before.socket.all('server.draining')).toHaveLength(1);
    const after = await connect();
    expect(after.node).not.toBe(before.node);
    expect(await Promise.all(underWay)).toEqual(underWay.map(() => true));
    const stored = await fetch(`${nginx.url}/api/conversations/${id}/messages`, { headers: { authorization: `Bearer ${bo.accessToken}` } });
    expect(((await stored.json()) as { items: unknown[] }).items).toHaveLength(underWay.length);
    after.socket.close();
    await stopped;
  });

  it('lets a crowd back in at once when all nodes were gone', async () => {
    const knock = () => Promise.all(Array.from({ length: 20 }, () => upgradeStatus(nginx.url, {})));
    await Promise.all([...nodes.values()].map((node) => node.stop()));
    expect(new Set(await knock())).toEqual(new Set([502]));
    const [[name, before] = []] = nodes;
    if (name === undefined || before === undefined) throw new Error('There was no node');
    nodes.set(name, await startNode(name, before.port));
    expect(new Set(await knock())).toEqual(new Set([101]));
  });
});

/** What a WebSocket handshake is answered with. */
async function upgradeStatus(url: string, headers: Record<string, string>): Promise<number | undefined> {
  const asked = request(`${url}/ws`, {
    headers: { ...headers, connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' },
  }).end();
  return new Promise((resolve, reject) => {
    asked.once('error', reject);
    asked.once('upgrade', (answer, socket) => {
      socket.destroy();
      resolve(answer.statusCode);
    });
    asked.once('response', (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
  });
}

async function bytesUnder(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(names.map((name) => stat(join(folder, name)).then((found) => (found.isFile() ? found.size : 0), () => 0)));
  return sizes.reduce((sum, size) => sum + size, 0);
}
