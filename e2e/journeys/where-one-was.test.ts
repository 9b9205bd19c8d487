import { expect, test } from 'vitest';
import { type Account, beginConversation, callApi, createAccount, listEverything, sendText, writeHistory } from '../api.ts';
import { browserOfThisFile } from '../browser.ts';
import { Person } from '../person.ts';
import { type RowInView, rowsInView } from '../rows-in-view.ts';
import { serverOfThisFile } from '../server-process.ts';
import type { ConversationId } from '@couplet/protocol';

/** Points by which the line being read may be off its place after a restart. */
const STILL = 1;

/** A draft waits until fingers rest, then for the way through the server. */
const WAIT = { timeout: 10_000 };

const server = serverOfThisFile();
const browser = browserOfThisFile();

async function conversationOf(surname: string, messages: number) {
  const [ana, bo] = [await createAccount(server, `Ana ${surname}`), await createAccount(server, `Bo ${surname}`)];
  const conversation = await beginConversation(server, ana, bo);
  await writeHistory(server, [ana, bo], conversation.id, messages);
  return { ana, bo, conversationId: conversation.id };
}

async function readEverything(account: Account, conversationId: ConversationId) {
  const last = (await listEverything(server, account, conversationId)).at(-1);
  if (!last) throw new Error('There is nothing to read');
  await callApi(server, 'markRead', { params: { id: conversationId }, body: { lastReadMessageId: last.id } }, account.token);
}

async function sit(name: string, account: Account, path: string): Promise<Person> {
  const person = new Person(name, await browser.open(name), server);
  await person.signIn(account, path);
  await person.see('composer-input');
  return person;
}

test('a conversation left in the middle opens there again, after a reload and after another screen; what is unread comes first', async () => {
  const { ana: account, bo, conversationId } = await conversationOf('Middle', 200);
  await readEverything(account, conversationId);
  const path = `/c/${conversationId}`;
  const ana = await sit('Ana Middle', account, path);
  const last = (await listEverything(server, account, conversationId)).at(-1);
  await ana.see(`message-${last?.clientMsgId}`);
  await turnWheel(ana, -2_350);
  const left = (await rowsInView(ana)).find(({ isWhole }) => isWhole);
  if (!left) throw new Error('Nothing shows in the middle of the conversation');
  await placeIsKept(ana);

  await ana.reload();
  await expect.poll(() => displacement(ana, left), WAIT).toBeLessThanOrEqual(STILL);
  await ana.get('open-settings').click();
  await ana.see('settings-sign-out');
  await ana.openChat('Bo Middle');
  await expect.poll(() => displacement(ana, left), WAIT).toBeLessThanOrEqual(STILL);

  await ana.goto('/settings');
  await ana.see('settings-sign-out');
  const { clientMsgId } = await sendText(server, bo, conversationId, 'Unread');
  await ana.chatRow('Bo Middle').getByTestId('unread-badge').waitFor();
  await ana.openChat('Bo Middle');
  await ana.see('unread-divider');
  await ana.see(`message-${clientMsgId}`);

  // At its end there is no place to keep: it opens at its end.
  await expect.poll(() => keptPlaces(ana), WAIT).toBe('[]');
  await ana.reload();
  await ana.see(`message-${clientMsgId}`);
});

test('a draft shows in the field that is open on another device, as long as nobody types there', async () => {
  const { ana: account, conversationId } = await conversationOf('Draft', 3);
  const path = `/c/${conversationId}`;
  const [laptop, desk] = [await sit('Ana Laptop', account, path), await sit('Ana Desk', account, path)];
  const draftOn = (person: Person) => person.get('composer-input').inputValue();
  await laptop.type('Begun on the laptop');
  await expect.poll(() => draftOn(desk), WAIT).toBe('Begun on the laptop');
  await desk.get('composer-input').press('End');
  await desk.type(', gone on with at the desk');
  await expect.poll(() => draftOn(laptop), WAIT).toBe('Begun on the laptop, gone on with at the desk');
  await desk.get('composer-send').click();
  await expect.poll(() => draftOn(laptop), WAIT).toBe('');
  await laptop.seeMessage('Begun on the laptop, gone on with at the desk');
});

async function turnWheel(person: Person, deltaY: number) {
  const list = await person.get('message-list').boundingBox();
  if (!list) throw new Error('There is no list of messages on the screen');
  await person.page.mouse.move(list.x + list.width / 2, list.y + list.height / 2);
  await person.page.mouse.wheel(0, deltaY);
}

/** Where one was in each conversation, as the device's database has it. */
function keptPlaces(person: Person): Promise<string> {
  return person.page.evaluate(async () => {
    const result = <Result>(request: IDBRequest<Result>) =>
      new Promise<Result>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error('The request failed'));
      });
    const named = (await indexedDB.databases()).find(({ name }) => name?.startsWith('couplet'));
    const database = await result(indexedDB.open(named?.name ?? ''));
    const places = await result(database.transaction('places').objectStore('places').getAll());
    database.close();
    return JSON.stringify(places);
  });
}

/** What the device has noted of where one was does not change any more: it is written a moment after the list stands still. */
async function placeIsKept(person: Person) {
  let before = '';
  const isSettled = async () => {
    const now = await keptPlaces(person);
    const isSame = now !== '[]' && now === before;
    before = now;
    return isSame;
  };
  await expect.poll(isSettled, { ...WAIT, interval: 500 }).toBe(true);
}

/** By how many points a message is off the place where it was left; far off when it does not show. */
async function displacement(person: Person, left: RowInView): Promise<number> {
  const now = (await rowsInView(person)).find(({ clientMsgId, isWhole }) => isWhole && clientMsgId === left.clientMsgId);
  return Math.abs((now?.top ?? Number.POSITIVE_INFINITY) - left.top);
}
