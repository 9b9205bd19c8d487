import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { clientMsgIdSchema, type SignedIn } from '@couplet/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../src/config.ts';
import { createLog } from '../src/log.ts';
import { type RunningServer, startServer } from '../src/server.ts';
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from './otlp-receiver.ts';
import { createTestDatabase, type TestDatabase } from './test-database.ts';
import { TEST_OVERRIDES } from './test-overrides.ts';
import { startTestRedis, type TestRedis } from './test-redis.ts';
import { TestSocket } from './test-socket.ts';

const CALLER = { traceId: 'a1b2c3d4e5f60718293a4b5c6d7e8f90', spanId: '0123456789abcdef' };
const TRACEPARENT = `00-${CALLER.traceId}-${CALLER.spanId}-01`;

interface Line {
  node: string;
  msg: string;
  messageId?: string;
  requestId?: string;
}

describe('a message from one node to another, with a collector and lines of level debug', () => {
  let collector: OtlpReceiver;
  let redis: TestRedis;
  let database: TestDatabase;
  let dataDir: string;
  const lines: Line[] = [];
  let messageId: string;
  let byRest: string;
  let requestId: string;

  const inTrace = (id: string): ReceivedSpan[] => collector.spans.filter(({ traceId }) => traceId === id.replaceAll('-', ''));

  beforeAll(async () => {
    [collector, redis, database, dataDir] = await Promise.all([startOtlpReceiver(), startTestRedis(), createTestDatabase(), mkdtemp(join(tmpdir(), 'couplet-traced-'))]);
    const startNode = (name: string): Promise<RunningServer> => {
      const sink = new Writable({ write: (chunk: Buffer, _encoding, done) => (lines.push(JSON.parse(chunk.toString()) as Line), done()) });
      const config = loadConfig({
        PORT: '0',
        DATABASE_URL: database.url,
        REDIS_URL: redis.url,
        DATA_DIR: dataDir,
        NODE_ID: name,
        RATE_LIMITS: 'off',
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      });
      return startServer(config, { ...TEST_OVERRIDES, log: createLog('debug', name, sink) });
    };
    const [one, two] = [await startNode('one'), await startNode('two')];
    const call = async (method: string, path: string, token: string | null, body?: unknown) => {
      const headers = { 'content-type': 'application/json', traceparent: TRACEPARENT, 'x-request-id': 'asked-by-a-test', ...(token === null ? {} : { authorization: `Bearer ${token}` }) };
      const response = await fetch(one.url + path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
      return response.json();
    };
    const signUp = (name: string) => call('POST', '/api/auth/register', null, { name, email: `${name}@traced.test`, password: 'correct horse' }) as Promise<SignedIn>;
    const [ana, bo] = [await signUp('ana'), await signUp('bo')];
    const [anas, bos] = [await TestSocket.connect(one.url, ana.accessToken), await TestSocket.connect(two.url, bo.accessToken)];

    const sent = await anas.request('chat.message.send', { receiverId: bo.user.id, clientMsgId: clientMsgIdSchema.parse('traced-1'), text: 'follow me' });
    if (sent.type !== 'chat.message.ack') throw new Error(`The send was answered ${JSON.stringify(sent)}`);
    messageId = sent.data.messageId;
    const { id } = (await call('POST', '/api/conversations', ana.accessToken, { userId: bo.user.id })) as { id: string };
    const posted = (await call('POST', `/api/conversations/${id}/messages`, ana.accessToken, { clientMsgId: 'traced-2', text: 'me too' })) as { id: string };
    byRest = posted.id;
    await call('GET', '/api/users/me', ana.accessToken);
    await call('GET', `/api/users/${messageId}`, ana.accessToken);
    await bos.until('chat.message.new', 2);
    requestId = lines.find((line) => line.msg === 'Stored' && line.messageId === messageId)?.requestId ?? '';
    for (const socket of [anas, bos]) socket.close();
    // Stopping sends what is left.
    await Promise.all([one.stop(), two.stop()]);
  });
  afterAll(async () => {
    await Promise.all([collector.close(), redis.close(), database.close()]);
    await rm(dataDir, { recursive: true, force: true });
  });

  it('is one trace from the frame over the commit and Redis to the receiver’s socket, and the trace is the message’s id', () => {
    const spans = inTrace(messageId);
    const root = spans.find(({ parentSpanId }) => parentSpanId === undefined);
    expect(root).toMatchObject({ node: 'one', name: 'chat.message.send', isError: false, attributes: { 'couplet.message_id': messageId } });
    expect(root?.attributes['couplet.request_id']).toBe(requestId);
    for (const { parentSpanId } of spans.filter((span) => span !== root)) expect(parentSpanId).toBe(root?.spanId);
    const hops = spans.map(({ node, name }) => `${name} on ${node}`);
    expect(hops).toEqual(expect.arrayContaining(['store on one', 'commit on one', 'fan-out on one', 'redis on one', 'deliver on two']));
    expect(spans.find(({ name }) => name === 'commit')?.attributes['couplet.batch']).toBe(1);
    expect(spans.find(({ name }) => name === 'redis')?.attributes['couplet.outcome']).toBe('sent');
  });

  it('names the trace of whoever called over REST, with the statements on the way', () => {
    const spans = inTrace(byRest);
    const root = spans.find(({ parentSpanId }) => parentSpanId === undefined);
    expect(root).toMatchObject({ name: 'POST /api/conversations/:id/messages', links: [CALLER], attributes: { 'http.route': '/api/conversations/:id/messages', 'couplet.request_id': 'asked-by-a-test' } });
    expect(spans.map(({ name }) => name)).toEqual(expect.arrayContaining(['store', 'commit', 'fan-out', 'deliver']));
  });

  it('leaves every other request in the trace of its caller, and tells which failed', () => {
    const spans = inTrace(CALLER.traceId);
    const me = spans.find(({ name }) => name === 'GET /api/users/me');
    expect(me).toMatchObject({ parentSpanId: CALLER.spanId, isError: false });
    const statements = spans.filter(({ name, parentSpanId }) => name === 'sql' && parentSpanId === me?.spanId);
    expect(String(statements[0]?.attributes['db.query.text'])).toMatch(/^SELECT /);
    expect(spans.find(({ name }) => name === 'GET /api/users/:id')).toMatchObject({ isError: true });
  });

  it('is found in the logs of every hop by its id', () => {
    const hops = lines.filter((line) => line.messageId === messageId).map(({ node, msg }) => `${msg} on ${node}`);
    expect(hops).toEqual(expect.arrayContaining(['Stored on one', 'Published on one', 'Delivered to a connection on two']));
    expect(requestId).not.toBe('');
  });

  it('tells nobody what people write', () => {
    expect(JSON.stringify(collector.spans)).not.toMatch(/follow me|me too|ana@traced|correct horse/);
    expect(JSON.stringify(lines)).not.toMatch(/follow me|me too|correct horse/);
  });
});
