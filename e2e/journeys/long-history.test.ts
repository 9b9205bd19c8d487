import { expect, test } from 'vitest';
import { type Account, beginConversation, callApi, createAccount, sendText, writeHistory } from '../api.ts';
import { browserOfThisFile } from '../browser.ts';
import { Person } from '../person.ts';
import { serverOfThisFile } from '../server-process.ts';
import type { ConversationId } from '@couplet/protocol';

const MESSAGES = 2_000;

/** Turns of the wheel are less than a screen, so that no row passes by unseen. */
const TURN = 600;

/** A way of 2,000 messages is some 200 turns; the journey goes there and back, also on a busy machine. */
const JOURNEY_MS = 240_000;

const server = serverOfThisFile();
const browser = browserOfThisFile();

test('2,000 messages pass by, up and down, without a gap and without a double', { timeout: JOURNEY_MS }, async () => {
  const [ana, bo] = [await createAccount(server, 'Ana History'), await createAccount(server, 'Bo History')];
  const conversation = await beginConversation(server, ana, bo);
  await writeHistory(server, [ana, bo], conversation.id, MESSAGES);
  await readEverything(ana, conversation.id);
  const order = await messagesInOrder(ana, conversation.id);
  expect(order.length).toBe(MESSAGES);

  const person = new Person('Ana History', await browser.open('Ana History'), server);
  await person.signIn(ana, `/c/${conversation.id}`);
  await person.see(`message-${order.at(-1)}`);

  const up = await leafThrough(person, order, -TURN);
  expect(up).toEqual(new Set(order));
  const down = await leafThrough(person, order, TURN);
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

/** The ids of all messages, oldest first, page by page as the API tells them. */
async function messagesInOrder(account: Account, conversationId: ConversationId): Promise<string[]> {
  const ids: string[] = [];
  for (let seq: number | undefined; seq !== 1; ) {
    const query = { limit: '100', ...(seq === undefined ? {} : { before: String(seq) }) };
    const page = await callApi(server, 'listMessages', { params: { id: conversationId }, query }, account.token);
    if (page.items.length === 0) break;
    ids.unshift(...page.items.map((message) => message.clientMsgId).reverse());
    seq = page.items.at(-1)?.seq;
  }
  return ids;
}

/**
 * Turns the wheel until the first (last) message shows. In every position the
 * rows in view must be a stretch of the conversation without a gap.
 */
async function leafThrough(person: Person, order: string[], turn: number): Promise<Set<string>> {
  const seen = new Set<string>();
  const places = new Map(order.map((id, index) => [id, index]));
  const goal = turn < 0 ? order[0] : order.at(-1);
  const list = await person.get('message-list').boundingBox();
  if (!list) throw new Error('There is no list of messages on the screen');
  await person.page.mouse.move(list.x + list.width / 2, list.y + list.height / 2);
  for (;;) {
    const ids = await rowsInView(person);
    const first = places.get(ids[0] ?? '');
    expect(ids).toEqual(order.slice(first, (first ?? 0) + ids.length));
    for (const id of ids) seen.add(id);
    if (ids.includes(goal ?? '')) return seen;
    await person.page.mouse.wheel(0, turn);
  }
}

/** The messages in view, top to bottom, once the list stands still for a few frames. */
function rowsInView(person: Person): Promise<string[]> {
  return person.get('message-list').evaluate(async (list) => {
    const stillFrames = 4;
    const clientMsgId = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;
    const nextFrame = () => new Promise(requestAnimationFrame);
    for (let still = 0, before = NaN; still < stillFrames; before = list.scrollTop) {
      await nextFrame();
      still = list.scrollTop === before ? still + 1 : 0;
    }
    const view = list.getBoundingClientRect();
    return [...list.querySelectorAll<HTMLElement>('[data-testid^="message-"]')]
      .map((row) => ({ id: (row.dataset['testid'] ?? '').slice('message-'.length), box: row.getBoundingClientRect() }))
      .filter(({ id }) => clientMsgId.test(id))
      .filter(({ box }) => box.bottom > view.top + 1 && box.top < view.bottom - 1)
      .sort((one, other) => one.box.top - other.box.top)
      .map(({ id }) => id);
  });
}
