import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, type RunningServer, startServer } from '@couplet/server';
import { openOwnPostgres } from '@couplet/server/test/own-postgres';
import { createTestDatabase } from '@couplet/server/test/test-database';
import { TEST_OVERRIDES } from '@couplet/server/test/test-overrides';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestDevice } from '../test-device.ts';
import { TestSystem } from '../test-system.ts';
import { until } from '../until.ts';
import { FaultProxy } from './fault-proxy.ts';
import type { StreamUnit } from './stream-units.ts';

const isFrame = (unit: StreamUnit, type: string) => unit.type === 'frame' && unit.text !== null && unit.text.includes(`"type":"${type}"`);

/** Two people, of whom Ana's device goes through a proxy. */
describe('a conversation over a bad network', () => {
  let system: TestSystem;
  let proxy: FaultProxy;
  beforeEach(async () => {
    system = await TestSystem.create();
    proxy = await FaultProxy.open(Number(new URL(system.url).port));
  });
  afterEach(async () => {
    await proxy.close();
    await system.close();
  });

  async function begin() {
    const [ana, bo] = [await system.createUser('Ana'), await system.createUser('Bo')];
    const anasPhone = new TestDevice(proxy.url, 'Phone', 'native');
    system.devices.push(anasPhone);
    await anasPhone.messenger.start();
    await anasPhone.messenger.session.login({ login: ana.email, password: ana.password });
    await anasPhone.live();
    const bosPhone = await system.signIn(bo);
    const { id } = await anasPhone.messenger.conversations.openWith(bo.viewer.id);
    await anasPhone.messenger.messages.send({ conversationId: id, text: '0' });
    await system.settled();
    return { ana, bo, anasPhone, bosPhone, id };
  }

  it('[D4] [D6] a hundred answers lost leave each message there once, in the order written', async () => {
    const { anasPhone, bosPhone, id } = await begin();
    let lost = 0;
    proxy.fateOf = (unit) => {
      if (lost === 100 || !isFrame(unit, 'chat.message.ack')) return { type: 'pass' };
      lost += 1;
      // The connection ends right after, and the device comes back at once.
      setImmediate(() => proxy.cut());
      return { type: 'lose' };
    };
    const unsubscribe = anasPhone.messenger.subscribe((event) => {
      if (event.type === 'connection-changed' && event.state.status === 'offline') anasPhone.messenger.connection.wake();
    });
    const texts = Array.from({ length: 150 }, (_, index) => String(index + 1));
    for (const text of texts) await anasPhone.messenger.messages.send({ conversationId: id, text });
    await until('a hundred answers were lost', () => lost === 100);
    await anasPhone.sent();
    unsubscribe();
    await system.settled();
    for (const device of [anasPhone, bosPhone]) expect((await device.thread(id)).map(({ text }) => text)).toEqual(['0', ...texts]);
  }, 60_000);

  it('[D2] nothing is received that nobody sent, though every request and frame arrives twice', async () => {
    const { anasPhone, bosPhone, id } = await begin();
    let twice = 0;
    proxy.fateOf = () => {
      twice += 1;
      return { type: 'twice' };
    };
    const received: string[] = [];
    bosPhone.messenger.subscribe((event) => {
      if (event.type === 'messages-changed') received.push(...event.messages.map(({ text }) => text ?? ''));
    });
    const texts = Array.from({ length: 20 }, (_, index) => `said ${index}`);
    for (const text of texts) await anasPhone.messenger.messages.send({ conversationId: id, text });
    await anasPhone.sent();
    await bosPhone.messenger.messages.send({ conversationId: id, text: 'heard' });
    await system.settled();
    expect((await anasPhone.thread(id)).map(({ text }) => text)).toEqual(['0', ...texts, 'heard']);
    expect((await bosPhone.thread(id)).map(({ text }) => text)).toEqual(['0', ...texts, 'heard']);
    expect(new Set(received)).toEqual(new Set(['0', ...texts, 'heard'].filter((text) => received.includes(text))));
    expect(twice).toBeGreaterThan(40);
  });

  it('[C3] reading on one device clears the count on the others, also on one whose network was silent then', async () => {
    const { ana, anasPhone, bosPhone, id } = await begin();
    const laptop = await system.signIn(ana);
    for (let index = 0; index < 5; index += 1) await bosPhone.messenger.messages.send({ conversationId: id, text: `news ${index}` });
    for (const device of [anasPhone, laptop]) await device.conversation(id, ({ unreadCount }) => unreadCount === 5);
    proxy.conditions.isSilent = true;
    await laptop.messenger.messages.markRead(id, 4);
    await laptop.conversation(id, ({ readSeq, unreadCount }) => readSeq === 4 && unreadCount === 2);
    proxy.heal();
    await anasPhone.conversation(id, ({ readSeq, unreadCount }) => readSeq === 4 && unreadCount === 2);
    await anasPhone.messenger.messages.markRead(id, 6);
    await laptop.conversation(id, ({ unreadCount }) => unreadCount === 0);
  });
});

