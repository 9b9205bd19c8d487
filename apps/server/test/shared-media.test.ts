import type { ConversationId, Message, Upload, UploadTarget } from '@couplet/protocol';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PreparedStatement } from '../src/database/prepared.ts';
import { listSharedMediaPage } from '../src/domains/messages/messages-repository.ts';
import { createPeople, type Person } from './people.ts';
import { startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
let ana: Person;
let bo: Person;
let conversationId: ConversationId;
let picture: Buffer;

beforeAll(async () => {
  server = await startTestServer();
  [ana, bo] = (await createPeople(server, 'Ana', 'Bo')) as [Person, Person];
  conversationId = await ana.conversationWith(bo);
  picture = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#7b2d5e' } }).jpeg().toBuffer();
});
afterAll(() => server.close());

type Single = Extract<UploadTarget, { url: string }>;

async function upload(kind: 'picture' | 'file'): Promise<string> {
  const [bytes, filename, contentType] = kind === 'picture' ? [picture, 'a.jpg', 'image/jpeg'] : [Buffer.from('words'), 'a.txt', 'text/plain'];
  const { body: target } = await server.call<Single>('POST', '/api/uploads/presign', { token: ana.token, body: { filename, contentType, sizeBytes: bytes.length } });
  await fetch(target.url, { method: 'PUT', body: new Uint8Array(bytes), headers: target.headers });
  return (await server.call<Upload>('POST', `/api/uploads/${target.uploadId}/complete`, { token: ana.token })).body.uploadId;
}

async function send(clientMsgId: string, kinds: readonly ('picture' | 'file')[]): Promise<Message> {
  const attachments = await Promise.all(kinds.map(upload));
  const { body } = await server.call<Message>('POST', `/api/conversations/${conversationId}/messages`, { token: ana.token, body: { clientMsgId, text: clientMsgId, attachments } });
  return body;
}

const page = async (query: string) => (await server.call<{ items: Message[]; nextCursor: string | null }>('GET', `/api/conversations/${conversationId}/attachments?${query}`, { token: bo.token })).body;

async function walk(query: string): Promise<(string | undefined)[]> {
  const found: Message[] = [];
  let cursor: string | null = null;
  for (let start = `&${query}`; ; start = `&cursor=${cursor}`) {
    const next = await page(`kind=media&limit=2${start}`);
    found.push(...next.items);
    cursor = next.nextCursor;
    if (cursor === null) return found.map(({ text }) => text);
  }
}

it('lists what was shared in a conversation by its kind, page by page in either direction, without what was deleted', async () => {
  await send('p1', ['picture']);
  await send('f1', ['file']);
  const gone = await send('gone', ['picture', 'file']);
  await ana.send(conversationId, 'words alone');
  const both = await send('both', ['picture', 'file']);
  await send('p2', ['picture', 'picture']);
  await send('p3', ['picture']);
  await server.call('DELETE', `/api/messages/${gone.id}`, { token: ana.token });

  expect((await page('kind=media')).items.map(({ text }) => text)).toEqual(['p3', 'p2', 'both', 'p1']);
  expect((await page('kind=files')).items.map(({ text }) => text)).toEqual(['both', 'f1']);
  expect(await walk('before=1000')).toEqual(['p3', 'p2', 'both', 'p1']);
  expect(await walk(`before=${both.seq}`)).toEqual(['p1']);
  // Towards newer ones each page is the nearest, and still newest first.
  expect(await walk('after=0')).toEqual(['both', 'p1', 'p3', 'p2']);
  const problem = (query: string) => server.problemOf('GET', `/api/conversations/${conversationId}/attachments?${query}`, { token: bo.token });
  for (const query of ['', 'kind=words', 'kind=media&before=1&after=2', 'kind=media&cursor=made-up', 'kind=media&limit=101']) expect(await problem(query)).toBe('validation_failed');
});

it.each([
  ['media', 'messages_media_idx'],
  ['files', 'messages_files_idx'],
])('reads %s from their own index, however much was said between them', async (kind, index) => {
  const { pool } = server.server.context.database;
  const statements: string[] = [];
  const client = await pool.connect();
  try {
    // On a handful of rows any plan is as good: this one must at least be possible.
    await client.query('SET enable_seqscan = off');
    await client.query('SET enable_sort = off');
    const explaining = {
      query: async ({ text, values }: PreparedStatement) => {
        const { rows } = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, values);
        statements.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
        return { rows: [] };
      },
    };
    await listSharedMediaPage(explaining as never, server.server.context.attachmentLinks, { viewerId: bo.id, conversationId, kind: kind as 'media', place: { at: 'before', seq: 1_000, limit: 50 } });
  } finally {
    await client.query('RESET ALL');
    client.release();
  }
  expect(statements.join()).toContain(index);
});
