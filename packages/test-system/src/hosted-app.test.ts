import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestSystem } from './test-system.ts';
import { until } from './until.ts';

/** The app's own client, with its events from a second server of ours in the place of a hosted service. */
const APP = { PUSHER_APP_ID: '4711', PUSHER_KEY: 'a-public-key', PUSHER_SECRET: 'a-secret-of-tests' };
let hosted: TestSystem;
let system: TestSystem;

beforeAll(async () => {
  hosted = await TestSystem.create({ env: APP });
  system = await TestSystem.create({ transport: 'pusher', env: { ...APP, REALTIME_DRIVER: 'pusher', PUSHER_API_URL: hosted.url } });
});
afterAll(async () => {
  await system.close();
  await hosted.close();
});

it('[D1] messages, receipts and presence reach devices that are connected to a hosted app alone', async () => {
  const [ana, bo] = [await system.createUser('Ana'), await system.createUser('Bo')];
  const [anas, bos] = [await system.signIn(ana), await system.signIn(bo)];
  const { id } = await anas.messenger.conversations.openWith(bo.viewer.id);
  await anas.messenger.messages.send({ conversationId: id, text: 'by way of others' });
  await system.settled();
  expect((await bos.thread(id)).map(({ text }) => text)).toEqual(['by way of others']);
  await bos.messenger.messages.markRead(id, 1);
  await system.settled();
  expect((await anas.messenger.conversations.get(id))?.peerReadSeq).toBe(1);
  anas.messenger.presence.watch([bo.viewer.id]);
  await until('Ana sees Bo', () => anas.messenger.presence.get(bo.viewer.id).status === 'online');
});

it('[X2] ending a session ends what is connected with it, and lets the other devices of its user go on', async () => {
  const ana = await system.createUser('Ana');
  const [phone, tablet] = [await system.signIn(ana), await system.signIn(ana)];
  const [other] = (await phone.messenger.session.list()).filter(({ current }) => !current);
  await phone.messenger.session.revoke(other?.id ?? ('' as never));
  await until('the tablet is signed out', () => tablet.messenger.session.state().status === 'signed-out');
  await phone.live();
});
