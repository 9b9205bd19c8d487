import { expect, test } from 'vitest';
import { beginConversation, createAccount } from '../api.ts';
import { browserOfThisFile, type DeviceOptions } from '../browser.ts';
import { Person } from '../person.ts';
import { chooseFiles, countLoaded, drawPictures } from '../pictures.ts';
import { serverOfThisFile } from '../server-process.ts';

const server = serverOfThisFile();
const browser = browserOfThisFile();

/** What a browser says when it is offline: the tests take its network away themselves. */
const OFFLINE = /ERR_INTERNET_DISCONNECTED|WebSocket connection to/;

async function pair(name: string, options?: DeviceOptions): Promise<{ ana: Person; bo: Person }> {
  const [anaAccount, boAccount] = [await createAccount(server, `Ana ${name}`), await createAccount(server, `Bo ${name}`)];
  const { id } = await beginConversation(server, anaAccount, boAccount);
  const [ana, bo] = [new Person(`Ana ${name}`, await browser.open('Ana', options), server), new Person(`Bo ${name}`, await browser.open('Bo', options), server)];
  await ana.signIn(anaAccount, `/c/${id}`);
  await ana.see('composer-input');
  // Only then does the conversation show to the other one.
  await ana.send('Hello');
  await ana.seeTick('Hello', 'sent');
  await bo.signIn(boAccount, `/c/${id}`);
  await bo.seeMessage('Hello');
  return { ana, bo };
}

test('ten pictures go in one message, are looked at, and come up again after a reload', async () => {
  const { ana, bo } = await pair('Album');
  await chooseFiles(ana, 'attach-media', await drawPictures(ana, 10));
  await ana.get('attach-caption').fill('From the coast');
  await ana.get('attach-send').click();
  await ana.seeMessage('From the coast');
  await ana.seeTick('From the coast', 'read');

  const album = bo.message('From the coast');
  await album.waitFor();
  const tiles = album.getByTestId(/^attachment-/);
  expect(await tiles.count()).toBe(10);
  await expect.poll(() => countLoaded(album), { timeout: 20_000 }).toBe(10);
  await tiles.first().click();
  await bo.see('media-viewer');
  await bo.page.getByText('1 of 10').waitFor();
  await bo.page.keyboard.press('ArrowRight');
  await bo.page.getByText('2 of 10').waitFor();
  await bo.page.keyboard.press('Escape');
  await bo.seeNo('media-viewer');

  await bo.reload();
  await bo.message('From the coast').waitFor();
  expect(await bo.message('From the coast').getByTestId(/^attachment-/).count()).toBe(10);
});

test('pictures of all messages are leafed through with keys, pulled by a finger, zoomed, and found again among what was shared', async () => {
  const { ana, bo } = await pair('Gallery', { screen: 'phone' });
  const [beach, hills, pier] = await draw(ana, 3);
  for (const [picture, words] of [[beach, 'The beach'], [hills, 'The hills'], [pier, 'The pier']] as const) {
    await choose(ana, 'attach-media', picture ? [picture] : []);
    await ana.get('attach-caption').fill(words);
    await ana.get('attach-send').click();
    await ana.seeTick(words, 'read');
  }
  const caption = (words: string) => bo.get('media-caption').filter({ hasText: words }).waitFor();
  await bo.message('The hills').getByTestId(/^attachment-/).click();
  await caption('The hills');
  await bo.page.keyboard.press('ArrowRight');
  await caption('The pier');
  await bo.page.keyboard.press('ArrowLeft');
  await caption('The hills');
  // Never more than the shown one and its neighbours.
  expect(await bo.get('media-viewer').locator('img').count()).toBeLessThanOrEqual(3);

  const scale = () => bo.get('media-shown').evaluate((shown) => new DOMMatrix(getComputedStyle(shown).transform).a);
  const drag = async (x: number, y: number) => {
    await bo.page.mouse.move(195, 420);
    await bo.page.mouse.down();
    await bo.page.mouse.move(195 + x / 2, 420 + y / 2, { steps: 4 });
    await bo.page.mouse.move(195 + x, 420 + y, { steps: 4 });
    await bo.page.mouse.up();
  };
  await bo.page.mouse.dblclick(195, 420);
  await expect.poll(scale).toBe(2.5);
  // What is zoomed moves within its frame, and turns no page.
  await drag(-200, 0);
  await caption('The hills');
  await bo.page.mouse.dblclick(195, 420);
  await expect.poll(scale).toBe(1);
  await bo.page.keyboard.press('+');
  await expect.poll(scale).toBeGreaterThan(1.3);
  await bo.page.keyboard.press('-');
  await expect.poll(scale).toBe(1);
  await bo.page.mouse.move(195, 420);
  await bo.page.mouse.wheel(0, -300);
  await expect.poll(scale).toBeGreaterThan(1.5);
  await bo.page.mouse.wheel(0, 900);
  await expect.poll(scale).toBe(1);
  await drag(200, 0);
  await caption('The beach');
  await drag(0, 220);
  await bo.seeNo('media-viewer');

  await bo.get('thread-media').click();
  await expect.poll(() => bo.get(/^shared-[0-9a-f]/).count()).toBe(3);
  // The newest first.
  await bo.get(/^shared-[0-9a-f]/).first().click();
  await caption('The pier');
  await bo.get('media-close').click();
  await bo.get('shared-kind-files').click();
  await bo.page.getByText('No files yet').waitFor();
});

test('a video has its first picture in the bubble before it is sent, and there afterwards', async () => {
  const { ana, bo } = await pair('Film');
  await choose(ana, 'attach-media', [{ name: 'waves.webm', mimeType: 'video/webm', buffer: await film(ana) }]);
  await ana.get('attach-caption').fill('Waves');
  await ana.get('attach-send').click();
  await ana.seeTick('Waves', 'read');
  const frame = bo.message('Waves').getByTestId(/^attachment-/);
  const shown = frame.locator('img').first();
  await expect.poll(() => shown.evaluate((image: HTMLImageElement) => (image.complete ? image.naturalWidth : 0))).toBe(320);
  await frame.click();
  await bo.get('media-viewer').locator('video').waitFor();
  await bo.page.keyboard.press('Escape');
  await bo.seeNo('media-viewer');
});

test('[D6] a file and words that are written without a network wait, survive a reload, and go out by themselves', async () => {
  const { ana, bo } = await pair('Tunnel', { screen: 'phone' });
  ana.device.expectErrors(OFFLINE);
  await ana.device.offlineReady();
  await ana.device.setOffline(true);
  await chooseFiles(ana, 'attach-file', [{ name: 'plan.txt', mimeType: 'text/plain', buffer: Buffer.from('Meet at the pier at seven.') }]);
  await ana.get('attach-send').click();
  await ana.get(/^message-/).getByText('plan.txt').waitFor();
  await ana.send('I sent you the plan');
  await ana.seeTick('I sent you the plan', 'pending');
  await ana.reload();
  await ana.get(/^message-/).getByText('plan.txt').waitFor();

  await ana.device.setOffline(false);
  await bo.seeMessage('I sent you the plan');
  const card = bo.get(/^attachment-/).filter({ hasText: 'plan.txt' });
  await card.waitFor();
  // The words went first, so that the file is the last one and bears the tick of both.
  await ana.seeTick('plan.txt', 'read');
  const [saved] = await Promise.all([bo.page.context().waitForEvent('download').catch(() => null), card.click()]);
  if (saved) expect(saved.suggestedFilename()).toBe('plan.txt');
});
