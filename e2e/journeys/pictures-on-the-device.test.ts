import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { type Account, beginConversation, createAccount } from '../api.ts';
import { browserOfThisFile, WAIT_MS } from '../browser.ts';
import { Person } from '../person.ts';
import { chooseFiles, choosePhoto, countLoaded, drawPictures } from '../pictures.ts';
import { serverOfThisFile } from '../server-process.ts';

const server = serverOfThisFile();
const browser = browserOfThisFile();

/** What a browser says when it is offline, or when the test cuts a request. */
const CUT = /ERR_INTERNET_DISCONNECTED|ERR_FAILED|WebSocket connection to/;

async function pair(name: string): Promise<{ ana: Person; bo: Person; accounts: { ana: Account; bo: Account } }> {
  const accounts = { ana: await createAccount(server, `Ana ${name}`), bo: await createAccount(server, `Bo ${name}`) };
  const { id } = await beginConversation(server, accounts.ana, accounts.bo);
  const [ana, bo] = [new Person(`Ana ${name}`, await browser.open('Ana'), server), new Person(`Bo ${name}`, await browser.open('Bo'), server)];
  await ana.signIn(accounts.ana, `/c/${id}`);
  await ana.see('composer-input');
  await ana.send('Hello');
  await ana.seeTick('Hello', 'sent');
  await bo.signIn(accounts.bo, `/c/${id}`);
  await bo.seeMessage('Hello');
  return { ana, bo, accounts };
}

/** Onto the page, as from another window: words that pretend to be something else. */
function dropWords(person: Person, name: string, mimeType: string) {
  return person.page.evaluate(
    ({ name, mimeType }) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(['words'], name, { type: mimeType }));
      document.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
    },
    { name, mimeType },
  );
}

/** Pictures that the app keeps in this browser. */
function keptPictures(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve, reject) => {
        const request = indexedDB.open('couplet pictures');
        request.onerror = () => reject(request.error);
        request.onsuccess = () => {
          const database = request.result;
          const counted = database.transaction('bytes').objectStore('bytes').count();
          counted.onsuccess = () => {
            database.close();
            resolve(counted.result);
          };
        };
      }),
  );
}

const poll = (read: () => Promise<unknown>) => expect.poll(read, { timeout: WAIT_MS });

test('[O6] a photo and pictures that were seen are seen again without a network, until they are cleared', async () => {
  const { ana, bo } = await pair('Seen');
  for (const person of [ana, bo]) person.device.expectErrors(CUT);

  // A photo whose upload is cut is tried again, moved and zoomed by keyboard, and reaches the peer by itself.
  await ana.goto('/settings');
  await ana.see('settings-photo');
  await dropWords(ana, 'photo.jpg', 'image/jpeg');
  await ana.get('settings-photo-error').filter({ hasText: 'cannot be opened' }).waitFor();
  await choosePhoto(ana, [1_200, 800]);
  await ana.seeNo('settings-photo-error');
  await ana.get('photo-stage').focus();
  for (const key of ['+', '+', 'ArrowLeft', 'ArrowUp']) await ana.page.keyboard.press(key);
  await ana.page.route('**/api/uploads/presign', (route) => route.abort(), { times: 1 });
  await ana.get('photo-save').click();
  await ana.see('photo-error');
  await ana.get('photo-save').click();
  await ana.seeNo('photo-dialog');
  await poll(() => countLoaded(bo.get('thread-peer'))).toBe(1);
  await poll(() => countLoaded(bo.chatRow('Ana Seen'))).toBe(1);
  await bo.get('thread-peer').click();
  await bo.get('profile-photo').click();
  await poll(() => countLoaded(bo.get('photo-viewer'))).toBe(1);
  await bo.page.keyboard.press('Escape');
  await bo.seeNo('photo-viewer');
  await bo.page.goBack();

  await ana.goto('/');
  await ana.openChat('Bo Seen');
  await chooseFiles(ana, 'attach-media', await drawPictures(ana, 2));
  await ana.get('attach-caption').fill('From the coast');
  await ana.get('attach-send').click();
  await bo.seeMessage('From the coast');
  await poll(() => countLoaded(bo.message('From the coast'))).toBe(2);
  // Two sizes of the photo, and the small ones of both pictures.
  await poll(() => keptPictures(bo.page)).toBe(4);

  await bo.device.offlineReady();
  await bo.device.setOffline(true);
  await bo.reload();
  await bo.seeMessage('From the coast');
  await poll(() => countLoaded(bo.message('From the coast'))).toBe(2);
  await poll(() => countLoaded(bo.get('thread-peer'))).toBe(1);

  const thread = new URL(bo.page.url()).pathname;
  await bo.goto('/settings');
  await bo.get('settings-storage-used').filter({ hasText: /KB of 300 MB/ }).waitFor();
  await bo.get('settings-storage-clear').click();
  await bo.get('settings-storage-used').filter({ hasText: /^0 B of 300 MB$/ }).waitFor();
  await bo.goto(thread);
  await bo.seeMessage('From the coast');
  expect(await countLoaded(bo.message('From the coast'))).toBe(0);
  expect(await countLoaded(bo.get('thread-peer'))).toBe(0);

  // Back in the network they come by themselves.
  await bo.device.setOffline(false);
  await poll(() => countLoaded(bo.message('From the coast'))).toBe(2);

  // Without a photo there are initials again.
  await ana.goto('/settings');
  await ana.get('settings-photo').click();
  await ana.get('photo-remove').click();
  await poll(() => countLoaded(bo.get('thread-peer'))).toBe(0);
});

