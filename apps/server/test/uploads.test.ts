import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { type Attachment, type Conversation, type ConversationId, LIMITS, type Message, type Snapshot, type Upload, type UploadTarget, type Viewer } from '@couplet/protocol';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createPeople, type Person } from './people.ts';
import { startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
let ana: Person;
let bo: Person;
let stranger: Person;
let conversationId: ConversationId;
let now = Date.now();

beforeAll(async () => {
  server = await startTestServer({ now: () => now, env: { FILE_MAX_BYTES: String(32 * 1024 * 1024), UPLOAD_QUOTA_BYTES: String(256 * 1024 * 1024), ACCESS_TOKEN_TTL: '86400' } });
  [ana, bo, stranger] = (await createPeople(server, 'Ana', 'Bo', 'Stranger')) as [Person, Person, Person];
  conversationId = await ana.conversationWith(bo);
});
afterAll(() => server.close());
/** Each test may let time pass, and the next one begins where this one did: the tokens live a day. */
const startedAt = now;
beforeEach(() => {
  now = startedAt;
});

interface Given {
  filename?: string;
  contentType?: string;
  sizeBytes?: number;
  kind?: 'attachment' | 'avatar';
  sha256?: string;
  video?: { width: number; height: number; durationMs: number; poster?: string };
}

type Single = Extract<UploadTarget, { url: string }>;
type InParts = Extract<UploadTarget, { parts: unknown }>;

async function presign<Target extends UploadTarget>(person: Person, bytes: Buffer, given: Given = {}): Promise<Target> {
  const { status, body } = await server.call<Target>('POST', '/api/uploads/presign', {
    token: person.token,
    body: { filename: 'file.bin', contentType: 'application/octet-stream', sizeBytes: bytes.length, ...given },
  });
  if (status !== 201) throw new Error(`Presign was answered ${status}: ${JSON.stringify(body)}`);
  return body;
}

const put = (url: string, bytes: Buffer, headers: Record<string, string> = {}) => fetch(url, { method: 'PUT', body: new Uint8Array(bytes), headers });
const complete = async (person: Person, id: string) => (await server.call<Upload>('POST', `/api/uploads/${id}/complete`, { token: person.token })).body;

/** Announced, put and completed. */
async function upload(person: Person, bytes: Buffer, given: Given = {}): Promise<Upload> {
  const target = await presign<Single>(person, bytes, given);
  expect((await put(target.url, bytes, target.headers)).status).toBe(200);
  return complete(person, target.uploadId);
}

function send(person: Person, ids: string[], more: Record<string, unknown> = {}) {
  return server.call<Message & { code?: string }>('POST', `/api/conversations/${conversationId}/messages`, {
    token: person.token,
    body: { clientMsgId: `m-${randomBytes(8).toString('hex')}`, attachments: ids, ...more },
  });
}

/** A camera's picture: on its side, with a place in it. */
async function photo(width = 640, height = 480): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: '#7b2d5e' } })
    .withExif({ IFD0: { Make: 'Camera of a test' }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '48/1 51/1 24/1' } })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
}

const sendId = (text: string) => text as Message['clientMsgId'];

async function only(response: Response): Promise<Buffer> {
  return Buffer.from(await response.arrayBuffer());
}

