import { randomBytes } from 'node:crypto';
import { createMemoryStore, createMessenger, type MeterPort, type Messenger, type Store, type TokenStorage } from '@couplet/client';
import { createMemoryTokenStorage } from '@couplet/client/testing';
import { type ConversationId, LIMITS } from '@couplet/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KeptFiles } from './kept-files.ts';
import { NodeNetwork } from './node-network.ts';
import type { TestDevice } from './test-device.ts';
import { TestSystem, type TestUser } from './test-system.ts';
import { until } from './until.ts';

let system: TestSystem;
let ana: TestUser;
let bosPhone: TestDevice;
let conversationId: ConversationId;
let files: KeptFiles;
let network: NodeNetwork;
let kept: { store: Store; tokens: TokenStorage };
let messenger: Messenger;
let meter: ManualMeter;

beforeEach(async () => {
  system = await TestSystem.create();
  ana = await system.createUser('Ana');
  const bo = await system.createUser('Bo');
  bosPhone = await system.signIn(bo);
  files = new KeptFiles();
  kept = { store: createMemoryStore(), tokens: createMemoryTokenStorage() };
  messenger = openAnas();
  await messenger.start();
  await messenger.session.login({ login: ana.email, password: ana.password });
  conversationId = (await messenger.conversations.openWith(bo.viewer.id)).id;
});
afterEach(async () => {
  await messenger.close();
  await system.close();
});

/** Ana's phone, with what it keeps. */
function openAnas(): Messenger {
  network = new NodeNetwork();
  meter = new ManualMeter();
  const clock = { now: () => Date.now(), schedule: (delayMs: number, task: () => void) => ((timer) => () => clearTimeout(timer))(setTimeout(task, delayMs)) };
  const random = { fill: (bytes: Uint8Array) => void crypto.getRandomValues(bytes.subarray()), fraction: () => 0 };
  // What a process that ends leaves behind: the store is not closed with it.
  const store: Store = { read: (body) => kept.store.read(body), transaction: (body) => kept.store.transaction(body), close: async () => undefined };
  return createMessenger(
    { http: network.http, socket: network.socket, network, clock, random, tokens: kept.tokens, store, files, meter },
    { serverUrl: system.url, deviceName: 'Ana’s phone' },
  );
}

/** A connection that begins and stops costing extra. */
class ManualMeter implements MeterPort {
  readonly #listeners = new Set<() => void>();
  #isMetered = false;

