import { clientMsgIdSchema, type DownFrame, problemSchema, PROTOCOL_VERSION, type SignedIn } from '@couplet/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from './test-server.ts';
import { handshake, TestSocket } from './test-socket.ts';

describe('a full node', () => {
  let server: TestServer;
  let ana: SignedIn;
  let release: (() => void)[];
  beforeEach(async () => {
    release = [];
    const bounds = { running: 1, waiting: 8, waitingMs: 60_000 };
    server = await startTestServer({ admissionBounds: { signIn: bounds, catchUp: { ...bounds, waiting: 1 } } });
    ana = await server.signUp('Ana');
  });
  afterEach(async () => {
    for (const end of release) end();
    await server.close();
  });

  /** Takes every place of one kind of work, and so many in the queue. */
  function fill(work: 'signIn' | 'catchUp', waiting: number): void {
    for (let i = 0; i <= waiting; i += 1) {
      const { promise, resolve } = Promise.withResolvers<void>();
      release.push(resolve);
      void server.server.context.admission[work].run(() => promise);
    }
  }

  const metric = async (name: string) => (await server.call<string>('GET', '/metrics')).body.split('\n').filter((line) => line.startsWith(name));

  it('lets a crowd in by and by, and tells everybody it sends away when to come back', async () => {
    const sockets = await Promise.all(Array.from({ length: 40 }, () => TestSocket.open(server.server.url)));
    const outcomes = await Promise.all(sockets.map((socket) => signIn(socket, ana.accessToken)));
    const admitted = outcomes.filter((outcome) => outcome === 'open');
    const sentAway = outcomes.filter((outcome) => outcome !== 'open');
    expect(admitted.length).toBeGreaterThanOrEqual(9);
    expect(sentAway.length).toBeGreaterThan(0);
    for (const { code, reconnectInMs } of sentAway) {
      expect(code).toBe(4503);
      expect(reconnectInMs).toBeGreaterThanOrEqual(1_000);
    }
    expect(await metric('couplet_admission_refused_total')).toEqual([`couplet_admission_refused_total{work="signIn"} ${sentAway.length}`]);
    // Nobody is forgotten: whoever comes back finds room.
    for (let i = 0; i < sentAway.length; i += 1) {
      const socket = await TestSocket.connect(server.server.url, ana.accessToken);
      expect((await socket.request('presence.ping', {})).type).toBe('presence.pong');
      socket.close();
    }
    for (const socket of sockets) socket.close();
  });

  it('refuses handshakes while many wait, and opens again', async () => {
    fill('signIn', 4);
    expect(await metric('couplet_admission_waiting{work="signIn"}')).toEqual(['couplet_admission_waiting{work="signIn"} 4']);
    const refused = await handshake(server.server.url);
    expect(refused.status).toBe(503);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect((await server.call('GET', '/healthz')).status).toBe(200);
    for (const end of release) end();
    const socket = await TestSocket.connect(server.server.url, ana.accessToken);
    socket.close();
  });

  it('answers catch-ups with 503 and a time, and still takes messages', async () => {
    const bo = await server.signUp('Bo');
    const socket = await TestSocket.connect(server.server.url, ana.accessToken);
    fill('catchUp', 1);
    const answer = await server.call('GET', '/api/sync?since=0', { token: ana.accessToken });
    expect(answer.status).toBe(503);
    expect(problemSchema.parse(answer.body)).toMatchObject({ code: 'unavailable', retryable: true });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    const framed: DownFrame = await socket.request('chat.sync', { since: 0 });
    expect(framed).toMatchObject({ type: 'error', data: { code: 'unavailable', retryable: true, retryAfterMs: expect.any(Number) as number } });
    const sent = await socket.request('chat.message.send', { receiverId: bo.user.id, clientMsgId: clientMsgIdSchema.parse('while-full'), text: 'still here' });
    expect(sent.type).toBe('chat.message.ack');
    for (const end of release) end();
    expect((await server.call('GET', '/api/sync?since=0', { token: ana.accessToken })).status).toBe(200);
    socket.close();
  });

  it('has the signing of Pusher channels wait its turn, and refuses it when the queue is full', async () => {
    fill('signIn', 8);
    const sign = () => server.call('POST', '/api/pusher/auth', { token: ana.accessToken, body: { socket_id: '1.1', channel_name: `private-user-${ana.user.id}` } });
    const refused = await sign();
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    for (const end of release) end();
    expect((await sign()).status).toBe(200);
  });
});

/** @returns how it ended: open, or how the socket was closed */
async function signIn(socket: TestSocket, token: string): Promise<'open' | { code: number; reconnectInMs: number }> {
  const answered = socket.request('auth', { token, protocolVersion: PROTOCOL_VERSION }).then(() => 'open' as const);
  const closed = socket.untilClosed().then((code) => ({ code, reconnectInMs: socket.all('server.draining')[0]?.data.reconnectInMs ?? -1 }));
  return Promise.race([answered, closed]);
}