describe('a picture', () => {
  it('is shown upright, with its measures, a placeholder and smaller ones, and without what the camera wrote into it', async () => {
    const { status, attachment } = await upload(ana, await photo(2_000, 1_500), { filename: 'beach.jpg', contentType: 'image/jpeg' });
    expect(status).toBe('ready');
    expect(attachment).toMatchObject({ type: 'image', mime: 'image/jpeg', name: 'beach.jpg', width: 1_500, height: 2_000 });
    expect(attachment?.placeholder).toMatch(/^[A-Za-z0-9+/]{20,}=*$/);
    for (const [url, longer] of [[attachment?.url, 2_000], [attachment?.previewUrl, 1_280], [attachment?.thumbnailUrl, 320]] as const) {
      const response = await fetch(url ?? '');
      expect(response.headers.get('content-type')).toBe('image/jpeg');
      const shown = await sharp(await only(response)).metadata();
      expect(Math.max(shown.width, shown.height)).toBe(longer);
      expect([shown.exif, shown.orientation]).toEqual([undefined, undefined]);
    }
  });

  it('goes with a message to both members: in the answer, live, in pages, sync, snapshot and list', async () => {
    const socket = await bo.connect();
    const ids = (await Promise.all([1, 2].map(async () => upload(ana, await photo(), { contentType: 'image/jpeg' })))).map((one) => one.uploadId);
    const { status, body: sent } = await send(ana, ids, { text: 'Look' });
    expect([status, sent.type, sent.text, sent.attachments.map((attachment) => attachment.id)]).toEqual([201, 'image', 'Look', ids]);
    const live = (await socket.until('chat.message.new')).at(-1)?.data.message;
    const history = (await bo.history(conversationId)).at(-1);
    const synced = (await bo.sync(0)).events.findLast((event) => event.type === 'chat.message.new');
    const snapshot = (await server.call<Snapshot>('GET', '/api/sync/snapshot', { token: bo.token })).body.messages.find((message) => message.id === sent.id);
    const listed = (await server.call<Conversation>('GET', `/api/conversations/${conversationId}`, { token: bo.token })).body.lastMessage;
    for (const seen of [live, history, synced?.message, snapshot, listed]) expect(seen?.attachments).toEqual(sent.attachments);
    socket.close();
  });

  it('[X5] is refused when it has more pixels than fit a screen many times over, or is something else', async () => {
    const bomb = await sharp({ create: { width: 8_000, height: 4_100, channels: 3, background: '#000' } }).png({ compressionLevel: 9 }).toBuffer();
    expect(bomb.length).toBeLessThan(1024 * 1024);
    const page = Buffer.from('<html><script>alert(1)</script></html>');
    const drawing = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>');
    const cut = (await photo()).subarray(0, 900);
    for (const bytes of [bomb, page, drawing, cut]) {
      const { status, reason, attachment, uploadId } = await upload(ana, bytes, { filename: 'x.png', contentType: 'image/png' });
      expect([status, typeof reason, attachment]).toEqual(['rejected', 'string', undefined]);
      expect((await send(ana, [uploadId])).body.code).toBe('conflict');
    }
  });

  it('[X5] is drawn anew: nothing that was hidden behind the picture is given out', async () => {
    const polyglot = Buffer.concat([await photo(), Buffer.from('<script>alert(document.domain)</script>')]);
    const { attachment } = await upload(ana, polyglot, { contentType: 'image/jpeg' });
    expect((await only(await fetch(attachment?.url ?? ''))).includes('<script>')).toBe(false);
  });

  it('of an animation is its first frame', async () => {
    const frames = await Promise.all(['#f00', '#00f'].map((background) => sharp({ create: { width: 40, height: 30, channels: 3, background } }).png().toBuffer()));
    const animation = await sharp(frames, { join: { animated: true } }).gif().toBuffer();
    const { attachment } = await upload(ana, animation, { contentType: 'image/gif' });
    expect(attachment).toMatchObject({ type: 'image', width: 40, height: 30 });
  });
});

