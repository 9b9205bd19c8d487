import { randomFillSync } from 'node:crypto';
import { type Event, type Message, type MessageId, uuidv7 } from '@couplet/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WritePath } from '../src/write-path/write-path.ts';
import { createPeople, type Person } from './people.ts';
import { startTestServer, type TestServer } from './test-server.ts';
import { TestSocket } from './test-socket.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const people = async (...names: string[]) => (await createPeople(server, ...names)) as [Person, Person, ...Person[]];

/** The whole log, page by page. */
async function readLog(person: Person, limit = 500): Promise<Event[]> {
  const events: Event[] = [];
  for (let since = 0, hasMore = true; hasMore; ) {
    const { body } = await server.call<{ events: Event[]; position: number; hasMore: boolean }>('GET', `/api/sync?since=${since}&limit=${limit}`, {
      token: person.token,
    });
    events.push(...body.events);
    since = body.position;
    hasMore = body.hasMore;
  }
  return events;
}

describe('the event log', () => {
  it('[S1] gives every durable change of both people the next position: dense, no gaps', async () => {
    const [ana, bo] = await people('Ana', 'Bo');
    const conversationId = await ana.conversationWith(bo);
    const first = await ana.send(conversationId, 'one');
    const second = await bo.send(conversationId, 'two');
    const call = (person: Person, method: string, path: string, body?: unknown) => server.call(method, path, { token: person.token, body });
    await call(bo, 'POST', `/api/conversations/${conversationId}/delivered`, { lastDeliveredMessageId: first.id });
    await call(bo, 'POST', `/api/conversations/${conversationId}/read`, { lastReadMessageId: second.id });
    await call(ana, 'PATCH', `/api/messages/${first.id}`, { text: 'one, better' });
    await call(bo, 'PUT', `/api/messages/${first.id}/reactions/${encodeURIComponent('👍')}`);
    await call(ana, 'DELETE', `/api/messages/${first.id}`);
    await call(ana, 'PATCH', `/api/conversations/${conversationId}`, { pinned: true });
    await call(bo, 'PATCH', '/api/users/me', { name: 'Bobo' });

    const [hers, his] = await Promise.all([readLog(ana), readLog(bo)]);
    expect(hers.map((event) => event.type)).toEqual([
      'conversation.updated',
      'chat.message.new',
      'chat.message.new',
      'chat.message.delivered',
      'chat.message.read',
      'chat.message.updated',
      'chat.message.updated',
      'chat.message.updated',
      'conversation.updated',
      'conversation.updated',
    ]);
    expect(his.map((event) => event.type)).toEqual([
      // Begun by the other: it shows with its first message.
      'conversation.updated',
      'chat.message.new',
      'chat.message.new',
      'chat.message.read',
      'chat.message.updated',
      'chat.message.updated',
      'chat.message.updated',
    ]);
    for (const log of [hers, his]) expect(log.map((event) => event.position)).toEqual(log.map((_, index) => index + 1));
  });

  it('[S1] brings live frames with the positions that the log has', async () => {
    const [cleo, dan] = await people('Cleo', 'Dan');
    const conversationId = await cleo.conversationWith(dan);
    const socket = await dan.connect();
    for (let n = 0; n < 20; n += 1) await cleo.send(conversationId, String(n));
    const frames = await socket.until('chat.message.new', 20);
    const log = (await readLog(dan)).filter((event) => event.type === 'chat.message.new');
    expect(frames.map((frame) => ({ type: frame.type, ...frame.data }))).toEqual(log.map((event, index) => ({ ...event, unreadCount: index + 1 })));
    socket.close();
  });

  it('tells where the log ends, and of which numbering', async () => {
    const [cleo, dan] = await people('Cleo', 'Dan');
    await cleo.send(await cleo.conversationWith(dan), 'one');
    const { epoch, position } = await dan.sync(0);
    const { body } = await server.call('GET', '/api/sync/end', { token: dan.token });
    expect(body).toEqual({ epoch, position });
  });

  it('pages through the same events whatever the size of the page', async () => {
    const [eve, fay] = await people('Eve', 'Fay');
    const conversationId = await eve.conversationWith(fay);
    for (let n = 0; n < 12; n += 1) await (n % 2 ? eve : fay).send(conversationId, String(n));
    const whole = await readLog(eve);
    expect(await readLog(eve, 1)).toEqual(whole);
    expect(await readLog(eve, 5)).toEqual(whole);
  });

  it('[S4] answers too_old for a trimmed position, one from the future and another epoch', async () => {
    const [gil] = await people('Gil', 'Hal');
    await server.database.pool.query('UPDATE event_logs SET last_position = 10, trimmed_position = 5 WHERE user_id = $1', [gil.id]);
    const problem = (query: string) => server.problemOf('GET', `/api/sync?${query}`, { token: gil.token });
    expect(await problem('since=4')).toBe('too_old');
    expect(await problem('since=11')).toBe('too_old');
    expect(await problem(`since=7&epoch=${uuidv7(1, randomFillSync)}`)).toBe('too_old');
    expect(await problem('since=5')).toBeUndefined();
    const socket = await gil.connect();
    expect(await socket.request('chat.sync', { since: 4 })).toMatchObject({ type: 'error', data: { code: 'too_old', retryable: false } });
    socket.close();
  });

  it('[S6] skips a stored row that cannot be read, reports it, and goes on', async () => {
    const [ida, jo] = await people('Ida', 'Jo');
    const conversationId = await ida.conversationWith(jo);
    const messages = [];
    for (const text of ['one', 'two', 'three']) messages.push(await ida.send(conversationId, text));
    await server.database.pool.query("UPDATE messages SET type = 'dance' WHERE id = $1", [messages[1]?.id]);
    const page = await jo.sync(0);
    expect(page.events.flatMap((event) => (event.type === 'chat.message.new' ? [event.message.text] : []))).toEqual(['one', 'three']);
    expect(page.position).toBe(4);
    expect(await server.server.context.metrics.exposition()).toMatch(/couplet_rows_skipped_total\{table="events"\} [1-9]/);
  });
});

