import { expect, it } from 'vitest';
import { type Account, beginConversation, createAccount, sendText } from '../api.ts';
import { browserOfThisFile } from '../browser.ts';
import { Person } from '../person.ts';
import { serverOfThisFile } from '../server-process.ts';

const server = serverOfThisFile();
const browser = browserOfThisFile();

/** As many as push the first one out of sight, and past the page that a snapshot brings. */
const BETWEEN = 120;

/** Ana and Bo with a word at the far end of a conversation, and one near its end. */
async function scene(name: string): Promise<{ ana: Account; far: string; near: string }> {
  const [ana, bo] = [await createAccount(server, `Ana ${name}`), await createAccount(server, `Bo ${name}`)];
  const { id } = await beginConversation(server, ana, bo);
  const far = 'The lighthouse keeper wrote back';
  const near = 'Take the lantern along';
  await sendText(server, bo, id, far);
  for (let n = 0; n < BETWEEN; n += 1) await sendText(server, n % 2 === 0 ? ana : bo, id, `Line ${n} of a long talk`);
  await sendText(server, ana, id, near);
  return { ana, far, near };
}

it('finds messages on the device and elsewhere, leads to one, and leads there again', async () => {
  const { ana: account, far, near } = await scene('Searching');
  const ana = new Person('Ana', await browser.open('Ana'), server);
  await ana.signIn(account);
  await ana.see(/^chat-row-/);
  await ana.get('chat-search').fill('light');
  await ana.get(/^search-message-/).filter({ hasText: far }).click();
  await ana.seeMessage(far);
  // The same one again, after having gone elsewhere in the thread.
  await ana.get('message-list').hover();
  await ana.page.mouse.wheel(0, 100_000);
  await ana.message(far).waitFor({ state: 'hidden' });
  await ana.get(/^search-message-/).filter({ hasText: far }).click();
  await ana.seeMessage(far);
  // Within the conversation: only this field is asked.
  await ana.get('thread-search-open').click();
  await ana.get('thread-search-input').fill('lant');
  await ana.get('thread-search').getByTestId(/^search-message-/).filter({ hasText: near }).click();
  await ana.seeMessage(near);
});

it('finds what is on the device without a network, says that it is not everything, and completes by itself', async () => {
  const { ana: account, far, near } = await scene('Offline');
  const device = await browser.open('Ana', { screen: 'phone' });
  const ana = new Person('Ana', device, server);
  await ana.signIn(account);
  await ana.see(/^chat-row-/);
  device.expectErrors(/Failed to load resource|WebSocket|ERR_/);
  await server.stop();
  await ana.get('chat-search').fill('l');
  await ana.see('search-device-only');
  const found = ana.get(/^search-message-/);
  await found.filter({ hasText: near }).waitFor();
  await ana.get('chat-search').fill('lantern');
  await found.filter({ hasText: near }).waitFor();
  await ana.get('chat-search').fill('lighthouse');
  await ana.see('search-device-only');
  expect(await found.filter({ hasText: far }).count()).toBe(0);
  await server.start();
  await found.filter({ hasText: far }).waitFor();
  await ana.seeNo('search-device-only');
});
