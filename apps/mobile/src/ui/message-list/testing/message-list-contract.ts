import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { ListBrowser, type ListBrowserOptions, type ListDriver } from './list-browser.ts';
import type { OpenList } from './list-expectations.ts';
import { describeMoving } from './moving-contract.ts';
import { describeStanding } from './standing-contract.ts';

/** Bundling and starting the browser, on a machine that is busy with other tests. */
const START_TIMEOUT_MS = 60_000;
const TEST_TIMEOUT_MS = 30_000;

/**
 * What every list behind the interface of `MessageList` must do, tried in a real
 * browser.
 */
export function describeMessageList(name: string, options: ListBrowserOptions) {
  describe(name, { timeout: TEST_TIMEOUT_MS }, () => {
    let browser: ListBrowser;
    let open: ListDriver[] = [];

    beforeAll(async () => {
      browser = await ListBrowser.start(options);
    }, START_TIMEOUT_MS);
    afterAll(() => browser.close());
    afterEach(async () => {
      const lists = open;
      open = [];
      for (const list of lists) await list.close();
    });

    const openList: OpenList = async (setup) => {
      const list = await browser.open({ count: 200, initialPosition: { at: 'end' }, ...setup });
      open.push(list);
      return list;
    };

    describeStanding(openList);
    describeMoving(openList);
  });
}