describe('a file', () => {
  it('[X5] is saved under its name and never runs as a page', async () => {
    const { attachment } = await upload(ana, Buffer.from('<svg onload="alert(1)"/>'), { filename: 'Plan “ä”.svg', contentType: 'image/svg+xml' });
    expect(attachment).toMatchObject({ type: 'file', name: 'Plan “ä”.svg' });
    const response = await fetch(attachment?.url ?? '');
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    expect(response.headers.get('content-disposition')).toMatch(/^attachment; .*filename\*=UTF-8''Plan%20/);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('content-security-policy')).toContain('sandbox');
    expect(response.headers.get('cache-control')).toMatch(/^private, max-age=\d+, immutable$/);
  });

  it('[X3] is nowhere under a name that cannot be one', async () => {
    for (const key of ['a.b', 'none']) expect([key, (await fetch(`${server.server.url}/blobs/avatars/${key}`)).status]).toEqual([key, 404]);
  });

  it('can be read in stretches', async () => {
    const { attachment } = await upload(ana, Buffer.from('0123456789'), { filename: 'digits.txt', contentType: 'text/plain' });
    const read = async (range: string) => fetch(attachment?.url ?? '', { headers: { range } });
    expect([(await read('bytes=2-4')).status, await (await read('bytes=2-4')).text()]).toEqual([206, '234']);
    expect((await read('bytes=-3')).headers.get('content-range')).toBe('bytes 7-9/10');
    expect((await read('bytes=99-')).status).toBe(416);
  });

  it('above 8 MiB goes up in parts, and after a cut on from the parts that are there', async () => {
    const bytes = randomBytes(2 * LIMITS.uploadPartBytes + 1_000);
    const target = await presign<InParts>(ana, bytes, { sha256: createHash('sha256').update(bytes).digest('hex') });
    expect(target.parts.map((part) => part.sizeBytes)).toEqual([LIMITS.uploadPartBytes, LIMITS.uploadPartBytes, 1_000]);
    const putPart = async ({ partNumber, url }: InParts['parts'][number]) => {
      const start = (partNumber - 1) * target.partSize;
      const response = await put(url, bytes.subarray(start, start + target.partSize));
      const path = `/api/uploads/${target.uploadId}/parts/${partNumber}`;
      expect((await server.call('PUT', path, { token: ana.token, body: { etag: response.headers.get('etag') } })).status).toBe(204);
    };
    const [first, , third] = target.parts;
    if (!first || !third) throw new Error('unreachable');
    await Promise.all([putPart(third), putPart(first)]);
    expect(await server.problemOf('POST', `/api/uploads/${target.uploadId}/complete`, { token: ana.token })).toBe('conflict');

    const { body: far } = await server.call<Upload & { target: InParts }>('GET', `/api/uploads/${target.uploadId}`, { token: ana.token });
    expect([far.status, far.receivedParts, far.target.parts.map((part) => part.partNumber)]).toEqual(['uploading', [1, 3], [2]]);
    await Promise.all(far.target.parts.map(putPart));
    // As a device does it whose first answer was lost: both are told the same.
    const [{ status, attachment }, again] = await Promise.all([complete(ana, target.uploadId), complete(ana, target.uploadId)]);
    expect([status, again.status]).toEqual(['ready', 'ready']);
    expect(bytes.equals(await only(await fetch(attachment?.url ?? '')))).toBe(true);
    expect(await complete(ana, target.uploadId)).toMatchObject({ status: 'ready' });
  });

  it('[X5] with other bytes than announced is refused', async () => {
    const { status } = await upload(ana, Buffer.from('other'), { sha256: createHash('sha256').update('these').digest('hex') });
    expect(status).toBe('rejected');
  });
});

/** As much of a video as the server looks at: the box that names its kind, and bytes. */
function video(sizeBytes = 64): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  bytes.writeUInt32BE(24, 0);
  bytes.write('ftypisom\0\0\u0002\0isomiso2', 4, 'latin1');
  return bytes;
}

