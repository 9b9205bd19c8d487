// Every screen, on a phone, a tablet and a desktop, light and dark, into
// test-results/screenshots, for looking at:
//
//   npm run build && node e2e/take-screenshots.ts
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { Device, launchBrowser, RESULTS, SCREENS } from './browser.ts';
import { Person } from './person.ts';
import { ServerProcess } from './server-process.ts';

const FOLDER = join(RESULTS, 'screenshots');
const DEMO = { email: 'ana@demo.test', password: 'couplet-demo' };
const SCHEMES = ['light', 'dark'] as const;

type Shoot = (name: string) => Promise<void>;

const server = new ServerProcess();
try {
  mkdirSync(FOLDER, { recursive: true });
  await server.seedDemo();
  await server.start();
  const browser = await launchBrowser();
  for (const screen of Object.keys(SCREENS) as (keyof typeof SCREENS)[]) {
    for (const colorScheme of SCHEMES) await shootAll(browser, screen, colorScheme);
  }
  await browser.close();
} finally {
  await server.close();
}

async function shootAll(browser: Browser, screen: keyof typeof SCREENS, colorScheme: (typeof SCHEMES)[number]) {
  const device = await Device.open(browser, 'Ana', { screen, colorScheme });
  const ana = new Person('Ana', device, server);
  const shoot: Shoot = async (name) => {
    // Images and fonts decoded, and whatever glides in has arrived.
    await ana.page.evaluate(() => document.fonts.ready);
    await ana.page.waitForLoadState('networkidle');
    await device.screenshot(join(FOLDER, `${screen}-${colorScheme}-${name}.png`));
  };

  await ana.goto();
  await ana.see('sign-in-login');
  await shoot('sign-in');
  await ana.get('sign-in-mode-sign-up').click();
  await ana.see('sign-in-name');
  await shoot('sign-up');
  await ana.signInAs(DEMO.email, DEMO.password);
  await ana.see(/^chat-row-/);
  await shoot('chats');

  await ana.get(/^chat-row-/).nth(1).click();
  await ana.see('composer-input');
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
  await device.close();
}
