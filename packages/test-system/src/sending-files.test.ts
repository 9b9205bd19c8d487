import { randomBytes } from 'node:crypto';
import { createMemoryStore, createMessenger, type Messenger, type Store, type TokenStorage } from '@couplet/client';
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
  const clock = { now: () => Date.now(), schedule: (delayMs: number, task: () => void) => ((timer) => () => clearTimeout(timer))(setTimeout(task, delayMs)) };
  const random = { fill: (bytes: Uint8Array) => void crypto.getRandomValues(bytes.subarray()), fraction: () => 0 };
  // What a process that ends leaves behind: the store is not closed with it.
  const store: Store = { read: (body) => kept.store.read(body), transaction: (body) => kept.store.transaction(body), close: async () => undefined };
  return createMessenger(
    { http: network.http, socket: network.socket, network, clock, random, tokens: kept.tokens, store, files },
    { serverUrl: system.url, deviceName: 'Ana’s phone' },
  );
}

async function restart(): Promise<void> {
  await messenger.close();
  messenger = openAnas();
  await messenger.start();
}

const file = (bytes: Uint8Array, name = 'file.bin') => ({ source: bytes, name, mime: 'application/octet-stream', sizeBytes: bytes.length });
const arrived = async (count: number) => until(`${count} messages are there`, async () => (await bosPhone.thread(conversationId)).length === count);
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
    expect(await messenger.messages.pending(conversationId)).toEqual([]);
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
    expect(await messenger.messages.pending(conversationId)).toEqual([]);
  });

  it('stops visibly at a file that the server refuses, and takes it away when it is given up', async () => {
    const pending = await messenger.messages.send({ conversationId, files: [{ ...file(Buffer.from('no picture')), mime: 'image/png' }] });
    await until('it failed', async () => (await messenger.messages.pending(conversationId))[0]?.state.status === 'failed');
    expect((await messenger.messages.pending(conversationId))[0]?.state).toMatchObject({ code: 'validation_failed' });
    await messenger.messages.discard(pending.clientMsgId);
    await until('the copy is gone', async () => (await files.list()).length === 0);
  });
});