describe('a video', () => {
  const measures = { width: 1_280, height: 720, durationMs: 5_000 };
  const announced = async (bytes: Buffer, poster: string) => upload(ana, bytes, { filename: 'waves.mp4', contentType: 'video/mp4', video: { ...measures, poster } });

  it('has its measures and its first picture, in two sizes and as a placeholder, from its first moment', async () => {
    const poster = (await sharp({ create: { width: 480, height: 270, channels: 3, background: '#7b2d5e' } }).jpeg({ quality: 60 }).toBuffer()).toString('base64');
    const { attachment } = await announced(video(), poster);
    expect(attachment).toMatchObject({ type: 'video', mime: 'video/mp4', ...measures, placeholder: expect.stringMatching(/^[A-Za-z0-9+/]{20,}=*$/) });
    expect(attachment).not.toHaveProperty('poster');
    for (const [url, width] of [[attachment?.previewUrl, 480], [attachment?.thumbnailUrl, 320]] as const) {
      const response = await fetch(url ?? '');
      expect([response.headers.get('content-type'), (await sharp(await only(response)).metadata()).width]).toEqual(['image/jpeg', width]);
    }
  });

  it('[X5] is as good without a first picture that is none, and a page is no video', async () => {
    const { status, attachment } = await announced(video(), '/9j/AAAAAAAA');
    expect([status, attachment?.previewUrl]).toEqual(['ready', undefined]);
    const presigned = (poster: string) => server.problemOf('POST', '/api/uploads/presign', { token: ana.token, body: { filename: 'a.mp4', contentType: 'video/mp4', sizeBytes: 9, video: { ...measures, poster } } });
    expect([await presigned('PHN2Zz48L3N2Zz4='), await presigned(`/9j/${'A'.repeat(40_000)}`)]).toEqual(['validation_failed', 'validation_failed']);
    for (const bytes of [Buffer.from('<html><script>alert(1)</script></html>'), await photo(), Buffer.alloc(100)]) {
      expect((await upload(ana, bytes, { filename: 'a.mp4', contentType: 'video/mp4' })).status).toBe('rejected');
    }
  });

  it('[X5] is refused when its bytes are exchanged while they are looked at', async () => {
    const { blobs } = server.server.context;
    const move = blobs.move.bind(blobs);
    const page = Buffer.from('<html><script>alert(1)</script></html>'.padEnd(64));
    const exchanged = vi.spyOn(blobs, 'move').mockImplementationOnce(async (from, to, blob) => {
      await blobs.write(from, Readable.from([page]), { contentType: 'video/mp4', sizeBytes: 64 });
      await move(from, to, blob);
    });
    const { status, uploadId } = await upload(ana, video(), { filename: 'a.mp4', contentType: 'video/mp4' });
    expect([status, exchanged.mock.calls.length]).toEqual(['rejected', 1]);
    expect(await blobs.findSize(exchanged.mock.calls[0]?.[1] ?? '')).toBeNull();
    expect((await send(ana, [uploadId])).body.code).toBe('conflict');
    exchanged.mockRestore();
  });
});

describe('[X5] what was signed', () => {
  it('[X5] holds for this size, this upload and this hour only', async () => {
    const bytes = Buffer.from('hello');
    const target = await presign<Single>(ana, bytes);
    expect((await put(target.url, Buffer.from('longer than hello'))).status).toBe(400);
    expect((await put(target.url, Buffer.from('less'))).status).toBe(400);
    expect((await put(target.url.replace('size=5', 'size=500'), bytes)).status).toBe(403);
    expect((await put(target.url.replace('/incoming/', '/incoming/x'), bytes)).status).toBe(403);
    expect((await fetch(target.url)).status).toBe(403);
    now += 61 * 60_000;
    expect((await put(target.url, bytes)).status).toBe(403);
    const { body } = await server.call<Upload & { target: Single }>('GET', `/api/uploads/${target.uploadId}`, { token: ana.token });
    expect((await put(body.target.url, bytes)).status).toBe(200);
    expect(await complete(ana, target.uploadId)).toMatchObject({ status: 'ready' });
    expect((await put(body.target.url, bytes)).status).toBe(403);
  });

  it('[X5] to read is over after two hours, and fresh for members only', async () => {
    const { uploadId } = await upload(ana, Buffer.from('secret'));
    const { body: sent } = await send(ana, [uploadId]);
    const url = sent.attachments[0]?.url ?? '';
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(url.replace(/signature=./, 'signature=~'))).status).toBe(403);
    now += 2 * 60 * 60_000;
    expect((await fetch(url)).status).toBe(403);
    const fresh = async (person: Person) => (await server.call<{ items: Attachment[] }>('GET', `/api/attachments?ids=${uploadId}`, { token: person.token })).body.items;
    for (const member of [ana, bo]) expect((await fetch((await fresh(member))[0]?.url ?? '')).status).toBe(200);
    expect(await fresh(stranger)).toEqual([]);
  });

  it('[X5] cannot be more than the limit of its kind, or than one person may have', async () => {
    const announce = (given: object, token = ana.token) =>
      server.problemOf('POST', '/api/uploads/presign', { token, body: { filename: 'x', contentType: 'image/png', sizeBytes: 1, ...given } });
    expect(await announce({ sizeBytes: 25 * 1024 * 1024 + 1 })).toBe('body_too_large');
    expect(await announce({ sizeBytes: 33 * 1024 * 1024, contentType: 'text/plain' })).toBe('body_too_large');
    expect(await announce({ sizeBytes: 9 * 1024 * 1024, kind: 'avatar' })).toBe('body_too_large');
    const video = { sizeBytes: 200 * 1024 * 1024, contentType: 'video/mp4' };
    expect([await announce(video, stranger.token), await announce(video, stranger.token)]).toEqual([undefined, 'forbidden']);
    expect(await announce({ filename: '../x' })).toBe('validation_failed');
  });
});

