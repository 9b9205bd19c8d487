import { expect, test } from 'vitest';
import { type Account, beginConversation, callApi, createAccount, listEverything, sendText, writeHistory } from '../api.ts';
import { browserOfThisFile } from '../browser.ts';
import { leafThrough } from '../leaf-through.ts';
import { Person } from '../person.ts';
import { serverOfThisFile } from '../server-process.ts';
import type { ConversationId } from '@couplet/protocol';

/** Enough for forty pages; fewer where only the way to the newest one is another. */
const MESSAGES = Number(process.env['HISTORY'] ?? 2_000);

/** A way of 2,000 messages is some 200 turns; the journey goes there and back, also on a busy machine. */
const JOURNEY_MS = 240_000;

const server = serverOfThisFile();
const browser = browserOfThisFile();

test(`${MESSAGES} messages pass by, up and down, without a gap and without a double`, { timeout: JOURNEY_MS }, async () => {
  const [ana, bo] = [await createAccount(server, 'Ana History'), await createAccount(server, 'Bo History')];
  const conversation = await beginConversation(server, ana, bo);
  await writeHistory(server, [ana, bo], conversation.id, MESSAGES);
  await readEverything(ana, conversation.id);
  const order = (await listEverything(server, ana, conversation.id)).map(({ clientMsgId }) => clientMsgId);
  expect(order.length).toBe(MESSAGES);

  const person = new Person('Ana History', await browser.open('Ana History'), server);
  await person.signIn(ana, `/c/${conversation.id}`);
  await person.see(`message-${order.at(-1)}`);

  const up = await leafThrough(person, order, 'up');
  expect(up).toEqual(new Set(order));
  const down = await leafThrough(person, order, 'down');
  expect(down).toEqual(new Set(order));

  const { clientMsgId } = await sendText(server, bo, conversation.id, 'And one more');
  await person.see(`message-${clientMsgId}`);
});

test('a conversation with unread messages opens where they begin, and the button leads to its end', async () => {
  const [ana, bo] = [await createAccount(server, 'Ana Unread'), await createAccount(server, 'Bo Unread')];
  const conversation = await beginConversation(server, ana, bo);
  await writeHistory(server, [ana, bo], conversation.id, 200);
  await readEverything(ana, conversation.id);
  for (let number = 1; number <= 120; number += 1) await sendText(server, bo, conversation.id, `News ${number}.`);

  const person = new Person('Ana Unread', await browser.open('Ana Unread', { screen: 'phone' }), server);
  await person.signIn(ana);
  expect(await person.chatRow('Bo Unread').getByTestId('unread-badge').textContent()).toBe('120');
  await person.openChat('Bo Unread');
  await person.see('unread-divider');
  await person.seeMessage('News 1.');
  expect(await person.get('jump-count').textContent()).not.toBe('0');
  await person.get('jump-button').click();
  await person.seeMessage('News 120.');
  await person.seeNo('jump-button');
  await person.get('back').click();
  await person.chatRow('Bo Unread').getByTestId('unread-badge').waitFor({ state: 'detached' });
});

async function readEverything(account: Account, conversationId: ConversationId) {
  const page = await callApi(server, 'listMessages', { params: { id: conversationId }, query: { limit: '1' } }, account.token);
  const last = page.items[0];
  if (!last) throw new Error('There is nothing to read');
  await callApi(server, 'markRead', { params: { id: conversationId }, body: { lastReadMessageId: last.id } }, account.token);
}