/** A log of one reader: how a writer adds to it, and how the reader follows it; `cursor` starts undefined. */
interface Log {
  /** @param node which of the 16 writes */
  append(node: number, n: number): Promise<MessageId>;
  follow(cursor: number | undefined): Promise<{ ids: MessageId[]; cursor: number | undefined }>;
  close(): Promise<void>;
}

const NODES = 16;
const APPENDS_EACH = 40;

/** 16 nodes write to one person at once while a reader follows. Answers what was acknowledged and what the reader saw. */
async function followWhileWriting(log: Log): Promise<{ acknowledged: Set<MessageId>; seen: MessageId[] }> {
  const acknowledged = new Set<MessageId>();
  let isWriting = true;
  const writing = Promise.all(
    Array.from({ length: NODES }, async (_, node) => {
      for (let n = 0; n < APPENDS_EACH; n += 1) acknowledged.add(await log.append(node, n));
    }),
  ).then(() => {
    isWriting = false;
  });
  const seen: MessageId[] = [];
  let cursor: number | undefined;
  for (let isLast = false; ; ) {
    const page = await log.follow(cursor);
    seen.push(...page.ids);
    cursor = page.cursor;
    // One empty page read wholly after the last commit is the end.
    if (page.ids.length === 0 && isLast) break;
    isLast = !isWriting;
  }
  await writing;
  await log.close();
  return { acknowledged, seen };
}

