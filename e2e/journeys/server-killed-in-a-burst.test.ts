import { expect, test } from 'vitest';
import { beginConversation, createAccount, listEverything, sendText } from '../api.ts';
import { browserOfThisFile } from '../browser.ts';
import { leafThrough } from '../leaf-through.ts';
import { Person } from '../person.ts';
import { serverOfThisFile } from '../server-process.ts';

const EACH = 100;
/** Sends of Ana after which the server is killed, and started again at once. */
const KILLED_AFTER = [30, 65];

/** 200 sends by two browsers on two busy cores, and both lists leafed through. */
const JOURNEY_MS = 180_000;

/** The longest pause between two attempts to connect, and the rest of the outbox. */
const DRAINED_MS = 45_000;

const server = serverOfThisFile();
const browser = browserOfThisFile();

/** What a browser says when its server is away: the test takes it away itself. */
const SERVER_AWAY = /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED_ENCODING|WebSocket connection to/;

test('[D1] [D3] [D5] [D6] a server killed twice in a burst of 200 sends from both sides loses none, doubles none, and shows both the same order', { timeout: JOURNEY_MS }, async () => {
  const accounts = [await createAccount(server, 'Ana Burst'), await createAccount(server, 'Bo Burst')] as const;
  const conversation = await beginConversation(server, accounts[0], accounts[1]);
  // Somebody learns of a conversation with its first message.
  await sendText(server, accounts[0], conversation.id, 'Ready?');
  const people: Person[] = [];
  for (const account of accounts) {
    const person = new Person(account.viewer.name, await browser.open(account.viewer.name), server);
    person.device.expectErrors(SERVER_AWAY);
    await person.signIn(account, `/c/${conversation.id}`);
    await person.see('composer-input');
    people.push(person);
  }
  const [ana, bo] = people as [Person, Person];

  async function burst(person: Person, written: (count: number) => Promise<void>) {
    for (let count = 1; count <= EACH; count += 1) {
      await person.send(`${person.name} ${count}.`);
      await written(count);
    }
  }
  await Promise.all([
    burst(ana, async (count) => {
      if (!KILLED_AFTER.includes(count)) return;
      await server.stop('SIGKILL');
      await server.start();
    }),
    burst(bo, async () => undefined),
  ]);
  const count = async () => (await listEverything(server, accounts[0], conversation.id)).length;
  await expect.poll(count, { timeout: DRAINED_MS }).toBe(1 + 2 * EACH);
  for (const person of people) await expect.poll(() => person.get(/^tick-(pending|failed)$/).count(), { timeout: DRAINED_MS }).toBe(0);

  const stored = await listEverything(server, accounts[0], conversation.id);
  expect(stored.map(({ seq }) => seq)).toEqual(Array.from({ length: 1 + 2 * EACH }, (_, index) => index + 1));
  for (const person of people) {
    const own = stored.flatMap(({ text }) => (text?.startsWith(person.name) ? [text] : []));
    expect(own).toEqual(Array.from({ length: EACH }, (_, index) => `${person.name} ${index + 1}.`));
  }
  const order = stored.map(({ clientMsgId }) => clientMsgId);
  for (const person of people) {
    // From its end to its beginning and back: every row of the conversation, each once, in the order of the database.
    await person.see(`message-${order.at(-1)}`);
    expect(await leafThrough(person, order, 'up')).toEqual(new Set(order));
    expect(await person.device.storedMessages()).toEqual(order);
  }
});
