import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { judge, type Profile, StoreBrowser } from './testing/store-browser.ts';

/** Bundling and starting the browser, on a machine that is busy with other tests. */
const START_TIMEOUT_MS = 60_000;
/** What the app is held to, from 50,000 messages on the device. */
const PAGE_BOUND_MS = 10;
/** Results on the device are there before the server could have answered. */
const SEARCH_BOUND_MS = 300;
/** Migrations of the last version that had no search. */
const BEFORE_SEARCH = 1;

// Before the tests are declared, for the page knows their titles.
const browser = await StoreBrowser.start(process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium');
const contractProfile = await browser.profile();
const contractTab = await contractProfile.tab();
const titles = await contractTab.evaluate(() => window.storePage.contract.titles());

afterAll(() => browser.close());

describe('in Chromium', () => {
  it('the whole contract is there to be run', () => {
    expect(titles.length).toBeGreaterThan(9);
  });

  it.each(titles)('%s', async (title) => {
    const claims = await contractTab.evaluate((title) => window.storePage.contract.run(title), title);
    expect(claims.length).toBeGreaterThan(0);
    for (const claim of claims) judge(claim);
  });
});

describe('the database of a profile', { timeout: START_TIMEOUT_MS }, () => {
  let profile: Profile;
  let tab: Page;
  beforeAll(async () => {
    await contractProfile.close();
  });
  beforeEach(async () => {
    profile = await browser.profile();
    tab = await profile.tab();
  });
  afterEach(() => profile.close());

  it('[O1] keeps an entry whose transaction ended, though the page is gone the moment after', async () => {
    await tab.evaluate(() => window.storePage.open('couplet'));
    await tab.evaluate(() => window.storePage.write(1));
    await tab.close();
    const next = await profile.tab();
    await next.evaluate(() => window.storePage.open('couplet'));
    expect(await next.evaluate(() => window.storePage.outbox())).toEqual(['entry 1']);
  });

  it('[O4] is carried over by later versions of the app, the outbox with it', async () => {
    await tab.evaluate(() => window.storePage.open('couplet'));
    await tab.evaluate(async () => {
      await window.storePage.write(1);
      await window.storePage.write(2);
      await window.storePage.close();
      await window.storePage.open('couplet', 2);
    });
    expect(await tab.evaluate(() => window.storePage.outbox())).toEqual(['entry 1', 'entry 2']);
    expect(await tab.evaluate(() => window.storePage.problems)).toEqual([]);
  });

  it('[O4] takes over the outbox that the version before wrote', async () => {
    await tab.evaluate(async () => {
      await window.storePage.writeAsFirstVersion('couplet', 1);
      await window.storePage.open('couplet');
      await window.storePage.write(2);
    });
    expect(await tab.evaluate(() => window.storePage.outbox())).toEqual(['entry 1', 'entry 2']);
    await tab.evaluate(async () => {
      await window.storePage.write(1);
      await window.storePage.close();
      await window.storePage.open('couplet');
    });
    expect(await tab.evaluate(() => window.storePage.outbox())).toEqual(['entry 1', 'entry 2']);
    expect(await tab.evaluate(() => window.storePage.problems)).toEqual([]);
  });

  it('makes way for a newer version in another tab, and says so', async () => {
    await tab.evaluate(() => window.storePage.open('couplet'));
    const newer = await profile.tab();
    await newer.evaluate(() => window.storePage.open('couplet', 1));
    await newer.evaluate(() => window.storePage.write(1));
    expect(await tab.evaluate(() => window.storePage.outbox().catch((error: Error) => error.message))).toMatch(/newer version/);
    expect(await tab.evaluate(() => window.storePage.problems)).toEqual([expect.stringMatching(/newer version/)]);
  });

  it('cannot be opened by a version older than its own', async () => {
    await tab.evaluate(async () => {
      await window.storePage.open('couplet', 1);
      await window.storePage.close();
    });
    expect(await tab.evaluate(() => window.storePage.open('couplet').catch((error: Error) => error.name))).toBe('CoupletError');
  });

  it('runs the transactions of two tabs one after another', async () => {
    const other = await profile.tab();
    await Promise.all([tab, other].map((page) => page.evaluate(() => window.storePage.open('couplet'))));
    await Promise.all([tab, other].map((page) => page.evaluate(() => window.storePage.count(100))));
    expect(await tab.evaluate(() => window.storePage.position())).toBe(200);
  });

  it('[S6] leaves out rows that cannot be read, reports them, and gives the rest', async () => {
    await tab.evaluate(async () => {
      await window.storePage.open('couplet');
      await window.storePage.putSamples();
      await window.storePage.damage('messages', [{ value: { conversationId: 'bbbbbbbb-0000-7000-8000-000000000001', seq: 2, text: 7 } }]);
      await window.storePage.damage('conversations', [{ value: { id: 'x', listOrder: [1, 'z', 'x'] } }]);
      await window.storePage.damage('outbox', [{ value: { id: 'broken' } }]);
      await window.storePage.damage('log', [{ value: { owner: 'aaaaaaaa-0000-7000-8000-000000000001', position: 'far' }, key: 'log' }]);
    });
    expect(await tab.evaluate(() => window.storePage.readEverything())).toEqual({
      conversations: 1,
      messages: [1, 3],
      outbox: ['entry 1'],
      owner: 'aaaaaaaa-0000-7000-8000-000000000001',
    });
    expect(await tab.evaluate(() => window.storePage.problems)).toHaveLength(3);
  });

  it('[O4] takes the messages of an earlier version into the search, in pieces', async () => {
    await tab.evaluate((version) => window.storePage.leaveEarlier('couplet', version, ['tea at nine', 'coffee', 'tea at ten', 'water', 'TÉA']), BEFORE_SEARCH);
    await tab.evaluate(() => window.storePage.open('couplet'));
    expect(await tab.evaluate(() => window.storePage.isSearchComplete())).toBe(false);
    expect(await tab.evaluate(() => window.storePage.indexEarlier(2))).toBe(3);
    expect(await tab.evaluate(() => window.storePage.isSearchComplete())).toBe(true);
    expect(await tab.evaluate(() => window.storePage.search('tea'))).toEqual([5, 3, 1]);
  });

  it('[S6] finds what it can read where a found message cannot be read', async () => {
    await tab.evaluate(async () => {
      await window.storePage.open('couplet');
      await window.storePage.putSamples();
      await window.storePage.damage('messages', [{ value: { conversationId: 'bbbbbbbb-0000-7000-8000-000000000001', seq: 2, text: 7 } }]);
    });
    expect(await tab.evaluate(() => window.storePage.search('message'))).toEqual([3, 1]);
    expect(await tab.evaluate(() => window.storePage.problems)).toHaveLength(1);
  });

  it(`reads a page of 50 messages from 50,000 in ${PAGE_BOUND_MS} ms, and searches them while one types`, async () => {
    await tab.evaluate(() => window.storePage.open('couplet'));
    const writes = await tab.evaluate(() => window.storePage.fill(50_000));
    const reads = await tab.evaluate(() => window.storePage.measurePages(50_000, 100));
    console.log(`50 messages written: ${told(writes)}; read from 50,000: ${told(reads)}`);
    expect(at(reads, 0.5)).toBeLessThanOrEqual(PAGE_BOUND_MS);
    for (const q of QUERIES) {
      const { found, milliseconds } = await tab.evaluate((q) => window.storePage.measureSearch(q), q);
      console.log(`${found} found for "${q}" in ${milliseconds.toFixed(1)} ms`);
      expect(found).toBeGreaterThan(0);
      expect(milliseconds).toBeLessThanOrEqual(SEARCH_BOUND_MS);
    }
  });
});

/** One letter, a beginning, a whole word, two and three of them. */
const QUERIES = ['1', '2', '1a', '1cer', '1 2', '1c 2 3', '2dla 1'];

function at(times: readonly number[], share: number): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length * share)] ?? 0;
}

function told(times: readonly number[]): string {
  return `median ${at(times, 0.5).toFixed(1)} ms, p90 ${at(times, 0.9).toFixed(1)} ms, worst but one in a hundred ${at(times, 0.99).toFixed(1)} ms`;
}
