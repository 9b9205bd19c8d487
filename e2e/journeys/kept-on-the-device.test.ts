import { expect, test } from 'vitest';
import { beginConversation, createAccount, PASSWORD, sendText } from '../api.ts';
import { browserOfThisFile } from '../browser.ts';
import { Person } from '../person.ts';
import { serverOfThisFile } from '../server-process.ts';

const server = serverOfThisFile();
const browser = browserOfThisFile();

async function sit(name: string) {
  return new Person(name, await browser.open(name), server);
}

/** What a browser says when its server is away: the tests take it away themselves. */
const SERVER_AWAY = /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_FAILED|WebSocket connection to/;

test('[O1] what was written without a server goes out once when the page is opened again', async () => {
  const [anaAccount, boAccount] = [await createAccount(server, 'Ana Kept'), await createAccount(server, 'Bo Kept')];
  const conversation = await beginConversation(server, anaAccount, boAccount);
  const [ana, bo] = [await sit('Ana Kept'), await sit('Bo Kept')];
  for (const person of [ana, bo]) person.device.expectErrors(SERVER_AWAY);
  await ana.signIn(anaAccount, `/c/${conversation.id}`);
  await ana.send('Before');
  await ana.seeTick('Before', 'sent');

  await server.stop('SIGKILL');
  for (const text of ['First in the dark', 'Second in the dark']) {
    await ana.send(text);
    await ana.seeTick(text, 'pending');
  }
  await ana.closePage();
  await server.start();
  await bo.signIn(boAccount, `/c/${conversation.id}`);
  await bo.seeMessage('Before');
  expect(await bo.message('in the dark').count()).toBe(0);

  await ana.openPage(`/c/${conversation.id}`);
  await bo.seeMessage('Second in the dark');
  await ana.seeTick('Second in the dark', 'read');
  const texts = await bo.message('in the dark').allTextContents();
  expect(texts.map((text) => text.includes('First'))).toEqual([true, false]);
  expect(await ana.message('in the dark').count()).toBe(2);
});

test('chats and threads show from the device before the server answers', async () => {
  const [anaAccount, boAccount] = [await createAccount(server, 'Ana Dark'), await createAccount(server, 'Bo Dark')];
  const conversation = await beginConversation(server, anaAccount, boAccount);
  for (const text of ['One', 'Two', 'Three']) await sendText(server, boAccount, conversation.id, text);
  const ana = await sit('Ana Dark');
  ana.device.expectErrors(SERVER_AWAY);
  await ana.signIn(anaAccount, `/c/${conversation.id}`);
  await ana.seeMessage('Three');
  await ana.device.cutOff();
  await ana.goto();
  await ana.chatRow('Bo Dark').getByText('Three').waitFor();
  await ana.openChat('Bo Dark');
  for (const text of ['One', 'Two', 'Three']) await ana.seeMessage(text);
  await ana.send('Four, for later');
  await ana.seeTick('Four, for later', 'pending');
  await ana.reload();
  await ana.seeTick('Four, for later', 'pending');
});

test('[O3] two tabs share what was written: one sends it, both show it, and the other goes on when that one is closed', async () => {
  const [anaAccount, boAccount] = [await createAccount(server, 'Ana Tabs'), await createAccount(server, 'Bo Tabs')];
  const conversation = await beginConversation(server, anaAccount, boAccount);
  const [ana, bo] = [await sit('Ana Tabs'), await sit('Bo Tabs')];
  for (const person of [ana, bo]) person.device.expectErrors(SERVER_AWAY);
  await ana.signIn(anaAccount, `/c/${conversation.id}`);
  await ana.see('composer-input');
  const first = ana.page;
  await ana.openPage(`/c/${conversation.id}`);
  const second = ana.page;

  await ana.send('From the second tab');
  await ana.seeTick('From the second tab', 'sent');
  await ana.device.switchTo(first);
  await ana.seeTick('From the second tab', 'sent');

  await server.stop('SIGKILL');
  await ana.send('Dark in the first');
  await ana.device.switchTo(second);
  await ana.seeTick('Dark in the first', 'pending');
  await ana.send('Dark in the second');
  await first.close();
  await server.start();
  await ana.seeTick('Dark in the second', 'sent');
  await bo.signIn(boAccount, `/c/${conversation.id}`);
  await bo.seeMessage('Dark in the second');
  expect((await bo.message('Dark in').allTextContents()).map((text) => text.includes('first'))).toEqual([true, false]);
  expect(await ana.message('Dark in').count()).toBe(2);
});

test('[O5] signing out leaves nothing on the device, and the next person sees nothing', async () => {
  const [anaAccount, boAccount] = [await createAccount(server, 'Ana Leaving'), await createAccount(server, 'Bo Leaving')];
  const next = await createAccount(server, 'Next Person');
  const conversation = await beginConversation(server, anaAccount, boAccount);
  await sendText(server, boAccount, conversation.id, 'A word in confidence');
  const ana = await sit('Ana Leaving');
  await ana.signIn(anaAccount, `/c/${conversation.id}`);
  await ana.seeMessage('A word in confidence');
  await ana.type('half a thought');
  const traces = [anaAccount.viewer.id, anaAccount.email, 'A word in confidence', 'half a thought', 'Bo Leaving'];
  const before = await ana.device.keptText();
  expect(before).toContain('A word in confidence');
  expect(before).toContain(anaAccount.viewer.id);

  await ana.goto('/settings');
  await ana.get('settings-sign-out').click();
  await ana.get('confirm-sign-out').click();
  await ana.see('sign-in-submit');
  // The screens' own state is written a moment after it changed.
  const left = async () => {
    const kept = await ana.device.keptText();
    return traces.filter((trace) => kept.includes(trace));
  };
  await expect.poll(left).toEqual([]);

  await ana.signInAs(next.email, PASSWORD);
  await ana.seeChats();
  expect(await ana.chatRow('Bo Leaving').count()).toBe(0);
  expect(await ana.device.keptText()).toContain(next.viewer.id);
  expect(await left()).toEqual([]);
});
