import type { ConversationId, Message } from '@couplet/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket as WsClient } from 'ws';
import { SOCKET_LIMITS } from '../src/socket/limits.ts';
import { ackOf, createPeople, type Person } from './people.ts';
import { startTestServer, type TestServer } from './test-server.ts';
import { handshake, TestSocket } from './test-socket.ts';

let server: TestServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function start(options: Parameters<typeof startTestServer>[0] = {}): Promise<{ started: TestServer; ana: Person; bo: Person }> {
  const started = await startTestServer(options);
  server = started;
  const [ana, bo] = (await createPeople(started, 'Ana', 'Bo')) as [Person, Person];
  return { started, ana, bo };
}

describe('a connection', () => {
  it('is closed when it says nothing, when it stops pinging, and when its token ends', async () => {
    let clock = Date.now();
    const { started, ana } = await start({ now: () => clock, env: { ACCESS_TOKEN_TTL: '120' } });
    const silent = await TestSocket.open(started.server.url);
    const dead = await ana.connect();
    const alive = await ana.connect();
    clock += SOCKET_LIMITS.authWithinMs + 1;
    expect(await silent.untilClosed()).toBe(4401);
    clock += 55_000;
    await alive.settled();
    expect(await dead.untilClosed()).toSatisfy((code: number) => code === 4408 || code === 1006);
    expect((await alive.until('auth.expiring'))[0]?.data.inMs).toBeLessThanOrEqual(60_000);
    clock += 50_000;
    await alive.settled();
    clock += 10_000;
    expect(await alive.untilClosed()).toBe(4401);
  });

  it('lives on with a new token of the same session, and refuses one of another', async () => {
    let clock = Date.now();
    const { started } = await start({ now: () => clock });
    const [cleo, dan] = [await started.signUp('Cleo'), await started.signUp('Dan')];
    const socket = await TestSocket.connect(started.server.url, cleo.accessToken);
    clock += 5_000;
    const { body: renewed } = await started.call<typeof cleo>('POST', '/api/auth/refresh', { body: { refreshToken: cleo.refreshToken } });
    expect(await socket.request('auth.refresh', { token: renewed.accessToken })).toMatchObject({ type: 'auth.ok' });
    expect(await socket.request('auth.refresh', { token: dan.accessToken })).toMatchObject({ type: 'error', data: { code: 'forbidden' } });
    await socket.settled();
    socket.close();
  });

  it('[X2] is closed when its session is revoked, and other sessions of the user are not', async () => {
    const { started } = await start();
    const phone = await started.signUp('Eve', { email: 'eve@example.test' });
    const { body: laptop } = await started.call<typeof phone>('POST', '/api/auth/login', { body: { login: 'eve@example.test', password: 'correct horse' } });
    const sockets = [await TestSocket.connect(started.server.url, phone.accessToken), await TestSocket.connect(started.server.url, laptop.accessToken)] as const;
    await started.call('DELETE', `/api/auth/sessions/${phone.sessionId}`, { token: laptop.accessToken });
    expect(await sockets[0].untilClosed()).toBe(4401);
    await sockets[1].settled();
    expect(await started.problemOf('GET', '/api/users/me', { token: phone.accessToken })).toBe('session_revoked');
    expect(await started.problemOf('POST', '/api/auth/refresh', { body: { refreshToken: phone.refreshToken } })).toBe('session_revoked');
    sockets[1].close();
  });

  it('is refused when the user has 64 already', async () => {
    const { started, ana } = await start();
    const sockets = await Promise.all(Array.from({ length: SOCKET_LIMITS.perUser }, () => ana.connect()));
    const oneMore = await TestSocket.open(started.server.url);
    expect(await oneMore.request('auth', { token: ana.token, protocolVersion: 1 })).toMatchObject({ type: 'error', data: { code: 'rate_limited' } });
    expect(await oneMore.untilClosed()).toBe(4429);
    sockets.forEach((socket) => socket.close());
  });

  it('[X4] that does not read is closed once a megabyte waits for it, and the sender keeps its speed', async () => {
    const { started, ana, bo } = await start();
    const conversationId = await ana.conversationWith(bo);
    const slow = new WsClient(`${started.server.url.replace('http', 'ws')}/ws`);
    await new Promise((opened) => slow.once('open', opened));
    slow.send(JSON.stringify({ type: 'auth', id: '1', ts: 0, data: { token: bo.token, protocolVersion: 1 } }));
    await new Promise((welcomed) => slow.once('message', welcomed));
    slow.pause();
    const connections = () => started.server.context.presence.connectionCount(bo.id);
    expect(connections()).toBe(1);
    const sender = await ana.connect();
    // The kernel takes some megabytes before anything waits in the process.
    for (let n = 0; n < 4_000 && connections() > 0; n += 1) {
      ackOf(await sender.request('chat.message.send', { conversationId, clientMsgId: `slow-${n}` as Message['clientMsgId'], text: 'x'.repeat(8_000) }));
    }
    expect(connections()).toBe(0);
    slow.terminate();
    sender.close();
  }, 60_000);
});

