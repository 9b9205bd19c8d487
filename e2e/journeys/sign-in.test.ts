import { expect, test } from 'vitest';
import { createAccount } from '../api.ts';
import { browserOfThisFile } from '../browser.ts';
import { Person } from '../person.ts';
import { serverOfThisFile } from '../server-process.ts';

const server = serverOfThisFile();
const browser = browserOfThisFile();

async function sit(name: string) {
  return new Person(name, await browser.open(name), server);
}

test('a wrong password is answered in words, and the right one opens the chats', async () => {
  const account = await createAccount(server, 'Cleo Wrong');
  const cleo = await sit('Cleo Wrong');
  cleo.device.expectErrors(/status of 401/);
  await cleo.goto();
  await cleo.get('sign-in-login').fill(account.email);
  await cleo.get('sign-in-password').fill('not the password');
  await cleo.get('sign-in-submit').click();
  expect((await cleo.get('sign-in-error').textContent())?.length).toBeGreaterThan(10);
  await cleo.signIn(account);
  await cleo.seeChats();
});

test('a short password and a taken address are told beside their fields', async () => {
  const taken = await createAccount(server, 'Cleo Taken');
  const cleo = await sit('Cleo Second');
  cleo.device.expectErrors(/status of 4(09|22|00)/);
  await cleo.goto();
  await cleo.get('sign-in-mode-sign-up').click();
  await cleo.get('sign-in-name').fill('Cleo');
  await cleo.get('sign-in-login').fill(taken.email);
  await cleo.get('sign-in-password').fill('short');
  await cleo.get('sign-in-submit').click();
  await cleo.page.getByText(/at least 8 characters/).waitFor();
  expect(await cleo.get('sign-in-password').getAttribute('aria-invalid')).toBe('true');
  await cleo.get('sign-in-password').fill('long enough for all');
  await cleo.get('sign-in-submit').click();
  await cleo.page.getByText(/taken|already|exists/i).waitFor();
  expect(await cleo.get('sign-in-login').getAttribute('aria-invalid')).toBe('true');
});

test('a reload keeps the session, and signing out ends it for good', async () => {
  const account = await createAccount(server, 'Dino Leaves');
  const dino = await sit('Dino Leaves');
  await dino.signIn(account);
  await dino.seeChats();
  await dino.reload();
  await dino.seeChats();
  await dino.goto('/settings');
  await dino.get('settings-sign-out').click();
  await dino.get('confirm-sign-out').click();
  await dino.see('sign-in-submit');
  await dino.reload();
  await dino.see('sign-in-submit');
  await dino.goto('/settings');
  await dino.see('sign-in-submit');
});