describe('attaching', () => {
  it('[X1] takes one\'s own uploads that are ready, each once, and at most ten', async () => {
    const mine = (await upload(ana, Buffer.from('mine'))).uploadId;
    const theirs = (await upload(bo, Buffer.from('theirs'))).uploadId;
    const unfinished = (await presign<Single>(ana, Buffer.from('x'))).uploadId;
    for (const ids of [[theirs], [unfinished], [mine, mine], [mine, theirs]]) expect((await send(ana, ids)).body.code).toBe('conflict');
    expect((await send(ana, Array.from({ length: 11 }, () => mine))).body.code).toBe('validation_failed');
    expect((await send(ana, [])).body.code).toBe('validation_failed');
    expect((await send(ana, [mine])).body).toMatchObject({ type: 'file', attachments: [{ id: mine }] });
    expect((await send(ana, [mine])).body.code).toBe('conflict');
  });

  it('[D3] is repeated with the same message', async () => {
    const { uploadId } = await upload(ana, Buffer.from('once'));
    const again = { clientMsgId: 'attached-once' };
    const [first, second] = [await send(ana, [uploadId], again), await send(ana, [uploadId], again)];
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.body.attachments).toEqual(first.body.attachments);
    expect(second.body.id).toBe(first.body.id);
  });

  it('works over the socket, and one bad send spoils none beside it', async () => {
    const socket = await ana.connect();
    const { uploadId } = await upload(ana, Buffer.from('by socket'));
    const answers = await Promise.all([
      socket.request('chat.message.send', { conversationId, clientMsgId: sendId('s1'), attachments: [uploadId] }),
      socket.request('chat.message.send', { conversationId, clientMsgId: sendId('s2'), attachments: [uploadId] }),
      socket.request('chat.message.send', { conversationId, clientMsgId: sendId('s3'), text: 'beside' }),
    ]);
    expect(answers.map((answer) => answer.type)).toEqual(['chat.message.ack', 'error', 'chat.message.ack']);
    socket.close();
  });
});

