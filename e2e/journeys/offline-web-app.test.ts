import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, expect, test } from 'vitest';
import { type Account, beginConversation, createAccount, sendText } from '../api.ts';
import { browserOfThisFile, Device } from '../browser.ts';
import { BrowserProcess } from '../browser-process.ts';
import { Person } from '../person.ts';
import { serverOfThisFile } from '../server-process.ts';

/** A copy of the built web app, so that a later version of it can be put in its place. */
const webDir = mkdtempSync(join(tmpdir(), 'couplet-web-'));
cpSync(process.env['WEB_DIR'] ?? join(import.meta.dirname, '../../apps/mobile/dist'), webDir, { recursive: true });
afterAll(() => rmSync(webDir, { recursive: true, force: true }));

const server = serverOfThisFile({ webDir });
const browser = browserOfThisFile();

let processes: BrowserProcess[] = [];
afterEach(async () => {
  for (const process of processes) await process.close();
  processes = [];
});

/** What a browser says when its server is away: the tests take it away themselves. */
const SERVER_AWAY = /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED_ENCODING|WebSocket connection to|bad-precaching-response|Failed to fetch/;

async function sit(name: string, account: Account, path: string): Promise<Person> {
  const device = await browser.open(name);
  device.expectErrors(SERVER_AWAY);
  const person = new Person(name, device, server);
  await person.signIn(account, path);
  await device.offlineReady();
  return person;
}

test('[O6] with the server dead and the browser restarted the app opens, shows what was there, and queues what is written', async () => {
  const [anaAccount, boAccount] = [await createAccount(server, 'Ana Tunnel'), await createAccount(server, 'Bo Tunnel')];
  const conversation = await beginConversation(server, anaAccount, boAccount);
  for (const text of ['One', 'Two', 'Three']) await sendText(server, boAccount, conversation.id, text);
  const chromium = new BrowserProcess();
  processes.push(chromium);
  let ana = new Person('Ana Tunnel', Device.of('Ana Tunnel', await chromium.start()), server);
  await ana.signIn(anaAccount, `/c/${conversation.id}`);
  await ana.seeMessage('Three');
  await ana.device.offlineReady();

  await server.stop('SIGKILL');
  await chromium.kill();
  ana = new Person('Ana Tunnel', Device.of('Ana Tunnel', await chromium.start()), server);
  await ana.goto();
  await ana.chatRow('Bo Tunnel').getByText('Three').waitFor();
  await ana.get('network-notice').getByText('Connecting…').waitFor();
  await ana.openChat('Bo Tunnel');
  for (const text of ['One', 'Two', 'Three']) await ana.seeMessage(text);
  await ana.send('Written in the tunnel');
  await ana.seeTick('Written in the tunnel', 'pending');
  // Its address, typed or kept: the page comes from the device as well.
  await ana.goto(`/c/${conversation.id}`);
  await ana.seeTick('Written in the tunnel', 'pending');

  await server.start();
  await ana.seeTick('Written in the tunnel', 'sent');
  await ana.seeNo('network-notice');
  expect(await ana.message('Written in the tunnel').count()).toBe(1);
});