  isMetered(): boolean {
    return this.#isMetered;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  set(isMetered: boolean): void {
    this.#isMetered = isMetered;
    for (const listener of this.#listeners) listener();
  }
}

async function restart(): Promise<void> {
  await messenger.close();
  messenger = openAnas();
  await messenger.start();
}

const file = (bytes: Uint8Array, name = 'file.bin') => ({ source: bytes, name, mime: 'application/octet-stream', sizeBytes: bytes.length });
const arrived = async (count: number) => until(`${count} messages are there`, async () => (await bosPhone.thread(conversationId)).length === count);
/** The peer may have it before the sender is told so. */
const nothingPending = async () => until('nothing is pending', async () => (await messenger.messages.pending(conversationId)).length === 0);
const bytesAtServer = async () => Number(/^couplet_uploaded_bytes_total (\d+)/m.exec(await (await fetch(`${system.url}/metrics`)).text())?.[1]);

describe('sending files', () => {
  it('brings them to the peer as they were, and keeps no copy afterwards', async () => {
    const contents = [randomBytes(1_000), randomBytes(2_000)];
    await messenger.messages.send({ conversationId, text: 'Two files', files: contents.map((bytes, index) => file(bytes, `${index}.bin`)) });
    await arrived(1);
    const [message] = await bosPhone.thread(conversationId);
    expect(message).toMatchObject({ type: 'file', text: 'Two files', attachments: [{ name: '0.bin', sizeBytes: 1_000 }, { name: '1.bin', sizeBytes: 2_000 }] });
    const received = await Promise.all((message?.attachments ?? []).map(async ({ url }) => Buffer.from(await (await fetch(url)).arrayBuffer())));
    expect(received.map((bytes, index) => bytes.equals(contents[index] ?? Buffer.of()))).toEqual([true, true]);
    await until('the copies are gone', async () => (await files.list()).length === 0);
    await nothingPending();
  });

  it('[D6] lets later text overtake a message that waits for its upload', async () => {
    const { promise: opened, resolve: open } = Promise.withResolvers<void>();
    files.beforePut = () => opened;
    await messenger.messages.send({ conversationId, files: [file(randomBytes(10))] });
    await messenger.messages.send({ conversationId, text: 'one' });
    await messenger.messages.send({ conversationId, text: 'two' });
    await arrived(2);
    expect((await bosPhone.thread(conversationId)).map(({ text }) => text)).toEqual(['one', 'two']);
    open();
    await arrived(3);
    expect((await bosPhone.thread(conversationId)).at(-1)?.type).toBe('file');
  });

  it('[O1] goes on with the parts that are missing after the app was ended in the middle, and sends none twice', async () => {
    const bytes = randomBytes(3 * LIMITS.uploadPartBytes + 1_000);
    const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
    files.beforePut = async ({ start }) => {
      if (start < 2 * LIMITS.uploadPartBytes) return;
      reach();
      throw new Error('cut');
    };
    await messenger.messages.send({ conversationId, files: [file(bytes)] });
    await reached;
    expect(await bytesAtServer()).toBe(2 * LIMITS.uploadPartBytes);
    await restart();
    expect((await messenger.messages.pending(conversationId))[0]?.uploads).toMatchObject([{ name: 'file.bin', attachment: null }]);
    files.beforePut = () => undefined;
    await arrived(1);
    expect(await bytesAtServer()).toBe(bytes.length);
    const [message] = await bosPhone.thread(conversationId);
    expect(bytes.equals(Buffer.from(await (await fetch(message?.attachments[0]?.url ?? '')).arrayBuffer()))).toBe(true);
  });

  it('waits for the network', async () => {
    network.unplug();
    await messenger.messages.send({ conversationId, files: [file(randomBytes(10))] });
    await messenger.messages.send({ conversationId, text: 'written offline' });
    network.plug();
    await arrived(2);
    await nothingPending();
  });

  it('stops visibly at a file that the server refuses, and takes it away when it is given up', async () => {
    const pending = await messenger.messages.send({ conversationId, files: [{ ...file(Buffer.from('no picture')), mime: 'image/png' }] });
    await until('it failed', async () => (await messenger.messages.pending(conversationId))[0]?.state.status === 'failed');
    expect((await messenger.messages.pending(conversationId))[0]?.state).toMatchObject({ code: 'validation_failed' });
    await messenger.messages.discard(pending.clientMsgId);
    await until('the copy is gone', async () => (await files.list()).length === 0);
  });

  it('is given up on the way: no further part goes out, no copy stays, and nobody gets it', async () => {
    const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
    const { promise: opened, resolve: open } = Promise.withResolvers<void>();
    files.beforePut = async ({ start }) => {
      if (start !== LIMITS.uploadPartBytes) return;
      reach();
      await opened;
    };
    const pending = await messenger.messages.send({ conversationId, files: [file(randomBytes(3 * LIMITS.uploadPartBytes))] });
    await reached;
    await messenger.messages.delete(pending.clientMsgId);
    await until('the copy is gone', async () => (await files.list()).length === 0);
    open();
    await messenger.messages.send({ conversationId, text: 'Never mind' });
    await arrived(1);
    expect(files.puts.map(({ start }) => start)).not.toContain(2 * LIMITS.uploadPartBytes);
    expect((await bosPhone.thread(conversationId)).map(({ text }) => text)).toEqual(['Never mind']);
    await nothingPending();
  });

  it('[D6] holds files back on a metered connection where the person wants that, never what is written', async () => {
    messenger.uploads.waitWhileMetered(true);
    meter.set(true);
    const waiting = await messenger.messages.send({ conversationId, text: 'first file', files: [file(randomBytes(10))] });
    await messenger.messages.send({ conversationId, text: 'second file', files: [file(randomBytes(10))] });
    await messenger.messages.send({ conversationId, text: 'words' });
    await arrived(1);
    expect(messenger.uploads.areHeld()).toBe(true);
    expect(files.puts).toEqual([]);
    await messenger.uploads.sendAnyway(waiting.clientMsgId);
    await arrived(2);
    expect((await messenger.messages.pending(conversationId)).map(({ text }) => text)).toEqual(['second file']);
    meter.set(false);
    await arrived(3);
    expect((await bosPhone.thread(conversationId)).map(({ text }) => text)).toEqual(['words', 'first file', 'second file']);
  });

  it('stops a file on its way when the connection becomes a metered one, and goes on with its missing parts', async () => {
    const bytes = randomBytes(2 * LIMITS.uploadPartBytes);
    messenger.uploads.waitWhileMetered(true);
    files.beforePut = ({ start }) => {
      if (start > 0 && files.puts.length === 1) meter.set(true);
    };
    await messenger.messages.send({ conversationId, files: [file(bytes)] });
    await until('the first part and no more is there', async () => messenger.uploads.areHeld());
    await messenger.messages.send({ conversationId, text: 'words' });
    await arrived(1);
    meter.set(false);
    await arrived(2);
    expect(files.puts.filter(({ start }) => start === 0)).toHaveLength(1);
  });
});

describe('a profile photo', () => {
  it('is shown to the peer in two sizes, replaced and taken away, without a copy left on the device', async () => {
    // From then on the conversation shows to the peer.
    await messenger.messages.send({ conversationId, text: 'Hello' });
    await arrived(1);
    const shares: number[] = [];
    const viewer = await messenger.session.setPhoto({ ...file(PICTURE, 'me.png'), mime: 'image/png' }, { progressed: (share) => shares.push(share) });
    expect(shares).toEqual([1]);
    expect(messenger.session.state()).toMatchObject({ status: 'signed-in', viewer: { avatarUrl: viewer.avatarUrl } });
    const peerSees = async () => (await bosPhone.messenger.conversations.get(conversationId))?.peer;
    await until('the peer sees it', async () => (await peerSees())?.avatarUrl === viewer.avatarUrl);
    for (const url of [viewer.avatarUrl, (await peerSees())?.avatarFullUrl]) expect((await fetch(url ?? '')).headers.get('content-type')).toBe('image/jpeg');
    expect(await files.list()).toEqual([]);
    await messenger.session.setPhoto(null);
    await until('the peer sees initials', async () => (await peerSees())?.avatarUrl === null);
  });

  it('is refused in words when it is no picture, and the one before stays', async () => {
    const viewer = await messenger.session.setPhoto({ ...file(PICTURE, 'me.png'), mime: 'image/png' });
    await expect(messenger.session.setPhoto({ ...file(Buffer.from('words')), mime: 'image/png' })).rejects.toMatchObject({ code: 'validation_failed' });
    expect(await files.list()).toEqual([]);
    expect((await messenger.api.call('getMe')).avatarUrl).toBe(viewer.avatarUrl);
  });
});

/** Two pixels. */
const PICTURE = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAAD0lEQVR4nGP438DA0PAfAAqAAv+UN9SuAAAAAElFTkSuQmCC', 'base64');
