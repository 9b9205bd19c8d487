import { build } from 'esbuild';
import { type Browser, type Page, chromium } from 'playwright-core';
import { type RowPlace, installProbe } from './list-probe.ts';
import type { ListPageSetup } from './list-page-commands.ts';

/** A phone's list between header and composer. */
const VIEW = { width: 390, height: 640 };

/** Any address will do: every request of the page is answered here, none leaves the process. */
const ADDRESS = 'http://list.test/';

const HTML = `<!doctype html><html lang="en"><head><title>List</title><style>
  html, body, #host { height: 100%; margin: 0 }
  /* As in browsers without scroll anchoring of their own: the list alone must keep the place. */
  * { overflow-anchor: none }
  body { font-family: sans-serif; overflow: hidden }
  #host { display: flex; flex-direction: column }
</style></head><body><div id="host"></div><script src="list.js"></script></body></html>`;

export interface ListBrowserOptions {
  /** The script of a page that shows a list and answers `ListPageCommands`. */
  pagePath: string;
  chromiumPath: string;
}

/** Bundles a page that answers `ListPageCommands`, and opens it in Chromium as often as asked. */
export class ListBrowser {
  readonly #browser: Browser;
  readonly #script: string;

  private constructor(browser: Browser, script: string) {
    this.#browser = browser;
    this.#script = script;
  }

  static async start({ pagePath, chromiumPath }: ListBrowserOptions): Promise<ListBrowser> {
    const bundle = await build({
      entryPoints: [pagePath],
      bundle: true,
      write: false,
      format: 'iife',
      jsx: 'automatic',
      conditions: ['browser'],
      alias: { 'react-native': 'react-native-web' },
      define: { 'process.env.NODE_ENV': '"production"', __DEV__: 'false', global: 'window' },
      minify: true,
    });
    const browser = await chromium.launch({
      executablePath: chromiumPath,
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    });
    return new ListBrowser(browser, bundle.outputFiles[0]!.text);
  }

  async open(setup: ListPageSetup): Promise<ListDriver> {
    const context = await this.#browser.newContext({ viewport: VIEW, deviceScaleFactor: 1 });
    const page = await context.newPage();
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    await page.route('**/*', (route) => {
      const path = new URL(route.request().url()).pathname;
      if (path === '/list.js') return route.fulfill({ contentType: 'text/javascript', body: this.#script });
      if (path === '/') return route.fulfill({ contentType: 'text/html', body: HTML });
      return route.fulfill({ status: 204 });
    });
    await page.addInitScript(installProbe);
    await page.goto(ADDRESS);
    const driver = new ListDriver(page, faults);
    await page.evaluate((setup) => {
      window.probe.watch();
      window.list.open(setup);
    }, setup);
    if (setup.count > 0) await driver.settled();
    return driver;
  }

  async close() {
    await this.#browser.close();
  }
}

/** One open list, and what can be seen of it. */
export class ListDriver {
  readonly page: Page;
  readonly #faults: string[];

  constructor(page: Page, faults: string[]) {
    this.page = page;
    this.#faults = faults;
  }

  /** Resolves when nothing on the page moved for a quarter of a second of frames. */
  settled() {
    return this.page.evaluate(() => window.probe.settled());
  }

  /** The rows in view, top to bottom; places are relative to the view, in points. */
  rows(): Promise<RowPlace[]> {
    return this.page.evaluate(() => window.probe.rows());
  }

  viewHeight(): Promise<number> {
    return this.page.evaluate(() => window.probe.scroller().clientHeight);
  }

  /** What every painted frame showed since the page opened or `watch` was called last. */
  frames(): Promise<RowPlace[][]> {
    return this.page.evaluate(() => window.probe.frames());
  }

  /**
   * The row in the middle of the view is the line being read. Makes the change
   * and answers by how much that line was off its place in the worst painted
   * frame until all was still; Infinity if it was missing in one.
   */
  async displacement(change: () => Promise<unknown>): Promise<number> {
    const rows = await this.rows();
    const line = rows[Math.floor(rows.length / 2)];
    if (!line) throw new Error('There is no row in view to keep an eye on');
    await this.page.evaluate(() => window.probe.watch());
    await change();
    await this.settled();
    const offsets = (await this.frames()).map((frame) => {
      const place = frame.find((row) => row.key === line.key);
      return place ? Math.abs(place.top - line.top) : Infinity;
    });
    return Math.max(...offsets);
  }

  /** Scrolls as a wheel does, and waits until all is still. */
  async wheel(deltaY: number) {
    await this.page.mouse.move(VIEW.width / 2, VIEW.height / 2);
    await this.page.mouse.wheel(0, deltaY);
    await this.settled();
  }

  /** Turns the wheel without a pause until the start is reached. */
  async flingToStart(deltaY: number) {
    await this.page.mouse.move(VIEW.width / 2, VIEW.height / 2);
    while (await this.page.evaluate(() => window.probe.scroller().scrollTop > 0)) await this.page.mouse.wheel(0, deltaY);
    await this.settled();
  }

  /** A key pressed while the list has the focus. */
  async press(key: string) {
    await this.page.getByTestId('list').focus();
    await this.page.keyboard.press(key);
    await this.settled();
  }

  async setHeight(height: number) {
    await this.page.setViewportSize({ width: VIEW.width, height });
  }

  async close() {
    await this.page.context().close();
    if (this.#faults.length > 0) throw new Error(`The page reported errors:\n${this.#faults.join('\n')}`);
  }
}