describe('limits', () => {
  it('slow a sender down after 20 messages at once, with the time to wait, and lose nothing', async () => {
    const { ana, bo } = await start({ env: { RATE_LIMITS: 'on' } });
    const conversationId = await ana.conversationWith(bo);
    const socket = await ana.connect();
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, n) => socket.request('chat.message.send', { conversationId, clientMsgId: `n-${n}` as Message['clientMsgId'], text: 'x' })),
    );
    const refused = answers.flatMap((answer) => (answer.type === 'error' ? [answer.data] : []));
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThanOrEqual(20);
    for (const error of refused) expect(error).toMatchObject({ code: 'rate_limited', retryable: true, retryAfterMs: expect.any(Number), clientMsgId: expect.any(String) });
    expect((await bo.history(conversationId)).length).toBe(40 - refused.length);
    socket.close();
  });

  it('refuse handshakes of one address past 60 at once with 429, and say when and how many', async () => {
    const { started } = await start({ env: { RATE_LIMITS: 'on' } });
    const answers = await Promise.all(Array.from({ length: 120 }, () => handshake(started.server.url)));
    const refused = answers.filter(({ status }) => status === 429);
    expect(answers.filter(({ status }) => status === 101)).toHaveLength(120 - refused.length);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThanOrEqual(60);
    for (const { headers } of refused) expect(headers).toMatchObject({ 'retry-after': '1', ratelimit: '"handshakeByAddress";r=0;t=1', 'ratelimit-policy': '"handshakeByAddress";q=60;w=3' });
  });

  it('answer a ping with the end of the log', async () => {
    const { ana, bo } = await start();
    const socket = await ana.connect();
    const before = await socket.request('presence.ping', {});
    await bo.send(await bo.conversationWith(ana), 'one more');
    const after = await socket.request('presence.ping', {});
    const { position } = await ana.sync(0);
    expect(position).toBeGreaterThan(0);
    expect([before, after].map((pong) => pong.type === 'presence.pong' && pong.data.position)).toEqual([0, position]);
  });

  it('close a connection that floods frames', async () => {
    const { ana } = await start({ env: { RATE_LIMITS: 'on' } });
    const socket = await ana.connect();
    for (let n = 0; n < SOCKET_LIMITS.frameBurst + 200; n += 1) socket.write('presence.ping', {});
    expect(await socket.untilClosed()).toBe(4429);
  });
});

describe('a page of another origin', () => {
  it('cannot connect unless it is allowed', async () => {
    const { started } = await start({ env: { ALLOWED_ORIGINS: 'https://friend.example' } });
    const open = (origin: string) =>
      new Promise<string>((resolve) => {
        const socket = new WsClient(`${started.server.url.replace('http', 'ws')}/ws`, { origin });
        socket.once('open', () => resolve('open'));
        socket.once('error', (error) => resolve(error.message));
        socket.once('open', () => socket.terminate());
      });
    expect(await open('https://friend.example')).toBe('open');
    expect(await open(started.server.url)).toBe('open');
    expect(await open('https://stranger.example')).toContain('403');
  });
});

describe('a node that stops', () => {
  it('[X8] answers what it took, tells every client when to come back, and closes with 4503', async () => {
    const { started, ana, bo } = await start();
    const conversationId: ConversationId = await ana.conversationWith(bo);
    const [sender, idle] = await Promise.all([ana.connect(), bo.connect()]);
    const answers = Array.from({ length: 50 }, (_, n) =>
      sender.request('chat.message.send', { conversationId, clientMsgId: `last-${n}` as Message['clientMsgId'], text: 'x' }),
    );
    await sender.settled();
    const drained = started.server.drain();
    const acks = (await Promise.all(answers)).map(ackOf);
    expect(acks).toHaveLength(50);
    for (const socket of [sender, idle]) {
      expect(await socket.untilClosed()).toBe(4503);
      expect(socket.all('server.draining')[0]?.data.reconnectInMs).toBeLessThan(SOCKET_LIMITS.reconnectSpreadMs);
    }
    await drained;
    const { rows } = await started.database.pool.query('SELECT count(*) FROM messages WHERE conversation_id = $1', [conversationId]);
    expect(rows[0]).toEqual({ count: 50 });
  });
});
