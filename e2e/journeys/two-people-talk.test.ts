import { expect, test } from 'vitest';
import { beginConversation, createAccount } from '../api.ts';
import { type DeviceOptions, browserOfThisFile } from '../browser.ts';
import { Person } from '../person.ts';
import { serverOfThisFile } from '../server-process.ts';

const server = serverOfThisFile();
const browser = browserOfThisFile();

async function sit(name: string, options?: DeviceOptions) {
  return new Person(name, await browser.open(name, options), server);
}

/** What a browser says when its server is away: the tests take it away themselves. */
const SERVER_AWAY = /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED_ENCODING|WebSocket connection to/;

test('two people sign up, find each other, and talk', async () => {
  const ana = await sit('Ana Keller');
  const bo = await sit('Bo Lindt', { screen: 'phone' });
  await Promise.all([ana.signUp('ana@journeys.test'), bo.signUp('bo@journeys.test')]);

  await ana.findPerson(bo.name);
  await ana.send('Hello Bo, is this you?');
  await ana.seeTick('Hello Bo, is this you?', 'delivered');

  await bo.chatRow(ana.name).getByText('Hello Bo, is this you?').waitFor();
  expect(await bo.chatRow(ana.name).getByTestId('unread-badge').textContent()).toBe('1');
  await bo.openChat(ana.name);
  await bo.seeMessage('Hello Bo, is this you?');
  await ana.seeTick('Hello Bo, is this you?', 'read');

  await bo.type('Yes, it');
  await ana.see('typing-indicator');
  await bo.send('Yes, it is me');
  await ana.seeMessage('Yes, it is me');
  await ana.seeNo('typing-indicator');
  await bo.seeTick('Yes, it is me', 'read');

  await bo.get('back').click();
  await bo.chatRow(ana.name).getByTestId('unread-badge').waitFor({ state: 'detached' });
  await ana.send('Good. One more thing');
  await ana.send('Come at eight');
  await bo.chatRow(ana.name).getByText('Come at eight').waitFor();
  expect(await bo.chatRow(ana.name).getByTestId('unread-badge').textContent()).toBe('2');

  await Promise.all([ana.reload(), bo.reload()]);
  for (const text of ['Hello Bo, is this you?', 'Yes, it is me', 'Good. One more thing', 'Come at eight']) await ana.seeMessage(text);
  await bo.openChat(ana.name);
  await bo.seeMessage('Come at eight');
  await ana.seeTick('Come at eight', 'read');

  await ana.openMessageMenu('Come at eight');
  await ana.get('menu-info').click();
  await ana.get('info-delivered').getByText('Today').waitFor();
  await ana.get('info-read').getByText('Today').waitFor();
  await ana.page.keyboard.press('Escape');
  await ana.seeNo('message-info');
  await ana.see('composer-input');
});

test('they go on talking by themselves after the server was killed and started again', async () => {
  const [anaAccount, boAccount] = [await createAccount(server, 'Ana Restart'), await createAccount(server, 'Bo Restart')];
  const conversation = await beginConversation(server, anaAccount, boAccount);
  const [ana, bo] = [await sit('Ana Restart'), await sit('Bo Restart')];
  for (const person of [ana, bo]) person.device.expectErrors(SERVER_AWAY);
  await ana.signIn(anaAccount, `/c/${conversation.id}`);
  await bo.signIn(boAccount, `/c/${conversation.id}`);
  await ana.send('Before the cut');
  await bo.seeMessage('Before the cut');
  await ana.seeTick('Before the cut', 'read');

  await server.stop('SIGKILL');
  await ana.send('While it was dark');
  await ana.seeTick('While it was dark', 'pending');
  await bo.send('Are you there?');
  await bo.seeTick('Are you there?', 'pending');
  await server.start();

  await bo.seeMessage('While it was dark');
  await ana.seeMessage('Are you there?');
  await ana.seeTick('While it was dark', 'read');
  await bo.seeTick('Are you there?', 'read');
  await ana.send('And light again');
  await bo.seeMessage('And light again');
  expect(await ana.message('While it was dark').count()).toBe(1);
  expect(await bo.message('While it was dark').count()).toBe(1);
});

test('the address of a conversation leads there, signed in, signed out and after a reload', async () => {
  const [ana, bo] = [await createAccount(server, 'Ana Address'), await createAccount(server, 'Bo Address')];
  const conversation = await beginConversation(server, ana, bo);
  const person = await sit('Ana Address', { screen: 'phone' });
  await person.signIn(ana, `/c/${conversation.id}`);
  await person.see('composer-input');
  await person.send('I was here');
  await person.seeTick('I was here', 'sent');
  await person.reload();
  await person.seeMessage('I was here');
  expect(new URL(person.page.url()).pathname).toBe(`/c/${conversation.id}`);
  await person.get('back').click();
  await person.see(`chat-row-${bo.viewer.name}`);
});