test('it can be installed, under its own name and mark', async () => {
  const device = await browser.open('Installer');
  await new Person('Installer', device, server).goto();
  await device.offlineReady();
  const steering = await device.page.context().newCDPSession(device.page);
  const { installabilityErrors } = await steering.send('Page.getInstallabilityErrors');
  // A profile that vanishes with its window, as that of a test, installs nothing; all else must be in order.
  expect(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito')).toEqual([]);
  const manifest = (await (await fetch(`${server.url}/manifest.webmanifest`)).json()) as { name: string; icons: { src: string; sizes: string; purpose: string }[] };
  expect(manifest.name).toBe('Couplet');
  expect(manifest.icons.map(({ purpose }) => purpose)).toContain('maskable');
  for (const { src, sizes } of manifest.icons) {
    const size = await device.page.evaluate(async (source) => {
      const image = await createImageBitmap(await (await fetch(source)).blob());
      return `${image.width}x${image.height}`;
    }, src);
    expect(size).toBe(sizes);
  }
});

test('a new version is told of quietly, comes when the person wants it, to every tab, and takes no unsent word along', async () => {
  const [anaAccount, boAccount] = [await createAccount(server, 'Ana Update'), await createAccount(server, 'Bo Update')];
  const conversation = await beginConversation(server, anaAccount, boAccount);
  const ana = await sit('Ana Update', anaAccount, `/c/${conversation.id}`);
  await ana.see('composer-input');
  const first = ana.page;
  await ana.openPage('/settings');
  await ana.device.offlineReady();
  const second = ana.page;
  expect(await ana.get('update-notice').count()).toBe(0);

  publishNextVersion();
  await ana.reload();
  await ana.get('update-notice').getByText('A new version is there').waitFor();
  expect(await versionOf(second)).toBe('1');
  await ana.device.switchTo(first);
  await ana.get('update-notice').getByText('Reload').waitFor();
  // The old page goes on with the files it was built with.
  await ana.send('Sent by the old version');
  await ana.seeTick('Sent by the old version', 'sent');
  await ana.type('not sent yet');

  await ana.device.switchTo(second);
  // What the pages ask of the server meanwhile does not hold it up.
  for (const page of [first, second]) await page.evaluate(askAllTheTime);
  const reloads = [first, second].map((page) => page.waitForEvent('load'));
  await ana.get('update-notice-action').click();
  await Promise.all(reloads);
  for (const page of [first, second]) {
    await ana.device.switchTo(page);
    await ana.see('open-settings');
    expect(await versionOf(page)).toBe('2');
    expect(await ana.get('update-notice').count()).toBe(0);
  }
  await ana.device.switchTo(first);
  await ana.seeMessage('Sent by the old version');
  await expect.poll(() => ana.get('composer-input').inputValue(), { timeout: 10_000 }).toBe('not sent yet');
});

test('what is kept of the app is its files alone: nothing that a person wrote or was told', async () => {
  const [anaAccount, boAccount] = [await createAccount(server, 'Ana Files'), await createAccount(server, 'Bo Files')];
  const conversation = await beginConversation(server, anaAccount, boAccount);
  await sendText(server, boAccount, conversation.id, 'A word in confidence');
  const ana = await sit('Ana Files', anaAccount, `/c/${conversation.id}`);
  await ana.seeMessage('A word in confidence');
  const kept = await ana.page.evaluate(async () => {
    const entries: { path: string; text: string }[] = [];
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        entries.push({ path: new URL(request.url).pathname, text: (await (await cache.match(request))?.text()) ?? '' });
      }
    }
    return entries;
  });
  expect(kept.length).toBeGreaterThan(10);
  expect(kept.map(({ path }) => path).filter((path) => !/^\/(_expo|assets|icons)\/|^\/[\w.-]+\.(html|js|ico|webmanifest)$/.test(path))).toEqual([]);
  expect(kept.filter(({ text }) => text.includes('A word in confidence') || text.includes(anaAccount.viewer.id))).toEqual([]);
});

/** The next build, as a deployment would bring it: another page, and a worker that knows it. */
function publishNextVersion() {
  const [page, worker] = [join(webDir, 'index.html'), join(webDir, 'sw.js')];
  const html = readFileSync(page, 'utf8').replace('</head>', '<meta name="test-version" content="2"/></head>');
  writeFileSync(page, html);
  const entry = /\{url:"\/index\.html",revision:"[^"]*",integrity:"[^"]*"\}/;
  const script = readFileSync(worker, 'utf8');
  if (!entry.test(script)) throw new Error('The worker does not name the page');
  writeFileSync(worker, script.replace(entry, '{url:"/index.html",revision:"2"}'));
}

/** Runs in the page, until that is gone. */
function askAllTheTime() {
  setInterval(() => void fetch('/healthz').catch(() => undefined), 4);
}

function versionOf(page: Page): Promise<string> {
  return page.evaluate(() => document.querySelector('meta[name="test-version"]')?.getAttribute('content') ?? '1');
}
