import { expect, test } from 'vitest';
import { beginConversation, createAccount } from '../api.ts';
import { browserOfThisFile, type DeviceOptions } from '../browser.ts';
import { Person } from '../person.ts';
import { chooseFiles, countLoaded, drawPictures, lightOf, takePhoto, turned } from '../pictures.ts';
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
  // The third one comes first by dragging, and one further by the keyboard.
  const place = (index: number) => ana.get(`attach-file-${index}`);
  const [grip, first] = [await ana.get('attach-grip-3').boundingBox(), await place(1).boundingBox()];
  if (!grip || !first) throw new Error('What was chosen does not show');
  await ana.page.mouse.move(grip.x + 22, grip.y + 22);
  await ana.page.mouse.down();
  await ana.page.mouse.move(grip.x + 22, first.y + 10, { steps: 6 });
  await ana.page.mouse.up();
  await place(1).getByText('picture-3.jpg').waitFor();
  await place(2).getByText('picture-1.jpg').waitFor();
  await ana.get('attach-grip-1').focus();
  await ana.page.keyboard.press('ArrowDown');
  await ana.page.keyboard.press('ArrowDown');
  await place(3).getByText('picture-3.jpg').waitFor();
  await ana.page.keyboard.press('ArrowUp');
  await place(2).getByText('picture-3.jpg').waitFor();
  await ana.get('attach-caption').fill('From the coast');
  await ana.get('attach-send').click();
  await ana.seeMessage('From the coast');
  await ana.seeTick('From the coast', 'read');

  const album = bo.message('From the coast');
  await album.waitFor();
  const tiles = album.getByTestId(/^attachment-/);
  expect(await tiles.count()).toBe(10);
  expect(await tiles.nth(1).getAttribute('aria-label')).toBe('Picture picture-3.jpg');
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

  // On its way, given up, cut, and brought by the next press.
  const blobs = /\/blobs\//;
  bo.device.expectErrors(/ERR_FAILED/);
  let isCut = false;
  await bo.page.route(blobs, (route) => (isCut ? route.abort() : undefined));
  await card.click();
  await card.and(bo.page.getByRole('button', { name: 'Stop the download' })).click();
  await card.and(bo.page.getByRole('button', { name: 'Download' })).waitFor();
  isCut = true;
  await card.click();
  await card.getByText('Not loaded. Try again').waitFor();
  await bo.page.unroute(blobs);
  const [saved] = await Promise.all([bo.page.waitForEvent('download'), card.click()]);
  expect(saved.suggestedFilename()).toBe('plan.txt');
  const [opened] = await Promise.all([bo.page.waitForEvent('popup'), card.click()]);
  await opened.getByText('Meet at the pier at seven.').waitFor();
});

test('what a phone’s camera takes arrives upright and smaller, in a message and as a profile photo, and stays in sight for who sent it; a long press on it opens its menu, which stays', { timeout: 120_000 }, async () => {
  const { ana, bo } = await pair('Camera', { screen: 'phone' });
  const [view, face] = [...(await drawPictures(ana, 1, [2_200, 1_650])), ...(await drawPictures(ana, 1, [400, 300]))];
  if (!view || !face) throw new Error('There are pictures');
  await ana.get('composer-attach').click();
  expect(await takePhoto(ana, 'attach-camera', turned(view))).toEqual({ accept: 'image/*', camera: 'environment' });
  await ana.get('attach-size').filter({ hasText: /KB instead of/ }).waitFor();
  await ana.get('attach-caption').fill('Look up');
  const { promise: isAllowed, resolve: allow } = Promise.withResolvers<void>();
  await ana.page.route(/\/blobs\//, (route) => (route.request().method() === 'GET' ? isAllowed : Promise.resolve()).then(() => route.continue()));
  await ana.get('attach-send').click();
  // Her own picture stays in sight after it is sent, before the server's is there and until that is drawn.
  const own = ana.message('Look up').getByTestId(/^attachment-/).locator('img').last();
  await expect.poll(() => lightOf(own), { timeout: 20_000 }).toEqual({ corner: 'top right', width: 1_536, height: 2_048 });
  allow();
  await expect.poll(() => lightOf(own), { timeout: 20_000 }).toEqual({ corner: 'top right', width: 960, height: 1_280 });
  await bo.message('Look up').getByTestId(/^attachment-/).click();
  const upright = { corner: 'top right', width: 1_536, height: 2_048 };
  await expect.poll(() => lightOf(bo.get('media-shown').locator('img').last()), { timeout: 20_000 }).toEqual(upright);
  await bo.page.keyboard.press('Escape');

  // As with the keyboard open, the menu comes under the finger that opened it: lifting, it presses neither an option nor the picture.
  await ana.seeTick('Look up', 'read');
  await ana.page.setViewportSize({ width: 390, height: 480 });
  await ana.longPress(ana.message('Look up').getByTestId(/^attachment-/));
  await ana.get('menu-reply').click();
  await ana.see('composer-reply');
  await ana.seeNo('media-viewer');

  await ana.goto('/settings');
  await ana.get('settings-photo').click();
  expect(await takePhoto(ana, 'photo-take', turned(face))).toEqual({ accept: 'image/*', camera: 'user' });
  await ana.get('photo-save').click();
  await ana.seeNo('photo-dialog');
  await expect.poll(async () => (await lightOf(bo.get('thread-peer').locator('img'))).corner, { timeout: 20_000 }).toBe('top right');
});
