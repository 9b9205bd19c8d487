import type { Conversation } from '@couplet/protocol';
import { expect, test } from 'vitest';
import { type Account, beginConversation, callApi, createAccount, sendText } from '../api.ts';
import { browserOfThisFile, type DeviceOptions } from '../browser.ts';
import { Person } from '../person.ts';
import { serverOfThisFile } from '../server-process.ts';

const server = serverOfThisFile();
const browser = browserOfThisFile();

/** What a browser says when its server is away, or refuses: the tests bring both about. */
const EXPECTED = /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED_ENCODING|WebSocket connection to|bad-precaching-response|Failed to fetch|status of 403/;

/** The longest a device waits between two tries to reach its server, and then some. */
const BACK_WITHIN_MS = 40_000;

/** Signed in, in the conversation, and with the app's own files on the device. */
async function sit(name: string, account: Account, { id }: Conversation, options?: DeviceOptions): Promise<Person> {
  const device = await browser.open(name, options);
  device.expectErrors(EXPECTED);
  const person = new Person(name, device, server);
  await person.signIn(account, `/c/${id}`);
  await person.see('composer-input');
  await person.page.waitForFunction(() => navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller !== null));
  return person;
}

async function messagesAtServer(account: Account, { id }: Conversation) {
  const { items } = await callApi(server, 'listMessages', { params: { id }, query: {} }, account.token);
  return items.map(({ text, version, reactions, deletedAt }) => ({ text: deletedAt === undefined ? text : '†', version, reactions: reactions.map(({ emoji }) => emoji) })).reverse();
}

test('[O1] what was written, edited, reacted to and deleted without a server shows at once, survives a reload, and reaches the other one once', async () => {
  const [anaAccount, boAccount] = [await createAccount(server, 'Ana Changes'), await createAccount(server, 'Bo Changes')];
  const conversation = await beginConversation(server, anaAccount, boAccount);
  await sendText(server, anaAccount, conversation.id, 'Meet at six');
  await sendText(server, anaAccount, conversation.id, 'Wrong chat, sorry');
  await sendText(server, boAccount, conversation.id, 'Bring the tickets');
  const ana = await sit('Ana Changes', anaAccount, conversation);
  await ana.seeMessage('Bring the tickets');

  await server.stop('SIGKILL');
  await ana.openMessageMenu('Meet at six');
  await ana.get('menu-edit').click();
  await ana.send('Meet at seven');
  await ana.openMessageMenu('Wrong chat, sorry');
  await ana.get('menu-delete').click();
  await ana.get('confirm-delete').click();
  await ana.openMessageMenu('Bring the tickets');
  await ana.get('react-👍').click();
  await ana.send('I have your coat');
  await ana.openMessageMenu('I have your coat');
  await ana.get('menu-edit').click();
  await ana.send('I have both coats');

  const seeOutcome = async (person: Person) => {
    await person.seeMessage('Meet at seven');
    await person.seeMessage('Message deleted');
    await person.message('Bring the tickets').getByTestId('reaction-👍').waitFor();
    await person.seeMessage('I have both coats');
    for (const gone of ['Meet at six', 'Wrong chat', 'I have your coat']) expect(await person.message(gone).count()).toBe(0);
  };
  await seeOutcome(ana);
  await ana.reload();
  await seeOutcome(ana);
  for (const text of ['Meet at seven', 'Message deleted', 'I have both coats']) await ana.seeTick(text, 'pending');

  await server.start();
  const bo = await sit('Bo Changes', boAccount, conversation);
  await seeOutcome(bo);
  await ana.seeTick('I have both coats', 'read');
  expect(await ana.get('tick-pending').count()).toBe(0);
  await seeOutcome(ana);
  expect(await messagesAtServer(anaAccount, conversation)).toEqual([
    { text: 'Meet at seven', version: 1, reactions: [] },
    { text: '†', version: 1, reactions: [] },
    { text: 'Bring the tickets', version: 1, reactions: ['👍'] },
    { text: 'I have both coats', version: 0, reactions: [] },
  ]);
});

