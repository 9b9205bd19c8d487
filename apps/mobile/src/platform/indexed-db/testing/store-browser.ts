import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { type Browser, type BrowserContext, type Page, chromium } from 'playwright-core';
import { expect } from 'vitest';
import type { Claim } from './vitest-in-page.ts';

/** Every request of the page is answered here, none leaves the process. Localhost, for a database needs a secure context. */
const ADDRESS = 'http://localhost/';
const HTML = '<!doctype html><html lang="en"><head><title>Store</title></head><body><script src="/store.js"></script></body></html>';

/** The suite's own words run in the page: its `vitest` is the one that notes. */
const vitestInPage: Plugin = {
  name: 'vitest-in-page',
  setup(esbuild) {
    const path = fileURLToPath(new URL('./vitest-in-page.ts', import.meta.url));
    esbuild.onResolve({ filter: /^vitest$/ }, () => ({ path }));
  },
};

/** A Chromium in which pages of the same context are tabs that share a database. */
export class StoreBrowser {
  readonly #browser: Browser;
  readonly #script: string;

  private constructor(browser: Browser, script: string) {
    this.#browser = browser;
    this.#script = script;
  }

  /** @param pagePath the script of the page; left out, the one that tries the store */
  static async start(chromiumPath: string, pagePath = fileURLToPath(new URL('./store-page.ts', import.meta.url))): Promise<StoreBrowser> {
    const bundle = await build({
      entryPoints: [pagePath],
      bundle: true,
      write: false,
      format: 'iife',
      plugins: [vitestInPage],
    });
    const browser = await chromium.launch({
      executablePath: chromiumPath,
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    });
    return new StoreBrowser(browser, bundle.outputFiles[0]!.text);
  }

  /** A profile that never saw the app. */
  async profile(): Promise<Profile> {
    return new Profile(await this.#browser.newContext(), this.#script);
  }

  async close() {
    await this.#browser.close();
  }
}

export class Profile {
  readonly #context: BrowserContext;
  readonly #script: string;

  constructor(context: BrowserContext, script: string) {
    this.#context = context;
    this.#script = script;
  }

  async tab(): Promise<Page> {
    const page = await this.#context.newPage();
    await page.route('**/*', (route) =>
      new URL(route.request().url()).pathname === '/store.js'
        ? route.fulfill({ contentType: 'text/javascript', body: this.#script })
        : route.fulfill({ contentType: 'text/html', body: HTML }),
    );
    await page.goto(ADDRESS);
    return page;
  }

  async close() {
    await this.#context.close();
  }
}

/** Judges what a test noted in the page. */
export function judge({ actual, isNot, matcher, wanted, isRejection }: Claim): void {
  const subject = isRejection
    ? () => {
        if (actual !== null) throw new Error(String(actual));
      }
    : actual;
  const assertion = isNot ? expect(subject).not : expect(subject);
  const judgement: unknown = Reflect.get(assertion, matcher);
  if (typeof judgement !== 'function') throw new Error(`There is no matcher "${matcher}"`);
  Reflect.apply(judgement, assertion, wanted);
}
