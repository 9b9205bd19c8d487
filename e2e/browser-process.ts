import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { BROWSER_FLAGS, CHROMIUM } from '@couplet/test-system/browser';
import { type Browser, chromium, type Page } from 'playwright-core';
import { WAIT_MS } from './browser.ts';

/** Where the browser says that it can be steered. */
const STEERING = /^DevTools listening on (ws:\/\/\S+)$/;

/**
 * A whole browser with a profile folder that outlives it: it can be killed at any
 * instant, and started again on what it had written by then.
 */
export class BrowserProcess {
  readonly #profile = mkdtempSync(join(tmpdir(), 'couplet-profile-'));
  #child: ChildProcess | null = null;
  #steering: Browser | null = null;

  /** A page of the profile, with nothing open in it. */
  async start(): Promise<Page> {
    const child = spawn(CHROMIUM, ['--headless', ...BROWSER_FLAGS, '--window-size=1440,900', `--user-data-dir=${this.#profile}`, '--remote-debugging-port=0', 'about:blank'], {
      // A process group of its own: its helpers end with it.
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child = child;
    const address = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stderr }).on('line', (line) => {
        const found = STEERING.exec(line)?.[1];
        if (found) resolve(found);
      });
      child.once('exit', (code, signal) => reject(new Error(`The browser ended before it could be steered (${signal ?? code})`)));
      child.once('error', reject);
    });
    this.#steering = await chromium.connectOverCDP(address);
    const context = this.#steering.contexts()[0];
    if (!context) throw new Error('The browser came without a profile');
    context.setDefaultTimeout(WAIT_MS);
    return context.pages()[0] ?? (await context.newPage());
  }

  /** A power cut for the browser: no page is asked, nothing is finished. Resolves when it is gone. */
  async kill() {
    const child = this.#child;
    this.#child = null;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    process.kill(-child.pid, 'SIGKILL');
    await gone;
    await this.#steering?.close().catch(() => undefined);
    this.#steering = null;
  }

  /** Kills it this much later, whatever it is doing then: the instant is the point of it. */
  async killAfter(delayMs: number) {
    await new Promise<void>((resolve) => setTimeout(resolve, delayMs));
    await this.kill();
  }

  /** Ends it, and what it kept. */
  async close() {
    await this.kill();
    // Its helpers may still be writing for a moment.
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}
