import { TestSocket } from '@couplet/server/test/test-socket';
import { ENDPOINTS, type SignedIn } from '@couplet/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestSystem, type TestUser } from './test-system.ts';
import { until } from './until.ts';

let system: TestSystem;
beforeAll(async () => {
  system = await TestSystem.create({ nodes: 2 });
});
afterAll(() => system.close());

async function twoPeople() {
  return [await system.createUser('Ana'), await system.createUser('Bo')] as const;
}

async function tokensOf({ email, password }: TestUser): Promise<SignedIn> {
  const response = await fetch(system.node(1).url + ENDPOINTS.login.path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ login: email, password }),
  });
  return (await response.json()) as SignedIn;
}

it('[D5] two people on two nodes, over either protocol, talk as on one', async () => {
  const [ana, bo] = await twoPeople();
  const anasPhone = await system.signIn(ana, 'native', 0);
  const bosPhone = await system.signIn(bo, 'pusher', 1);
  const bosLaptop = await system.signIn(bo, 'native', 0);
  const { id } = await anasPhone.messenger.conversations.openWith(bo.viewer.id);
  for (let index = 0; index < 20; index += 1) {
    await anasPhone.messenger.messages.send({ conversationId: id, text: `ana ${index}` });
    await bosPhone.conversation(id);
    await bosPhone.messenger.messages.send({ conversationId: id, text: `bo ${index}` });
  }
  await system.settled();
  const shown = await anasPhone.thread(id);
  expect(shown).toHaveLength(40);
  for (const device of [bosPhone, bosLaptop]) expect((await device.thread(id)).map(({ seq, text }) => [seq, text])).toEqual(shown.map(({ seq, text }) => [seq, text]));
});

it('[C3] reading on one node clears the count on a device at another', async () => {
  const [ana, bo] = await twoPeople();
  const anasPhone = await system.signIn(ana, 'native', 0);
  const [bosPhone, bosLaptop] = [await system.signIn(bo, 'native', 0), await system.signIn(bo, 'pusher', 1)];
  const { id } = await anasPhone.messenger.conversations.openWith(bo.viewer.id);
  for (let index = 0; index < 3; index += 1) await anasPhone.messenger.messages.send({ conversationId: id, text: `unread ${index}` });
  await bosLaptop.conversation(id, ({ unreadCount }) => unreadCount === 3);
  await bosPhone.conversation(id, ({ unreadCount }) => unreadCount === 3);
  await bosPhone.messenger.messages.markRead(id, 3);
  await bosLaptop.conversation(id, ({ unreadCount }) => unreadCount === 0);
});

it('[P1] presence and typing reach the other node; a second device there keeps a person online', async () => {
  const [ana, bo] = await twoPeople();
  const anasPhone = await system.signIn(ana, 'native', 0);
  const { id } = await anasPhone.messenger.conversations.openWith(bo.viewer.id);
  const { accessToken } = await tokensOf(ana);
  const watcher = await TestSocket.connect(system.node(0).url, accessToken);
  await watcher.request('presence.watch', { userIds: [bo.viewer.id] });
  const told = () => watcher.all('presence.update').map(({ data }) => data.status);
  expect(told()).toEqual(['offline']);

  const token = (await tokensOf(bo)).accessToken;
  const phone = await TestSocket.connect(system.node(1).url, token);
  await watcher.untilTrue(() => told().at(-1) === 'online');
  phone.write('chat.typing', { conversationId: id, isTyping: true });
  expect((await watcher.until('chat.typing'))[0]?.data).toMatchObject({ conversationId: id, userId: bo.viewer.id, isTyping: true });

  const laptop = await TestSocket.connect(system.node(0).url, token);
  phone.close();
  const presence = async () => (await fetch(`${system.node(1).url}/api/users/${bo.viewer.id}/presence`, { headers: { authorization: `Bearer ${accessToken}` } })).json() as Promise<{ status: string }>;
  // Its place on the other node is taken back after the grace; they stay online here.
  await until('the phone is forgotten', async () => (await places(bo)).length === 1);
  expect((await presence()).status).toBe('online');
  laptop.close();
  await watcher.untilTrue(() => told().at(-1) === 'offline');
  expect((await presence()).status).toBe('offline');
  expect(told().indexOf('offline', 1)).toBe(told().length - 1);
  watcher.close();
});

it('[X2] a session that is ended on one node is closed on the other', async () => {
  const ana = await system.createUser('Ana');
  const signedIn = await tokensOf(ana);
  const socket = await TestSocket.connect(system.node(1).url, signedIn.accessToken);
  await fetch(system.node(0).url + ENDPOINTS.logout.path, { method: 'POST', headers: { authorization: `Bearer ${signedIn.accessToken}` } });
  expect(await socket.untilClosed()).toBe(4401);
});

it('[P2] without Redis messages come within seconds, presence is unknown, and everything is back when Redis is', async () => {
  const [ana, bo] = await twoPeople();
  const anasPhone = await system.signIn(ana, 'native', 0);
  const [bosPhone, bosLaptop] = [await system.signIn(bo, 'native', 1), await system.signIn(bo, 'native', 0)];
  const { id } = await anasPhone.messenger.conversations.openWith(bo.viewer.id);
  await system.settled();
  const session = await tokensOf(ana);
  const presence = async (node: number) =>
    ((await (await fetch(`${system.node(node).url}/api/users/${bo.viewer.id}/presence`, { headers: { authorization: `Bearer ${session.accessToken}` } })).json()) as { status: string }).status;
  await bosLaptop.close();

  await system.redis.kill();
  await until('presence is unknown', async () => (await presence(0)) === 'unknown');
  const socket = await TestSocket.connect(system.node(1).url, session.accessToken);
  await anasPhone.messenger.messages.send({ conversationId: id, text: 'without Redis' });
  const sentAt = performance.now();
  await bosPhone.conversation(id, ({ lastMessage }) => lastMessage?.text === 'without Redis');
  // Long before a heartbeat would tell the device where its log ends.
  expect(performance.now() - sentAt).toBeLessThan(10_000);
  await fetch(system.node(0).url + ENDPOINTS.logout.path, { method: 'POST', headers: { authorization: `Bearer ${session.accessToken}` } });
  expect(await socket.untilClosed()).toBe(4401);

  await system.redis.start();
  const again = await tokensOf(ana);
  session.accessToken = again.accessToken;
  await until('presence is known again', async () => (await presence(0)) === 'online');
  await anasPhone.messenger.messages.send({ conversationId: id, text: 'with Redis' });
  await bosPhone.conversation(id, ({ lastMessage }) => lastMessage?.text === 'with Redis');

  await system.redis.client.connect().catch(() => undefined);
  await system.redis.flush();
  await until('presence is written again', async () => (await presence(0)) === 'online');
  await anasPhone.messenger.messages.send({ conversationId: id, text: 'after the flush' });
  await bosPhone.conversation(id, ({ lastMessage }) => lastMessage?.text === 'after the flush');
});

/** The nodes on which Redis knows this person. */
async function places({ viewer }: TestUser): Promise<string[]> {
  const { client } = system.redis;
  if (client.status === 'wait') await client.connect();
  const [key] = await client.keys(`couplet:presence:*${viewer.id}`);
  return key === undefined ? [] : client.hkeys(key);
}