/** This server's: each node has a write path of its own, the reader follows positions of the person's log. */
async function eventLog(): Promise<Log> {
  const [reader, ...writers] = await people('Reader', ...Array.from({ length: NODES }, (_, n) => `Writer ${n}`));
  const conversations = await Promise.all(writers.map((writer) => writer.conversationWith(reader)));
  const ignore = () => undefined;
  const nodes = writers.map(
    () => new WritePath({ connection: server.database.address, now: Date.now, pushGraceSeconds: 5, onSendsCommitted: ignore, onReceiptsCommitted: ignore, onBatch: ignore, onBatchFailed: ignore }),
  );
  return {
    async append(node, n) {
      const [path, writer, conversationId] = [nodes[node], writers[node], conversations[node]];
      if (!path || !writer || !conversationId) throw new Error('unreachable');
      const stored = await path.send({
        senderId: writer.id,
        receiverId: reader.id,
        conversationId,
        clientMsgId: `n-${n}` as Message['clientMsgId'],
        text: String(n),
        attachmentIds: [],
        replyToId: undefined,
        origin: undefined,
        requestId: `append-${n}`,
      });
      return stored.messageId;
    },
    async follow(cursor = 0) {
      const page = await server.server.context.eventLog.read(reader.id, { since: cursor, limit: 50 });
      return { ids: page.events.flatMap((event) => (event.type === 'chat.message.new' ? [event.message.id] : [])), cursor: page.position };
    },
    async close() {
      await Promise.all(nodes.map((node) => node.close()));
    },
  };
}

/** The planted bug: numbers from a sequence, and "everything after the last number". What commits late is never seen. */
async function sequenceLog(): Promise<Log> {
  const { pool } = server.database;
  await pool.query('CREATE TABLE sequence_log (number BIGSERIAL PRIMARY KEY, id UUID NOT NULL)');
  return {
    async append() {
      const id = uuidv7(Date.now(), randomFillSync) as MessageId;
      const client = await pool.connect();
      await client.query('BEGIN');
      await client.query('INSERT INTO sequence_log (id) VALUES ($1)', [id]);
      // As long as the rest of a real transaction takes.
      await client.query('SELECT pg_sleep(random() * 0.004)');
      await client.query('COMMIT');
      client.release();
      return id;
    },
    async follow(cursor = 0) {
      const { rows } = await pool.query<{ number: number; id: MessageId }>('SELECT number, id FROM sequence_log WHERE number > $1 ORDER BY number LIMIT 50', [cursor]);
      return { ids: rows.map((row) => row.id), cursor: rows.at(-1)?.number ?? cursor };
    },
    close: () => Promise.resolve(),
  };
}

describe('following a log while 16 nodes write to it', () => {
  it('[S2] shows every message once: nothing appears later at or below a position already reached', async () => {
    const { acknowledged, seen } = await followWhileWriting(await eventLog());
    expect(acknowledged.size).toBe(NODES * APPENDS_EACH);
    expect(new Set(seen)).toEqual(acknowledged);
    expect(seen).toHaveLength(NODES * APPENDS_EACH);
  });

  it('[S2] is a test that finds the bug: a cursor over a plain sequence loses messages under as many writers', async () => {
    const { acknowledged, seen } = await followWhileWriting(await sequenceLog());
    expect(acknowledged.size).toBe(NODES * APPENDS_EACH);
    expect(acknowledged.size - new Set(seen).size).toBeGreaterThan(0);
  });
});

describe('connecting while messages arrive', () => {
  it('[S4] leaves no gap between what auth.ok says, the backfill up to it, and the live frames', async () => {
    const [kim, leo] = await people('Kim', 'Leo');
    const conversationId = await kim.conversationWith(leo);
    // The first message of a conversation also announces the conversation: not what this is about.
    await kim.send(conversationId, 'first');
    const sender = await kim.connect();
    let isSending = true;
    let sent = 0;
    const sending = (async () => {
      while (isSending) {
        await sender.request('chat.message.send', { conversationId, clientMsgId: `flood-${sent}` as Message['clientMsgId'], text: 'flood' });
        sent += 1;
      }
    })();
    for (let round = 0; round < 15; round += 1) {
      const socket = await TestSocket.open(server.server.url);
      const hello = await socket.request('auth', { token: leo.token, protocolVersion: 1 });
      if (hello.type !== 'auth.ok') throw new Error(JSON.stringify(hello));
      await socket.until('chat.message.new', 5);
      const live = socket.all('chat.message.new').map((frame) => frame.data.position);
      // Every position above the one of auth.ok came as a frame, in order.
      const newer = live.filter((position) => position > hello.data.position);
      expect(newer).toEqual(newer.map((_, index) => hello.data.position + 1 + index));
      socket.close();
    }
    isSending = false;
    await sending;
    sender.close();
  });
});
