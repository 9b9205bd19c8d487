import fc from 'fast-check';
import { type Endpoint, ENDPOINTS, ERROR_CODES, type ErrorCode, LIMITS } from '@couplet/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPeople, type Person } from './people.ts';
import { startTestServer, TEST_ADMIN_KEY, type TestServer } from './test-server.ts';
import { TestSocket } from './test-socket.ts';

let server: TestServer;
let ana: Person;
let bo: Person;
let path: string;

beforeAll(async () => {
  server = await startTestServer();
  [ana, bo] = (await createPeople(server, 'Ana', 'Bo')) as [Person, Person];
  path = `/api/conversations/${await ana.conversationWith(bo)}/messages`;
});
afterAll(() => server.close());

/** Everything that the rules of this file forbid to change. */
async function counts(): Promise<unknown> {
  const { rows } = await server.database.pool.query(
    `SELECT (SELECT count(*) FROM users) AS users, (SELECT count(*) FROM messages) AS messages, (SELECT count(*) FROM conversations) AS conversations,
            (SELECT count(*) FROM events) AS events, (SELECT sum(last_position) FROM event_logs) AS positions, (SELECT count(*) FROM blocks) AS blocks`,
  );
  return rows[0];
}

describe('[X3] bodies', () => {
  it.each<[string, unknown, Record<string, string>, ErrorCode]>([
    ['not JSON', '{', { 'content-type': 'application/json' }, 'bad_json'],
    ['a wrong content type', 'clientMsgId=1', { 'content-type': 'application/x-www-form-urlencoded' }, 'unsupported_media_type'],
    ['more than the limit', JSON.stringify({ text: 'x'.repeat(LIMITS.bodyBytes) }), { 'content-type': 'application/json' }, 'body_too_large'],
    ['nothing at all', undefined, {}, 'validation_failed'],
    ['a blank text', { clientMsgId: 'x', text: '  ' }, {}, 'validation_failed'],
    ['a NUL character', { clientMsgId: 'x', text: 'a\u0000b' }, {}, 'validation_failed'],
    ['a text over 8,000 characters', { clientMsgId: 'x', text: 'x'.repeat(8_001) }, {}, 'validation_failed'],
    ['a clientMsgId with spaces', { clientMsgId: 'a b', text: 'x' }, {}, 'validation_failed'],
    ['an attachment', { clientMsgId: 'x', text: 'x', attachments: ['y'] }, {}, 'validation_failed'],
    ['a type of message that nobody can send', { clientMsgId: 'x', type: 'system', text: 'x' }, {}, 'validation_failed'],
  ])('[X3] %s gets a typed problem and changes nothing', async (_, body, headers, code) => {
    const before = await counts();
    const answer = await server.call<{ code: ErrorCode; status: number; title: string; requestId: string }>('POST', path, {
      token: ana.token,
      headers,
      ...(body !== undefined && { body }),
    });
    expect(answer.body).toMatchObject({ code, status: ERROR_CODES[code].status, requestId: answer.headers.get('x-request-id') });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(await counts()).toEqual(before);
  });

  it('[X3] names each field that does not fit', async () => {
    const { body } = await server.call<{ errors: { path: string }[] }>('POST', '/api/auth/register', { body: { email: 'no', password: '1', name: '' } });
    expect(body.errors.map((issue) => issue.path).sort()).toEqual(['email', 'name', 'password']);
  });

  it('[X3] keeps unusual but right text as it is', async () => {
    for (const text of ['👩‍👩‍👧‍👦', 'שלום', 'a\u0301', '\ud800 lone', '\u202ertl', '\\u0000', "'; DROP TABLE users; --", ' spaces ']) {
      const sent = await ana.send(path.split('/')[3] as Parameters<Person['send']>[0], text);
      const [kept] = (await bo.history(sent.conversationId)).slice(-1);
      expect(kept?.text).toBe(text.toWellFormed());
    }
  });
});

/** Values of every kind, among them those that look nearly right. */
const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ unit: 'binary', maxLength: 50 }),
  fc.constantFrom('', null, -1, 1e309, 2 ** 53, '0190a1b2-0000-7000-8000-000000000000', '\u0000', '👍', 'a'.repeat(9_000)),
);

