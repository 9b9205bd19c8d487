import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConversationId } from '@couplet/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestSystem, type TestUser } from '../test-system.ts';
import { until } from '../until.ts';
import { DurableDevice } from './durable-device.ts';

let system: TestSystem;
let folder: string;
let ana: TestUser;
let bo: TestUser;
let phone: DurableDevice;
let conversationId: ConversationId;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'couplet-device-'));
  system = await TestSystem.create();
  [ana, bo] = [await system.createUser('Ana'), await system.createUser('Bo')];
  phone = new DurableDevice({ serverUrl: system.url, deviceName: 'Phone', file: join(folder, 'phone.sqlite') });
  await phone.start();
  await phone.messenger.session.login({ login: ana.email, password: ana.password });
  conversationId = (await phone.messenger.conversations.openWith(bo.viewer.id)).id;
});

afterEach(async () => {
  phone.kill();
  await system.close();
  await rm(folder, { recursive: true, force: true });
});

const emptied = () => until('the outbox is empty', async () => (await phone.messenger.diagnostics()).outboxSize === 0);

describe('a phone that can be killed', () => {
  it('is the same phone when it is started again: signed in, with what it had', async () => {
    await phone.messenger.messages.send({ conversationId, text: 'before' });
    await emptied();
    phone.kill();
    expect(() => phone.messenger).toThrow('does not run');
    await phone.start();
    expect(phone.messenger.session.state()).toMatchObject({ status: 'signed-in' });
    expect((await phone.messenger.messages.page({ conversationId, limit: 10, at: 'end' })).items.map(({ text }) => text)).toEqual(['before']);
  });

  it('does nothing any more once it is killed', async () => {
    const events: string[] = [];
    const other = new DurableDevice({ ...phone.options, file: join(folder, 'other.sqlite'), onEvent: ({ type }) => void events.push(type) });
    await other.start();
    const { messenger } = other;
    other.kill();
    const heard = events.length;
    let isAnswered = false;
    void messenger.diagnostics().then(() => (isAnswered = true));
    await phone.messenger.messages.send({ conversationId, text: 'meanwhile' });
    await emptied();
    expect({ isAnswered, heard: events.length }).toEqual({ isAnswered: false, heard });
  });

  it('[O1] killed before any statement of a send, it has the message whole or not at all, and sends it once', async () => {
    const written: string[] = [];
    for (let statements = 0; statements < 40; statements += 1) {
      const dead = phone.killAfter(statements);
      const text = `killed before statement ${statements}`;
      const { messages } = phone.messenger;
      const sending = messages.send({ conversationId, text }).then(() => void written.push(text));
      await Promise.race([sending, dead]);
      phone.kill();
      await phone.start();
    }
    await emptied();
    const bosPhone = await system.signIn(bo);
    const texts = (await bosPhone.thread(conversationId)).map(({ text }) => text);
    expect(texts.filter((text) => written.includes(text ?? ''))).toEqual(written);
    expect(new Set(texts).size).toBe(texts.length);
    expect(written.length).toBeGreaterThan(20);
  });
});
