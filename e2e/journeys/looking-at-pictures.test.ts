import { expect, test } from 'vitest';
import { beginConversation, callApi, createAccount } from '../api.ts';
import { browserOfThisFile } from '../browser.ts';
import { Person } from '../person.ts';
import { chooseFiles, drawPictures, recordFilm } from '../pictures.ts';
import { serverOfThisFile } from '../server-process.ts';

const server = serverOfThisFile();
const browser = browserOfThisFile();

/** A machine with other work takes its time for a picture. */
const SOON = { timeout: 20_000 };

/** In the page: a phone's browser, which lets a page share only right after a press. */
function shareAtTheSecondPress() {
  let presses = 0;
  navigator.canShare = () => true;
  navigator.share = async ({ files = [] } = {}) => {
    presses += 1;
    if (presses === 1) throw new DOMException('Too long after the press', 'NotAllowedError');
    document.body.dataset['shared'] = files.map(({ name, type }) => `${name} ${type}`).join();
  };
}

test('pictures of all messages are leafed through with keys and fingers, zoomed, and found again among what was shared; what is shown is saved, shared and forwarded; a video has its first picture', { timeout: 180_000 }, async () => {
  const [anaAccount, boAccount] = [await createAccount(server, 'Ana Gallery'), await createAccount(server, 'Bo Gallery')];
  const { id } = await beginConversation(server, anaAccount, boAccount);
  const cyAccount = await createAccount(server, 'Cy Gallery');
  const other = await beginConversation(server, anaAccount, cyAccount);
  const [ana, bo] = [new Person('Ana', await browser.open('Ana'), server), new Person('Bo', await browser.open('Bo', { screen: 'phone' }), server)];
  await ana.signIn(anaAccount, `/c/${id}`);
  await ana.see('composer-input');
  const [beach, hills, pier] = await drawPictures(ana, 3);
  for (const [picture, words] of [[beach, 'The beach'], [hills, 'The hills'], [pier, 'The pier']] as const) {
    await chooseFiles(ana, 'attach-media', picture ? [picture] : []);
    await ana.get('attach-caption').fill(words);
    await ana.get('attach-send').click();
    await ana.seeTick(words, 'sent');
  }
  await bo.signIn(boAccount, `/c/${id}`);
  const caption = (words: string) => bo.get('media-caption').filter({ hasText: words }).waitFor();
  await bo.message('The hills').getByTestId(/^attachment-/).click();
  await caption('The hills');
  // Its neighbours stand beside it as soon as they are read from the device.
  await expect.poll(() => bo.get('media-viewer').locator('img').evaluateAll((images) => (images as HTMLImageElement[]).filter((image) => image.src.startsWith('blob:')).length), SOON).toBe(3);
  await bo.page.keyboard.press('ArrowRight');
  await caption('The pier');
  await bo.page.keyboard.press('ArrowLeft');
  await caption('The hills');
  const scale = () => bo.get('media-shown').evaluate((shown) => new DOMMatrix(getComputedStyle(shown).transform).a);
  const drag = async (x: number, y: number) => {
    await bo.page.mouse.move(195, 420);
    await bo.page.mouse.down();
    await bo.page.mouse.move(195 + x / 2, 420 + y / 2, { steps: 4 });
    await bo.page.mouse.move(195 + x, 420 + y, { steps: 4 });
    await bo.page.mouse.up();
  };
  await bo.page.mouse.dblclick(195, 420);
  await expect.poll(scale, SOON).toBe(2.5);
  // What is zoomed moves within its frame, and turns no page.
  await drag(-200, 0);
  await caption('The hills');
  await bo.page.mouse.dblclick(195, 420);
  await expect.poll(scale, SOON).toBe(1);
  await bo.page.keyboard.press('+');
  await expect.poll(scale, SOON).toBeGreaterThan(1.3);
  await bo.page.keyboard.press('-');
  await expect.poll(scale, SOON).toBe(1);
  await bo.page.mouse.move(195, 420);
  await bo.page.mouse.wheel(0, -300);
  await expect.poll(scale, SOON).toBeGreaterThan(1.5);
  await bo.page.mouse.wheel(0, 900);
  await expect.poll(scale, SOON).toBe(1);
  await drag(200, 0);
  await caption('The beach');
  await drag(0, 220);
  await bo.seeNo('media-viewer');

  // The way back closes what lies over the thread, and only then leaves it.
  await bo.message('The hills').getByTestId(/^attachment-/).click();
  await caption('The hills');
  await bo.page.goBack();
  await bo.seeNo('media-viewer');
  await bo.see('composer-input');
  await bo.get('composer-attach').click();
  await bo.see('attach-file');
  await bo.page.goBack();
  await bo.seeNo('attach-file');
  await bo.see('composer-input');

  await bo.get('thread-media').click();
  await expect.poll(() => bo.get(/^shared-[0-9a-f]/).count(), SOON).toBe(3);
  // The newest first.
  await bo.get(/^shared-[0-9a-f]/).first().click();
  await caption('The pier');
  const [saved] = await Promise.all([bo.page.waitForEvent('download'), bo.get('media-save').click()]);
  expect(saved.suggestedFilename()).toBe('picture-3.jpg');
  await bo.seeNo('media-share');
  await bo.page.evaluate(shareAtTheSecondPress);
  await bo.page.keyboard.press('ArrowLeft');
  await caption('The hills');
  await bo.get('media-share').click();
  await bo.get('media-state').filter({ hasText: 'Press Share again' }).waitFor();
  await bo.get('media-share').click();
  await expect.poll(() => bo.page.evaluate(() => document.body.dataset['shared'])).toBe('picture-2.jpg image/jpeg');
  await bo.get('media-close').click();
  await bo.get('shared-kind-files').click();
  await bo.page.getByText('No files yet').waitFor();

  // A picture goes on to somebody else with its words.
  await ana.openMessageMenu('The hills');
  await ana.get('menu-forward').click();
  await ana.get('forward-search').fill('cy');
  await ana.get('forward-to-Cy Gallery').click();
  await ana.seeNo('forward-sheet');
  await ana.page.waitForURL(`**/c/${other.id}`);
  await ana.seeTick('The hills', 'sent');
  const { items } = await callApi(server, 'listMessages', { params: { id: other.id }, query: { limit: '10' } }, cyAccount.token);
  expect(items.map(({ text, attachments }) => [text, ...attachments.map(({ type, width }) => `${type} ${width}`)])).toEqual([['The hills', 'image 1600']]);
  await ana.goto(`/c/${id}`);
  await ana.see('composer-input');

  await chooseFiles(ana, 'attach-media', [{ name: 'waves.webm', mimeType: 'video/webm', buffer: await recordFilm(ana) }]);
  await ana.get('attach-caption').fill('Waves');
  await ana.get('attach-send').click();
  await bo.get('back').first().click();
  const frame = bo.message('Waves').getByTestId(/^attachment-/);
  const shown = frame.locator('img').first();
  await expect.poll(() => shown.evaluate((image: HTMLImageElement) => (image.complete ? image.naturalWidth : 0)), SOON).toBe(320);
  await frame.click();
  await bo.get('media-viewer').locator('video').waitFor();
  await bo.page.keyboard.press('Escape');
  await bo.seeNo('media-viewer');
});
