// Every screen, on a phone, a tablet and a desktop, light and dark, into
// test-results/screenshots, for looking at:
//
//   npm run build && node e2e/take-screenshots.ts
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { Device, launchBrowser, RESULTS, SCREENS } from './browser.ts';
import { Person } from './person.ts';
import { chooseFiles, choosePhoto, drawPictures, recordFilm } from './pictures.ts';
import { ServerProcess } from './server-process.ts';

const FOLDER = join(RESULTS, 'screenshots');
const ANA = 'ana@demo.test';
const BO = 'bo@demo.test';
const PASSWORD = 'couplet-demo';
/** The conversation of the two, as Ana's list names it. */
const PEER = 'Bo Eriksen';
const SCHEMES = ['light', 'dark'] as const;

type Shoot = (name: string) => Promise<void>;

const server = new ServerProcess();
try {
  mkdirSync(FOLDER, { recursive: true });
  await server.seedDemo();
  await server.start();
  const browser = await launchBrowser();
  await sharePictures(browser);
  for (const screen of Object.keys(SCREENS) as (keyof typeof SCREENS)[]) {
    for (const colorScheme of SCHEMES) await shootAll(browser, screen, colorScheme);
  }
  await browser.close();
} finally {
  await server.close();
}

/** Between Ana and Bo: a photo of him, an album, a picture with words, a film and a file. */
async function sharePictures(browser: Browser) {
  const [ana, bo] = [new Person('Ana', await Device.open(browser, 'Ana', {}), server), new Person('Bo', await Device.open(browser, 'Bo', {}), server)];
  await ana.goto();
  await ana.signInAs(ANA, PASSWORD);
  await ana.openChat(PEER);
  await bo.goto();
  await bo.signInAs(BO, PASSWORD);
  await bo.seeChats();
  await bo.goto('/settings');
  await choosePhoto(bo, [900, 1_200]);
  await bo.get('photo-save').click();
  await bo.seeNo('photo-dialog');
  await bo.goto();
  await bo.openChat('Ana Ferreira');

  const pictures = await drawPictures(ana, 9);
  const send = async (person: Person, way: 'attach-media' | 'attach-file', files: typeof pictures, words: string) => {
    await chooseFiles(person, way, files);
    await person.get('attach-caption').fill(words);
    await person.get('attach-send').click();
    await person.seeTick(words, 'read');
  };
  await send(ana, 'attach-media', pictures.slice(0, 5), 'Five from the coast');
  await send(bo, 'attach-media', pictures.slice(6, 7), 'And this is the pier, an hour before the storm came in');
  await send(ana, 'attach-media', [{ name: 'waves.webm', mimeType: 'video/webm', buffer: await recordFilm(ana) }], 'Turn the sound on');
  await send(bo, 'attach-file', [{ name: 'Timetable of the ferries, winter.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4 '.padEnd(180_000)) }], 'Last one at nine');
  await ana.device.close();
  await bo.device.close();
}

async function shootAll(browser: Browser, screen: keyof typeof SCREENS, colorScheme: (typeof SCHEMES)[number]) {
  const device = await Device.open(browser, 'Ana', { screen, colorScheme });
  const ana = new Person('Ana', device, server);
  const shoot: Shoot = async (name) => {
    // Images and fonts decoded, and whatever glides in has arrived.
    await ana.page.evaluate(() => document.fonts.ready);
    await ana.page.waitForLoadState('networkidle');
    await ana.page.evaluate(() => Promise.allSettled(document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().iterations === 1).map(({ finished }) => finished)));
    await device.screenshot(join(FOLDER, `${screen}-${colorScheme}-${name}.png`));
  };

  await ana.goto();
  await ana.see('sign-in-login');
  await shoot('sign-in');
  await ana.get('sign-in-mode-sign-up').click();
  await ana.see('sign-in-name');
  await shoot('sign-up');
  await ana.signInAs(ANA, PASSWORD);
  await ana.see(/^chat-row-/);
  await shoot('chats');

  await ana.openChat('Mara Lindqvist');
  await ana.see(/^message-/);
  await shoot('thread');
  await ana.get('composer-input').fill('A longer answer,\nover several lines,\nso that the field grows');
  await shoot('thread-writing');
  await ana.get('composer-input').fill('');
  await ana.get('thread-peer').click();
  await ana.see('profile-name');
  await shoot('profile');

  await ana.goto('/people');
  await ana.see('people-search');
  await shoot('people');
  await ana.get('people-search').fill('a');
  await ana.see(/^person-/);
  await shoot('people-found');
  await ana.goto('/settings');
  await ana.see('settings-sign-out');
  await shoot('settings');

  await ana.goto();
  await ana.openChat(PEER);
  await ana.get(/^attachment-/).last().waitFor();
  await shoot('pictures');
  await ana.message('Five from the coast').getByTestId(/^attachment-/).nth(1).click();
  await ana.see('media-caption');
  await shoot('picture');
  await ana.get('media-close').click();
  await ana.get('composer-attach').click();
  await ana.see('attach-file');
  await shoot('attach');
  await ana.page.goBack();
  await chooseFiles(ana, 'attach-media', await drawPictures(ana, 3));
  await shoot('attach-chosen');
  await ana.get('attach-cancel').click();
  await ana.get('thread-media').click();
  await ana.see('shared-list');
  await shoot('shared-pictures');
  await ana.get('shared-kind-files').click();
  await ana.page.getByText('ferries').last().waitFor();
  await shoot('shared-files');
  await ana.goto();
  await ana.openChat(PEER);
  await ana.get('thread-peer').click();
  await ana.see('profile-photo');
  await shoot('profile-photo');
  await ana.goto('/settings');
  // With a camera the button asks which of the two.
  await choosePhoto(ana, [900, 1_200], screen === 'phone' ? 'photo-choose' : undefined);
  await shoot('photo-crop');
  await device.close();
}