test('[O2] an edit that is refused keeps its words where they were written, until the person tries again or lets go', async () => {
  const [anaAccount, boAccount] = [await createAccount(server, 'Ana Refused'), await createAccount(server, 'Bo Refused')];
  const conversation = await beginConversation(server, anaAccount, boAccount);
  for (const text of ['First words', 'Other words']) await sendText(server, anaAccount, conversation.id, text);
  const ana = await sit('Ana Refused', anaAccount, conversation);
  const phone = await sit('Ana Refused, phone', anaAccount, conversation, { screen: 'phone' });
  await callApi(server, 'blockUser', { params: { id: anaAccount.viewer.id } }, boAccount.token);

  await ana.openMessageMenu('First words');
  await ana.get('menu-edit').click();
  await ana.send('Better words');
  await ana.seeTick('Better words', 'failed');
  await callApi(server, 'unblockUser', { params: { id: anaAccount.viewer.id } }, boAccount.token);
  // With the keyboard alone.
  await ana.message('Better words').getByTestId('message-failed').focus();
  await ana.page.keyboard.press('Enter');
  await ana.get('menu-retry').focus();
  await ana.page.keyboard.press('Enter');
  await ana.message('Better words').getByTestId('tick-failed').waitFor({ state: 'detached' });
  await phone.seeMessage('Better words');

  await callApi(server, 'blockUser', { params: { id: anaAccount.viewer.id } }, boAccount.token);
  await phone.longPress(phone.message('Other words').getByText('Other words'));
  await phone.get('menu-edit').click();
  await phone.send('Words of no use');
  await phone.message('Words of no use').getByText('Edit not saved').click();
  await phone.get('menu-discard').click();
  await phone.seeMessage('Other words');
  expect(await phone.get('message-failed').count()).toBe(0);
});

test('a chat is pinned, muted and put away from the list without a server, stays so after a reload, and is so at the server', async () => {
  const [anaAccount, boAccount, cleoAccount] = [await createAccount(server, 'Ana Orders'), await createAccount(server, 'Bo Orders'), await createAccount(server, 'Cleo Orders')];
  const withBo = await beginConversation(server, anaAccount, boAccount);
  await sendText(server, boAccount, withBo.id, 'First');
  const withCleo = await beginConversation(server, anaAccount, cleoAccount);
  await sendText(server, cleoAccount, withCleo.id, 'Second');
  const ana = await sit('Ana Orders', anaAccount, withCleo);
  await ana.goto();
  await ana.see('chat-row-Bo Orders');
  const rows = () => ana.get(/^chat-row-/).evaluateAll((found) => found.map((row) => (row as HTMLElement).dataset['testid']));
  await expect.poll(rows).toEqual(['chat-row-Cleo Orders', 'chat-row-Bo Orders']);

  await server.stop('SIGKILL');
  const choose = async (name: string, option: string) => {
    await ana.get(`chat-row-${name}`).click({ button: 'right' });
    await ana.get(option).click();
  };
  await choose('Bo Orders', 'chat-pin');
  await expect.poll(rows).toEqual(['chat-row-Bo Orders', 'chat-row-Cleo Orders']);
  await choose('Bo Orders', 'chat-mute');
  await choose('Cleo Orders', 'chat-archive');
  await expect.poll(rows).toEqual(['chat-row-Bo Orders']);
  await ana.closePage();
  await ana.openPage();
  await expect.poll(rows).toEqual(['chat-row-Bo Orders']);
  await ana.get('open-archive').click();
  await expect.poll(rows).toEqual(['chat-row-Cleo Orders']);

  await server.start();
  const settingsAtServer = async (id: Conversation['id']) => {
    const { pinned, mutedUntil, archived } = await callApi(server, 'getConversation', { params: { id } }, anaAccount.token);
    return { pinned, isMuted: mutedUntil !== null, archived };
  };
  await expect.poll(() => settingsAtServer(withBo.id), { timeout: BACK_WITHIN_MS }).toEqual({ pinned: true, isMuted: true, archived: false });
  await expect.poll(() => settingsAtServer(withCleo.id), { timeout: BACK_WITHIN_MS }).toEqual({ pinned: false, isMuted: false, archived: true });
  await choose('Cleo Orders', 'chat-archive');
  await expect.poll(rows).toEqual(['chat-row-Bo Orders', 'chat-row-Cleo Orders']);
});