describe('PostgreSQL killed', () => {
  it('[D1] loses nothing that was acknowledged', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'couplet-own-postgres-'));
    const postgres = await openOwnPostgres(folder);
    const system = await TestSystem.create({ asProcess: true, env: { DATABASE_URL: postgres.url } });
    try {
      const [ana, bo] = [await system.createUser('Ana'), await system.createUser('Bo')];
      const [anasPhone, bosPhone] = [await system.signIn(ana), await system.signIn(bo)];
      const { id } = await anasPhone.messenger.conversations.openWith(bo.viewer.id);
      const texts = Array.from({ length: 60 }, (_, index) => `said ${index}`);
      const acknowledged = new Set<string>();
      anasPhone.messenger.subscribe((event) => {
        if (event.type === 'messages-changed') for (const { clientMsgId } of event.messages) acknowledged.add(clientMsgId);
      });
      for (const text of texts) await anasPhone.messenger.messages.send({ conversationId: id, text });
      await until('some are acknowledged and some are not', () => acknowledged.size >= 10);
      const before = [...acknowledged];
      await postgres.kill();
      const rows = await postgres.query<{ client_msg_id: string }>('SELECT client_msg_id FROM messages');
      const stored = new Set(rows.map(({ client_msg_id }) => client_msg_id));
      expect(before.filter((id) => !stored.has(id))).toEqual([]);
      anasPhone.messenger.connection.wake();
      await anasPhone.sent();
      await bosPhone.conversation(id, ({ lastSeq }) => lastSeq === texts.length);
      expect((await bosPhone.thread(id)).map(({ text }) => text)).toEqual(texts);
    } finally {
      await system.close();
      await postgres.close();
      await rm(folder, { recursive: true, force: true });
    }
  }, 60_000);
});

describe('a device that falls silent', () => {
  it('[P1] is offline within a minute, and its owner only when no other device is left', async () => {
    let shift = 0;
    const folder = await mkdtemp(join(tmpdir(), 'couplet-silent-'));
    const database = await createTestDatabase();
    const server: RunningServer = await startServer(loadConfig({ PORT: '0', DATABASE_URL: database.url, DATA_DIR: folder, LOG_LEVEL: 'silent', RATE_LIMITS: 'off' }), {
      now: () => Date.now() + shift,
      ...TEST_OVERRIDES,
    });
    const proxies = [await FaultProxy.open(server.port), await FaultProxy.open(server.port)] as const;
    const devices = [new TestDevice(proxies[0].url, 'Phone', 'native'), new TestDevice(proxies[1].url, 'Laptop', 'native'), new TestDevice(server.url, 'Watcher', 'native')] as const;
    try {
      const [phone, laptop, watcher] = devices;
      await phone.messenger.start();
      await phone.messenger.session.register({ email: 'ana@silent.test', password: 'correct horse battery', name: 'Ana' });
      await laptop.messenger.start();
      await laptop.messenger.session.login({ login: 'ana@silent.test', password: 'correct horse battery' });
      await watcher.messenger.start();
      await watcher.messenger.session.register({ email: 'bo@silent.test', password: 'correct horse battery', name: 'Bo' });
      await Promise.all(devices.map((device) => device.live()));
      const state = phone.messenger.session.state();
      if (state.status !== 'signed-in') throw new Error('Ana is not signed in');
      const { id } = state.viewer;
      await watcher.messenger.conversations.openWith(id);
      const seen: string[] = [];
      watcher.messenger.subscribe((event) => {
        if (event.type === 'presence' && event.presence.userId === id) seen.push(event.presence.status);
      });
      watcher.messenger.presence.watch([id]);
      await until('Bo sees Ana', () => seen.at(-1) === 'online');

      proxies[0].conditions.isSilent = true;
      shift += 40_000;
      for (const device of [laptop, watcher]) device.messenger.connection.wake();
      await until('those that live have proved it', async () => (await watcher.messenger.api.call('getPresence', { params: { id } })).status === 'online');
      // Fewer than 60 s after the phone fell silent, its socket is gone; the laptop pinged in between.
      shift += 19_000;
      await until('the silent socket is closed', () => server.context.presence.connectionCount(id) === 1);
      expect((await server.context.presence.find([id])).get(id)).toBe('online');
      expect(seen).not.toContain('offline');

      proxies[1].conditions.isSilent = true;
      shift += 40_000;
      watcher.messenger.connection.wake();
      await until('the watcher has proved that it lives', async () => (await watcher.messenger.api.call('getPresence', { params: { id } })).status === 'online');
      shift += 17_000;
      await until('Bo sees that Ana is gone', () => seen.at(-1) === 'offline');
    } finally {
      for (const device of devices) await device.close();
      for (const proxy of proxies) await proxy.close();
      await server.stop();
      await database.close();
      await rm(folder, { recursive: true, force: true });
    }
  }, 60_000);
});
