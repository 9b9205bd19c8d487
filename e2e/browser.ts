import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContext, type Page, chromium } from 'playwright-core';
import { BROWSER_FLAGS, CHROMIUM } from '@couplet/test-system/browser';
import { afterAll, afterEach, beforeAll } from 'vitest';

export const RESULTS = join(import.meta.dirname, 'test-results');

/** Long enough for a busy machine; every wait ends as soon as its condition holds. */
export const WAIT_MS = 40_000;

export const SCREENS = {
  phone: { width: 390, height: 844 },
  tablet: { width: 768, height: 1024 },
  desktop: { width: 1440, height: 900 },
} as const;

export interface DeviceOptions {
  screen?: keyof typeof SCREENS;
  colorScheme?: 'light' | 'dark';
}

/**
 * One person's browser: a profile of its own with one page in it. What the page
 * logs as an error fails the test that opened it, unless the test said before
 * that it brings this error about.
 */
export class Device {
  readonly name: string;
  #page: Page;
  readonly #context: BrowserContext;
  readonly #errors: string[] = [];
  readonly #expected: RegExp[] = [];

  private constructor(name: string, context: BrowserContext, page: Page) {
    this.name = name;
    this.#context = context;
    this.#page = page;
    this.#watch(page);
  }

  /** The page that was opened last. */
  get page(): Page {
    return this.#page;
  }

  /** One more page of the same profile. */
  async openPage(): Promise<Page> {
    this.#page = await this.#context.newPage();
    this.#watch(this.#page);
    return this.#page;
  }

  /** Back to a tab that was opened before. */
  async switchTo(page: Page) {
    this.#page = page;
    await page.bringToFront();
  }

  #watch(page: Page) {
    page.on('pageerror', (error) => this.#errors.push(`uncaught: ${error.stack ?? error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error') this.#errors.push(`${message.text()} (${message.location().url})`);
    });
  }

  static async open(browser: Browser, name: string, options: DeviceOptions): Promise<Device> {
    const context = await browser.newContext({
      viewport: SCREENS[options.screen ?? 'desktop'],
      colorScheme: options.colorScheme ?? 'light',
      hasTouch: options.screen === 'phone',
      locale: 'en-GB',
      timezoneId: 'Europe/Zurich',
    });
    context.setDefaultTimeout(WAIT_MS);
    return new Device(name, context, await context.newPage());
  }

  /** The profile that this page belongs to. Whoever opened it closes it. */
  static of(name: string, page: Page): Device {
    return new Device(name, page.context(), page);
  }

  /** From now on an error like this is the test's own doing: a server it killed, a password it got wrong. */
  expectErrors(...patterns: RegExp[]) {
    this.#expected.push(...patterns);
  }

  unexpectedErrors(): string[] {
    return this.#errors.filter((error) => !this.#expected.some((pattern) => pattern.test(error)));
  }

  async screenshot(path: string) {
    if (!this.page.isClosed()) await this.page.screenshot({ path });
  }

  /** From now on the app's own files still come, and nothing else of the server answers: no API, no socket. */
  async cutOff() {
    await this.#context.route(/\/(api|healthz)(\/|$)/, (route) => route.abort());
    await this.#context.routeWebSocket(/\/ws$/, (socket) => socket.close());
  }

  /** As a phone in a tunnel: nothing goes out or comes in, and the browser knows. */
  async setOffline(isOffline: boolean) {
    await this.#context.setOffline(isOffline);
  }

  /** Once the app's files are kept, and this page is served from them. */
  async offlineReady() {
    await this.page.waitForFunction(() => navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller !== null));
  }

  /** The `clientMsgId`s of all messages in the device database, in the order of their seqs. */
  async storedMessages(): Promise<string[]> {
    return this.page.evaluate(async () => {
      const result = <Result>(request: IDBRequest<Result>) =>
        new Promise<Result>((resolve, reject) => {
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error);
        });
      const database = await result(indexedDB.open(`couplet ${location.host}`));
      const rows = (await result(database.transaction('messages').objectStore('messages').getAll())) as { clientMsgId: string }[];
      database.close();
      return rows.map(({ clientMsgId }) => clientMsgId);
    });
  }

  /** Everything the app keeps in this browser, as text: both storages and each row of each database. */
  async keptText(): Promise<string> {
    return this.page.evaluate(async () => {
      const kept: unknown[] = [{ ...localStorage }, { ...sessionStorage }, document.cookie];
      const result = <Result>(request: IDBRequest<Result>) =>
        new Promise<Result>((resolve, reject) => {
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error);
        });
      for (const { name = '' } of await indexedDB.databases()) {
        const database = await result(indexedDB.open(name));
        for (const table of database.objectStoreNames) kept.push(await result(database.transaction(table).objectStore(table).getAll()));
        database.close();
      }
      return JSON.stringify(kept);
    });
  }

  async close() {
    await this.#context.close();
  }
}

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: BROWSER_FLAGS });
}

/**
 * A Chromium for the tests of one file. Devices are closed after the test that
 * opened them; a failed test leaves a screenshot of each under `test-results/`.
 */
export function browserOfThisFile() {
  let browser: Browser | undefined;
  let devices: Device[] = [];

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  afterEach(async ({ task }) => {
    const opened = devices;
    devices = [];
    const errors = opened.flatMap((device) => device.unexpectedErrors().map((error) => `${device.name}: ${error}`));
    if (task.result?.state === 'fail' || errors.length > 0) {
      mkdirSync(RESULTS, { recursive: true });
      const title = `${task.file.projectName} ${task.name}`.replaceAll(/[^a-z0-9]+/gi, '-').toLowerCase();
      for (const device of opened) await device.screenshot(join(RESULTS, `${title}-${device.name}.png`));
    }
    for (const device of opened) await device.close();
    if (errors.length > 0) throw new Error(`The page reported errors:\n${errors.join('\n')}`);
  });

  return {
    /** A fresh profile, as on a machine that never saw the app. */
    async open(name: string, options: DeviceOptions = {}): Promise<Device> {
      if (!browser) throw new Error('The browser starts before the first test of the file');
      const device = await Device.open(browser, name, options);
      devices.push(device);
      return device;
    },
  };
}
