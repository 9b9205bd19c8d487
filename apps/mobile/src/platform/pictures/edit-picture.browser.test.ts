import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { judge, StoreBrowser } from '../indexed-db/testing/store-browser.ts';

// Before the tests are declared, for the page knows their titles.
const browser = await StoreBrowser.start(process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium', fileURLToPath(new URL('./testing/edit-page.ts', import.meta.url)));
const tab = await (await browser.profile()).tab();
const titles = await tab.evaluate(() => window.editPage.titles());

afterAll(() => browser.close());

it('the tests are there to be run', () => {
  expect(titles).toHaveLength(4);
});

it.each(titles)('%s', async (title) => {
  const claims = await tab.evaluate((title) => window.editPage.run(title), title);
  expect(claims.length).toBeGreaterThan(0);
  for (const claim of claims) judge(claim);
});
