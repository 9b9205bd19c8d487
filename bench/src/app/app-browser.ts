import { BROWSER_FLAGS, CHROMIUM } from '@couplet/test-system/browser';
import { countRenderedRows } from '@couplet/test-system/rendered-rows';
import { type Browser, type BrowserContext, type Page, chromium } from 'playwright-core';
import { installProbe } from './page-probe.ts';

/** Filling a device takes its time; what is measured has its own bounds. */
const PATIENCE_MS = 60_000;

/** The release build in a browser whose pages measure themselves. */
export class AppBrowser {
  readonly page: Page;
  readonly #browser: Browser;
  readonly #context: BrowserContext;
  readonly #url: string;

  private constructor(url: string, browser: Browser, context: BrowserContext, page: Page) {
    this.#url = url;
    this.#browser = browser;
    this.#context = context;
    this.page = page;
  }

  static async open(url: string): Promise<AppBrowser> {
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: BROWSER_FLAGS });
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' });
    context.setDefaultTimeout(PATIENCE_MS);
    await context.addInitScript(countRenderedRows);
    await context.addInitScript(installProbe);
    return new AppBrowser(url, browser, context, await context.newPage());
  }

  get(testId: string | RegExp) {
    return this.page.getByTestId(testId).filter({ visible: true });
  }

  async signIn(login: string, password: string): Promise<void> {
    await this.page.goto(this.#url);
    await this.get('sign-in-mode-sign-in').click();
    await this.get('sign-in-login').fill(login);
    await this.get('sign-in-password').fill(password);
    await this.get('sign-in-submit').click();
    await this.get(/^chat-row-/).first().waitFor();
  }

  /** Away from the app, with its tab still there. */
  async leave(): Promise<void> {
    await this.page.goto('about:blank');
  }

  async comeBack(): Promise<void> {
    await this.page.goto(this.#url, { waitUntil: 'commit' });
  }

  /** Until the device has followed the log to there: milliseconds since the navigation. */
  caughtUp(position: number): Promise<number> {
    return this.page.evaluate((position) => window.probe.caughtUp(position), position);
  }

  /** From here on the app's files come, and nothing else of the server answers. */
  async cutOff(): Promise<void> {
    await this.#context.route(/\/(api|healthz)(\/|$)/, (route) => route.abort());
    await this.#context.routeWebSocket(/\/ws$/, (socket) => socket.close());
  }

  async close(): Promise<void> {
    await this.#context.close();
    await this.#browser.close();
  }
}