test('[O5] on mobile data files wait where the person wants that, photos go out smaller, and signing out takes the pictures along', async () => {
  const { ana, bo } = await pair('Metered');
  await ana.page.addInitScript(() => {
    const connection = Object.assign(new EventTarget(), { type: 'cellular', effectiveType: '4g', saveData: false });
    Object.defineProperty(navigator, 'connection', { value: connection });
  });
  await ana.goto('/settings');
  await ana.get('settings-metered-wait').click();
  await ana.goto('/');
  await ana.openChat('Bo Metered');
  const [photo] = await drawPictures(ana, 1, [2_800, 2_100]);
  if (!photo) throw new Error('There is a picture');
  await chooseFiles(ana, 'attach-media', [photo]);
  await ana.get('attach-size').filter({ hasText: /KB instead of/ }).waitFor();
  await ana.get('attach-quality-original').click();
  await ana.get('attach-size').filter({ hasNotText: 'instead' }).waitFor();
  await ana.get('attach-quality-standard').click();
  await ana.get('attach-caption').fill('The mountains');
  await ana.get('attach-send').click();
  await ana.message('The mountains').getByText('Waiting for Wi-Fi').waitFor();
  await ana.send('A photo will follow');
  await bo.seeMessage('A photo will follow');
  await ana.reload();
  await ana.message('The mountains').getByText('Waiting for Wi-Fi').waitFor();
  expect(await bo.message('The mountains').count()).toBe(0);

  await ana.get('send-anyway').click();
  await bo.seeMessage('The mountains');
  await poll(() => countLoaded(bo.message('The mountains'))).toBe(1);
  await bo.message('The mountains').getByTestId(/^attachment-/).click();
  await bo.see('media-viewer');
  const widest = () => bo.get('media-viewer').locator('img').evaluateAll((images) => Math.max(...(images as HTMLImageElement[]).map(({ naturalWidth }) => naturalWidth)));
  await poll(widest).toBe(2_048);
  await bo.page.keyboard.press('Escape');

  await poll(() => keptPictures(bo.page)).toBeGreaterThan(0);
  await bo.goto('/settings');
  await bo.get('settings-sign-out').click();
  await bo.get('confirm-sign-out').click();
  await bo.see('sign-in-login');
  expect(await keptPictures(bo.page)).toBe(0);
});
