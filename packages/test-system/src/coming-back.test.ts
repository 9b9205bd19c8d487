import type { ConversationId } from '@couplet/protocol';
import { afterEach, expect, it } from 'vitest';
import type { TestDevice } from './test-device.ts';
import { TestSystem, type TestUser } from './test-system.ts';
import { until } from './until.ts';

let system: TestSystem;

afterEach(() => system.close());

/** Two people who have talked, each at one device. */
async function scene() {
  system = await TestSystem.create();
  const [ana, bo] = [await system.createUser('Ana'), await system.createUser('Bo')];
  const [anasPhone, bosPhone] = [await system.signIn(ana), await system.signIn(bo)];
  const { id } = await anasPhone.messenger.conversations.openWith(bo.viewer.id);
  await write(anasPhone, id, 'early', 5);
  await bosPhone.conversation(id, ({ lastSeq }) => lastSeq === 5);
  await write(bosPhone, id, 'answer', 1);
  await bosPhone.messenger.messages.markRead(id, 3);
  await system.settled();
  return { ana, bo, anasPhone, bosPhone, id };
}

async function write(device: TestDevice, conversationId: ConversationId, word: string, times: number) {
  for (let index = 0; index < times; index += 1) await device.messenger.messages.send({ conversationId, text: `${word} ${index}` });
  await device.sent();
}

/** What a device shows that has nothing from before. */
async function expectAsOnAFreshDevice(device: TestDevice, owner: TestUser, id: ConversationId) {
  const fresh = await system.signIn(owner);
  await system.settled();
  expect(await device.thread(id)).toEqual(await fresh.thread(id));
  expect(await device.messenger.conversations.get(id)).toEqual(await fresh.messenger.conversations.get(id));
}

const texts = async (device: TestDevice, id: ConversationId) => (await device.thread(id)).map(({ text }) => text);
const EARLY = ['early 0', 'early 1', 'early 2', 'early 3', 'early 4'];

it('[S4] after days, when the log no longer reaches back, a device takes a snapshot; what it wrote meanwhile goes out once', async () => {
  const { ana, bo, anasPhone, bosPhone, id } = await scene();
  const answer = (await bosPhone.thread(id)).at(-1);
  if (answer === undefined) throw new Error('unreachable');
  bosPhone.network.unplug();
  await write(anasPhone, id, 'missed', 30);
  await bosPhone.messenger.messages.send({ conversationId: id, text: 'from the mountains' });
  await bosPhone.messenger.messages.edit(answer.id, 'another answer');
  await system.database.pool.query('UPDATE event_logs SET trimmed_position = last_position WHERE user_id = $1', [bo.viewer.id]);

  const resynced = new Promise<void>((resolve) => bosPhone.messenger.subscribe((event) => event.type === 'resynced' && resolve()));
  bosPhone.network.plug();
  await resynced;
  await bosPhone.sent();
  await system.settled();

  const missed = Array.from({ length: 30 }, (_, index) => `missed ${index}`);
  expect(await texts(bosPhone, id)).toEqual([...EARLY, 'another answer', ...missed, 'from the mountains']);
  await expectAsOnAFreshDevice(bosPhone, bo, id);
  await expectAsOnAFreshDevice(anasPhone, ana, id);
});

it('[S4] after a restore of the server from backup every device takes a snapshot; what is in an outbox goes out once', async () => {
  const { ana, bo, anasPhone, bosPhone, id } = await scene();
  await system.stop();
  const putBack = await system.database.backUp();
  await system.start();
  await system.settled();
  await write(anasPhone, id, 'after the backup', 8);
  await bosPhone.conversation(id, ({ lastSeq }) => lastSeq === 14);
  await bosPhone.messenger.messages.markRead(id, 12);
  await system.settled();
  bosPhone.network.unplug();
  await bosPhone.messenger.messages.send({ conversationId: id, text: 'written before the restore' });

  await system.stop();
  await putBack();
  await system.database.pool.query('UPDATE deployment SET epoch = gen_random_uuid()');
  await system.start();
  bosPhone.network.plug();
  await bosPhone.sent();
  await system.settled();

  // What the backup does not hold is gone, on the devices as on the server; nothing stands twice.
  const expected = [...EARLY, 'answer 0', 'written before the restore'];
  expect(await texts(anasPhone, id)).toEqual(expected);
  expect(await texts(bosPhone, id)).toEqual(expected);
  await write(anasPhone, id, 'life goes on', 3);
  await bosPhone.conversation(id, ({ lastSeq }) => lastSeq === 10);
  await system.settled();
  await expectAsOnAFreshDevice(bosPhone, bo, id);
  await expectAsOnAFreshDevice(anasPhone, ana, id);
});

/** Rule X2. */
const REVOKED_WITHIN_MS = 5_000;

it.each(['native', 'pusher'] as const)('[X2] a device whose session is ended elsewhere gets nothing more within 5 s, over the %s transport', async (transport) => {
  const { ana, anasPhone, bosPhone, id } = await scene();
  const tablet = await system.signIn(ana, transport);
  const [other] = (await anasPhone.messenger.session.list()).filter(({ current }) => !current);
  if (other === undefined) throw new Error('unreachable');
  const endedAt = performance.now();
  const heard: string[] = [];
  tablet.messenger.subscribe((event) => heard.push(JSON.stringify(event)));
  await anasPhone.messenger.session.revoke(other.id);
  await until('the tablet is signed out', () => tablet.messenger.session.state().status === 'signed-out');
  expect(performance.now() - endedAt).toBeLessThan(REVOKED_WITHIN_MS);
  await write(bosPhone, id, 'not for the tablet', 1);
  await system.settled();
  expect(heard.join()).not.toContain('not for the tablet');
});