describe('[X3] anything at all', () => {
  it('[X3] never makes an endpoint fail: parameters, queries and bodies of every kind', async () => {
    const endpoints = (Object.values(ENDPOINTS) as Endpoint[]).filter((endpoint) => endpoint.name !== 'logout');
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...endpoints), fc.array(anything, { minLength: 8, maxLength: 8 }), async (endpoint, values) => {
        let used = 0;
        const value = () => values[(used += 1) % values.length];
        const text = (maxLength: number) => {
          const next = value();
          return encodeURIComponent((typeof next === 'string' ? next : JSON.stringify(next)).toWellFormed().slice(0, maxLength).toWellFormed());
        };
        const url = endpoint.path.replace(/:\w+/g, () => text(200) || 'x');
        const query = Object.keys(endpoint.query?.shape ?? {}).map((key) => `${key}=${text(500)}`);
        const shape = endpoint.body && 'shape' in endpoint.body ? Object.keys(endpoint.body.shape as object) : [];
        const body = values[0] === null ? value() : Object.fromEntries(shape.map((key) => [key, value()]));
        const { status } = await server.call(endpoint.method, `${url}?${query.join('&')}`, {
          token: endpoint.auth === 'admin' ? TEST_ADMIN_KEY : ana.token,
          ...(endpoint.body && { body: JSON.stringify(body) ?? 'null', headers: { 'content-type': 'application/json' } }),
        });
        expect(status, `${endpoint.name} ${url}`).toBeLessThan(500);
      }),
      { numRuns: 300 },
    );
  });

  it('[X3] never ends the node or another connection: frames of every kind', async () => {
    const types = ['auth', 'auth.refresh', 'presence.ping', 'presence.watch', 'chat.message.send', 'chat.message.read', 'chat.message.edit', 'chat.message.react', 'chat.typing', 'chat.sync', 'x'];
    const frame = fc.record({ type: fc.constantFrom(...types), id: fc.oneof(fc.constant('1'), anything), ts: anything, data: fc.oneof(anything, fc.dictionary(fc.constantFrom('conversationId', 'clientMsgId', 'text', 'seq', 'since', 'userIds', 'messageId', 'emoji', 'token'), anything)) }, { requiredKeys: [] });
    const bystander = await bo.connect();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(frame.map((value) => JSON.stringify(value)), fc.string({ unit: 'binary', maxLength: 200 }).map((text) => text.toWellFormed())), { minLength: 1, maxLength: 10 }), async (frames) => {
        const socket = await ana.connect();
        for (const text of frames) socket.raw(text);
        // Either the connection still answers, or it was closed for a reason of the list.
        const outcome = await Promise.race([socket.settled().then(() => 'answers'), socket.untilClosed()]).catch(() => socket.untilClosed());
        expect(['answers', 4400, 4401, 4413, 4429]).toContain(outcome);
        for (const pushed of socket.all('error')) expect(pushed.data.code).not.toBe('internal');
        socket.close();
      }),
      { numRuns: 60 },
    );
    await bystander.settled();
    bystander.close();
  });

  it.each<[string, string | Uint8Array<ArrayBuffer>, number]>([
    ['a frame over the limit', JSON.stringify({ type: 'chat.sync', id: '1', ts: 0, data: { since: 0, pad: 'x'.repeat(LIMITS.frameBytes) } }), 4413],
    ['bytes instead of text', new Uint8Array([1, 2, 3]), 4400],
    ['text that is not JSON', 'hello', 4400],
    ['JSON nested 30,000 deep that is no envelope', '['.repeat(30_000) + ']'.repeat(30_000), 4400],
  ])('[X3] %s closes that connection alone', async (_, raw, code) => {
    const [socket, bystander] = await Promise.all([TestSocket.connect(server.server.url, ana.token), bo.connect()]);
    socket.raw(raw);
    expect(await socket.untilClosed()).toBe(code);
    await bystander.settled();
    bystander.close();
  });

  it('[X3] an unknown frame is answered and the connection goes on', async () => {
    const socket = await ana.connect();
    socket.raw('{"type":"chat.dance","id":"d1","ts":0,"data":{}}');
    await socket.settled();
    expect(socket.all('error')[0]).toMatchObject({ replyTo: 'd1', data: { code: 'validation_failed' } });
    socket.close();
  });
});