describe('what is not needed any more', () => {
  it('goes with its message', async () => {
    const { uploadId } = await upload(ana, Buffer.from('to be deleted'));
    const { body: sent } = await send(ana, [uploadId]);
    await server.call('DELETE', `/api/messages/${sent.id}`, { token: ana.token });
    expect((await bo.history(conversationId)).at(-1)?.attachments).toEqual([]);
    await server.server.context.uploads.collect();
    expect((await fetch(sent.attachments[0]?.url ?? '')).status).toBe(404);
  });

  it('goes after a week when nobody used it, and at once when it is given up', async () => {
    const used = (await upload(ana, Buffer.from('used'))).uploadId;
    const { body: sent } = await send(ana, [used]);
    const unused = await upload(ana, Buffer.from('unused'));
    const unfinished = await presign<InParts>(ana, Buffer.alloc(LIMITS.uploadPartBytes + 1));
    const givenUp = await upload(ana, Buffer.from('given up'));
    expect((await server.call('DELETE', `/api/uploads/${givenUp.uploadId}`, { token: ana.token })).status).toBe(204);
    expect((await fetch(givenUp.attachment?.url ?? '')).status).toBe(404);
    expect(await server.problemOf('DELETE', `/api/uploads/${used}`, { token: ana.token })).toBe('conflict');
    now += 8 * 24 * 60 * 60_000;
    expect(await server.server.context.uploads.collect()).toBeGreaterThan(1);
    now = startedAt;
    expect((await fetch(sent.attachments[0]?.url ?? '')).status).toBe(200);
    for (const id of [unused.uploadId, unfinished.uploadId]) expect(await server.problemOf('GET', `/api/uploads/${id}`, { token: ana.token })).toBe('not_found');
  });
});

it('an upload whose bytes cannot be removed now holds up no other one, and is removed the next time', async () => {
  const { blobs, uploads } = server.server.context;
  const isGone = async (id: string) => (await server.problemOf('GET', `/api/uploads/${id}`, { token: ana.token })) === 'not_found';
  const stuck = await presign<InParts>(ana, Buffer.alloc(LIMITS.uploadPartBytes + 1));
  const other = await upload(ana, Buffer.from('unused'));
  const abandonParts = vi.spyOn(blobs, 'abandonParts').mockRejectedValueOnce(new Error('The store is away')).mockRejectedValueOnce(new Error('and still'));
  expect((await server.call('DELETE', `/api/uploads/${stuck.uploadId}`, { token: ana.token })).status).toBe(500);
  now += 8 * 24 * 60 * 60_000;
  await uploads.collect();
  now = startedAt;
  expect([await isGone(stuck.uploadId), await isGone(other.uploadId)]).toEqual([false, true]);
  await uploads.collect();
  expect(await isGone(stuck.uploadId)).toBe(true);
  // Of what was given up, too, the parts go.
  expect(abandonParts).toHaveBeenCalledTimes(3);
  abandonParts.mockRestore();
});

describe('a photo of oneself', () => {
  it('is shown small and large to everybody, and the one before is removed', async () => {
    const wear = async () => {
      const { uploadId } = await upload(ana, await photo(), { kind: 'avatar', contentType: 'image/jpeg' });
      return (await server.call<Viewer>('PUT', '/api/users/me/avatar', { token: ana.token, body: { uploadId } })).body;
    };
    const first = await wear();
    const sizes = await Promise.all([first.avatarUrl, first.avatarFullUrl].map(async (url) => (await sharp(await only(await fetch(url ?? ''))).metadata()).width));
    expect(sizes).toEqual([96, 512]);
    expect((await bo.conversation(conversationId)).peer).toMatchObject({ avatarUrl: first.avatarUrl, avatarFullUrl: first.avatarFullUrl });
    const second = await wear();
    await server.server.context.uploads.collect();
    expect([(await fetch(first.avatarUrl ?? '')).status, (await fetch(second.avatarUrl ?? '')).status]).toEqual([404, 200]);
    const { body: none } = await server.call<Viewer>('PUT', '/api/users/me/avatar', { token: ana.token, body: { uploadId: null } });
    expect(none.avatarUrl).toBeNull();
  });

  it('is no attachment, nor an attachment a photo', async () => {
    const picture = await upload(ana, await photo(), { contentType: 'image/jpeg' });
    expect(await server.problemOf('PUT', '/api/users/me/avatar', { token: ana.token, body: { uploadId: picture.uploadId } })).toBe('conflict');
    const avatar = await upload(ana, await photo(), { kind: 'avatar', contentType: 'image/jpeg' });
    expect((await send(ana, [avatar.uploadId])).body.code).toBe('conflict');
    expect(await server.problemOf('PUT', '/api/users/me/avatar', { token: bo.token, body: { uploadId: avatar.uploadId } })).toBe('not_found');
  });
});
