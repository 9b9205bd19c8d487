import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ListBrowser, type ListBrowserOptions, type ListDriver } from './list-browser.ts';
import type { ListPageSetup } from './list-page-commands.ts';

/** Points by which the line being read may be off its place, in any painted frame. */
const STILL = 1;

/** The middle is where the eye looks, not a line: a way that passes rows never measured may end this far off. */
const LANDING = 8;

/** A row may round to half a point more or less. */
const ROUNDING = 1;

/** Frames in a row that may show less than half a view of rows: what the eye takes for motion blur at 60 a second. */
const BLANK_FRAMES = 6;

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

    async function openList(setup: Partial<ListPageSetup>): Promise<ListDriver> {
      const list = await browser.open({ count: 200, initialPosition: { at: 'end' }, ...setup });
      open.push(list);
      return list;
    }

    async function expectAtEnd(list: ListDriver, lastKey: string) {
      const last = (await list.rows()).at(-1);
      expect(last?.key).toBe(lastKey);
      expect(Math.abs((last?.bottom ?? 0) - (await list.viewHeight()))).toBeLessThanOrEqual(ROUNDING);
    }

    /** From the first frame with a row in it, everything stood where it stands now. */
    async function expectNoJumpWhileOpening(list: ListDriver) {
      const now = await list.rows();
      const frames = (await list.frames()).filter((frame) => frame.length > 0);
      expect(frames.length).toBeGreaterThan(0);
      expect(frames.map((frame) => frame.map((row) => row.key))).toEqual(frames.map(() => now.map((row) => row.key)));
      const offsets = frames.flatMap((frame) => frame.map((row, i) => Math.abs(row.top - (now[i]?.top ?? NaN))));
      expect(Math.max(...offsets)).toBeLessThanOrEqual(STILL);
    }

    describe('opening', () => {
      test.each([1, 3, 2_000])('stands at the end from its first painted frame, with %i rows', async (count) => {
        const list = await openList({ count });
        await expectAtEnd(list, `m${count}`);
        await expectNoJumpWhileOpening(list);
      });

      test('puts a short conversation at the bottom', async () => {
        const list = await openList({ count: 3 });
        const rows = await list.rows();
        expect(rows.map((row) => row.key)).toEqual(['m1', 'm2', 'm3']);
        expect(rows[0]?.top).toBeGreaterThan(200);
      });

      test.each([10, 1_500])('stands at row %i of 2,000 with a little of what comes before', async (number) => {
        const list = await openList({ count: 2_000, initialPosition: { at: 'row', key: `m${number}` } });
        const row = (await list.rows()).find(({ key }) => key === `m${number}`);
        expect(row?.top).toBeGreaterThanOrEqual(24);
        expect(row?.top).toBeLessThanOrEqual(120);
        await expectNoJumpWhileOpening(list);
      });

      test.each([-30, 0, 41.5])('stands where it was left: a row of 2,000 at %d points, under a header as well', async (offset) => {
        const list = await openList({ count: 2_000, headerHeight: 12, initialPosition: { at: 'row', key: 'm1200', offset } });
        const row = (await list.rows()).find(({ key }) => key === 'm1200');
        expect(Math.abs((row?.top ?? NaN) - offset)).toBeLessThanOrEqual(ROUNDING);
        expect(Math.abs(((await list.page.evaluate(() => window.list.offsetOf('m1200'))) ?? NaN) - offset)).toBeLessThanOrEqual(ROUNDING);
        await expectNoJumpWhileOpening(list);
      });

      test('stands at the end when the given row is among the last', async () => {
        const list = await openList({ initialPosition: { at: 'row', key: 'm199' } });
        await expectAtEnd(list, 'm200');
        await expectNoJumpWhileOpening(list);
      });

      test('stands at the end when the given row is not there', async () => {
        const list = await openList({ initialPosition: { at: 'row', key: 'gone' } });
        await expectAtEnd(list, 'm200');
      });

      test('stands at the end when the rows come after the list', async () => {
        const list = await openList({ count: 0 });
        await list.page.evaluate(() => window.list.append(60));
        await list.settled();
        await expectAtEnd(list, 'm60');
        await expectNoJumpWhileOpening(list);
      });

      test('tells whether it stands at the end', async () => {
        const atEnd = await openList({});
        expect(await atEnd.page.evaluate(() => window.list.reports.atEnd)).toEqual([true]);
        const away = await openList({ initialPosition: { at: 'row', key: 'm20' } });
        expect(await away.page.evaluate(() => window.list.reports.atEnd)).toEqual([false]);
      });
    });

    describe('rows before the first', () => {
      test('leave the line where it is', async () => {
        const list = await openList({ count: 100, initialPosition: { at: 'row', key: 'm50' } });
        expect(await list.displacement(() => list.page.evaluate(() => window.list.prepend(50)))).toBeLessThanOrEqual(STILL);
      });

      test('leave the line where it is at the very top', async () => {
        const list = await openList({ count: 100 });
        await list.press('Home');
        expect((await list.rows())[0]?.key).toBe('m1');
        expect(await list.displacement(() => list.page.evaluate(() => window.list.prepend(50)))).toBeLessThanOrEqual(STILL);
      });

      test('leave the line where it is though the day above it moves up with them', async () => {
        const list = await openList({ count: 100, hasDay: true });
        await list.press('Home');
        expect((await list.rows())[0]?.key).toBe('day');
        const second = (await list.rows())[1];
        expect(await list.displacement(() => list.page.evaluate(() => window.list.prepend(50)))).toBeLessThanOrEqual(STILL);
        const moved = (await list.rows()).find(({ key }) => key === second?.key);
        expect(Math.abs((moved?.top ?? NaN) - (second?.top ?? NaN))).toBeLessThanOrEqual(STILL);
      });

      test('leave the end in view, page after page', async () => {
        const list = await openList({ count: 30 });
        for (let page = 0; page < 5; page += 1) {
          expect(await list.displacement(() => list.page.evaluate(() => window.list.prepend(50)))).toBeLessThanOrEqual(STILL);
        }
        await expectAtEnd(list, 'm30');
      });

      test('fill up a short conversation and leave the end in view', async () => {
        const list = await openList({ count: 3 });
        expect(await list.displacement(() => list.page.evaluate(() => window.list.prepend(50)))).toBeLessThanOrEqual(STILL);
        await expectAtEnd(list, 'm3');
      });

      test('leave the line where it is while the wheel turns', async () => {
        const list = await openList({ count: 200, initialPosition: { at: 'row', key: 'm100' } });
        await list.wheel(-200);
        expect(await list.displacement(() => list.page.evaluate(() => window.list.prepend(50)))).toBeLessThanOrEqual(STILL);
        const before = await list.rows();
        await list.wheel(-150);
        const after = await list.rows();
        const both = before.filter((row) => after.some(({ key }) => key === row.key));
        const moved = both.map((row) => (after.find(({ key }) => key === row.key)?.top ?? NaN) - row.top);
        expect(Math.min(...moved)).toBeGreaterThanOrEqual(150 - STILL);
        expect(Math.max(...moved)).toBeLessThanOrEqual(150 + STILL);
      });
    });

    describe('rows behind the last', () => {
      test.each([1, 3, 200])('are followed by a reader at the end of %i rows', async (count) => {
        const list = await openList({ count });
        for (let n = 1; n <= 4; n += 1) {
          await list.page.evaluate(() => window.list.append(1));
          await list.settled();
          await expectAtEnd(list, `m${count + n}`);
        }
        expect(await list.page.evaluate(() => window.list.reports.atEnd)).toEqual([true]);
      });

      test('are followed when many come at once', async () => {
        const list = await openList({});
        await list.page.evaluate(() => window.list.append(80));
        await list.settled();
        await expectAtEnd(list, 'm280');
      });

      test('take a reader at the end along when they go away again', async () => {
        const list = await openList({});
        await list.page.evaluate(() => window.list.append(1));
        await list.settled();
        await list.page.evaluate(() => window.list.removeLast());
        await list.settled();
        await expectAtEnd(list, 'm200');
        expect(await list.page.evaluate(() => window.list.reports.atEnd)).toEqual([true]);
      });

      test('do not move a reader who is elsewhere, and the list says so', async () => {
        const list = await openList({});
        await list.wheel(-600);
        expect(await list.displacement(() => list.page.evaluate(() => window.list.append(3)))).toBeLessThanOrEqual(STILL);
        expect(await list.page.evaluate(() => window.list.reports.atEnd)).toEqual([true, false]);
      });

      test('do not move a reader when they are a page and not news', async () => {
        const list = await openList({ followsEnd: false });
        const change = () =>
          list.page.evaluate(() => {
            window.list.append(50);
            window.list.change({ followsEnd: true });
          });
        expect(await list.displacement(change)).toBeLessThanOrEqual(STILL);
        await list.page.evaluate(() => window.list.scrollToEnd(false));
        await list.settled();
        await list.page.evaluate(() => window.list.append(1));
        await list.settled();
        await expectAtEnd(list, 'm251');
      });

      test('render two rows at most', async () => {
        const list = await openList({});
        const before = await list.page.evaluate(() => ({ ...window.list.reports.renders }));
        await list.page.evaluate(() => window.list.append(1));
        await list.settled();
        const after = await list.page.evaluate(() => window.list.reports.renders);
        const rendered = Object.entries(after).filter(([key, times]) => key in before && times !== before[key]);
        expect(rendered).toEqual([]);
        expect(Object.keys(after).length - Object.keys(before).length).toBeLessThanOrEqual(2);
      });
    });

    describe('what stands before and behind the rows', () => {
      const footerGap = async (list: ListDriver) => {
        const footer = await list.page.getByTestId('footer').boundingBox();
        return Math.abs((footer?.y ?? NaN) + (footer?.height ?? NaN) - (await list.viewHeight()));
      };

      test.each([3, 200])('is in view at the end of %i rows when it stands behind them from the beginning', async (count) => {
        const list = await openList({ count, footerHeight: 40, headerHeight: 30 });
        expect(await footerGap(list)).toBeLessThanOrEqual(ROUNDING);
      });

      test('takes a reader at the end along when it comes and goes', async () => {
        const list = await openList({});
        await list.page.evaluate(() => window.list.change({ footerHeight: 40 }));
        await list.settled();
        expect(await footerGap(list)).toBeLessThanOrEqual(ROUNDING);
        await list.page.evaluate(() => window.list.change({ footerHeight: 0 }));
        await list.settled();
        await expectAtEnd(list, 'm200');
      });

      test('does not move a reader who is elsewhere when it comes and goes', async () => {
        const list = await openList({ initialPosition: { at: 'row', key: 'm100' } });
        for (const change of [{ footerHeight: 40 }, { footerHeight: 0 }, { headerHeight: 60 }, { headerHeight: 0 }]) {
          expect(await list.displacement(() => list.page.evaluate((change) => window.list.change(change), change))).toBeLessThanOrEqual(STILL);
        }
      });

      test('makes way for the rows it stood for', async () => {
        const list = await openList({ count: 60, initialPosition: { at: 'row', key: 'm2' }, headerHeight: 60 });
        const change = () =>
          list.page.evaluate(() => {
            window.list.prepend(50);
            window.list.change({ headerHeight: 0 });
          });
        expect(await list.displacement(change)).toBeLessThanOrEqual(STILL);
      });
    });

    describe('a row that grows late', () => {
      test('above the view leaves the line where it is', async () => {
        const list = await openList({ initialPosition: { at: 'row', key: 'm100' } });
        const above = Number((await list.rows())[0]?.key.slice(1)) - 2;
        expect(await list.displacement(() => list.page.evaluate((n) => window.list.grow(`m${n}`, 180), above))).toBeLessThanOrEqual(STILL);
        expect(await list.displacement(() => list.page.evaluate((n) => window.list.grow(`m${n}`, -180), above))).toBeLessThanOrEqual(STILL);
      });

      test('below the view leaves the line where it is', async () => {
        const list = await openList({ initialPosition: { at: 'row', key: 'm100' } });
        const below = Number((await list.rows()).at(-1)?.key.slice(1)) + 2;
        expect(await list.displacement(() => list.page.evaluate((n) => window.list.grow(`m${n}`, 180), below))).toBeLessThanOrEqual(STILL);
      });

      test('far above the view leaves the line where it is, also when the reader comes by', async () => {
        const list = await openList({ initialPosition: { at: 'row', key: 'm100' } });
        expect(await list.displacement(() => list.page.evaluate(() => window.list.grow('m70', 400)))).toBeLessThanOrEqual(STILL);
        for (let turn = 0; turn < 20; turn += 1) {
          const before = await list.rows();
          await list.wheel(-120);
          const after = await list.rows();
          const kept = before.find((row) => after.some(({ key }) => key === row.key));
          const place = after.find(({ key }) => key === kept?.key);
          expect(Math.abs((place?.top ?? NaN) - (kept?.top ?? NaN) - 120)).toBeLessThanOrEqual(STILL);
        }
      });

      test('at the end keeps the end in view', async () => {
        const list = await openList({});
        await list.page.evaluate(() => window.list.grow('m200', 240));
        await list.settled();
        await expectAtEnd(list, 'm200');
        await list.page.evaluate(() => window.list.grow('m198', 120));
        await list.settled();
        await expectAtEnd(list, 'm200');
      });

      test('in a short conversation keeps it at the bottom', async () => {
        const list = await openList({ count: 2 });
        await list.page.evaluate(() => window.list.grow('m1', 120));
        await list.settled();
        await expectAtEnd(list, 'm2');
      });
    });

    describe('the keyboard', () => {
      test('of a phone takes room and the end stays in view, opening and closing', async () => {
        const list = await openList({});
        await list.setHeight(320);
        await list.settled();
        await expectAtEnd(list, 'm200');
        await list.setHeight(640);
        await list.settled();
        await expectAtEnd(list, 'm200');
        expect(await list.page.evaluate(() => window.list.reports.atEnd)).toEqual([true]);
      });

      test('of a phone takes room and a short conversation stays at the bottom', async () => {
        const list = await openList({ count: 3 });
        await list.setHeight(320);
        await list.settled();
        await expectAtEnd(list, 'm3');
      });

      test('of a phone does not move the first line of a reader who is elsewhere', async () => {
        const list = await openList({ initialPosition: { at: 'row', key: 'm100' } });
        const first = (await list.rows())[1];
        await list.setHeight(320);
        await list.settled();
        expect((await list.rows())[1]).toEqual(first);
      });

      test('goes up and down by pages, to the start and to the end', async () => {
        const list = await openList({ count: 2_000 });
        const numbers = async () => (await list.rows()).map(({ key }) => Number(key.slice(1)));
        const atEnd = await numbers();
        await list.press('PageUp');
        const above = await numbers();
        expect(above.at(-1)).toBeLessThan(atEnd.at(-1) ?? 0);
        expect(above.at(-1)).toBeGreaterThanOrEqual((atEnd[0] ?? 0) - 1);
        await list.press('PageDown');
        expect(await numbers()).toEqual(atEnd);
        await list.press('Home');
        expect((await numbers())[0]).toBe(1);
        await list.press('End');
        await expectAtEnd(list, 'm2000');
      });

      test('goes by pages on behalf of the composer', async () => {
        const list = await openList({});
        const before = await list.rows();
        await list.page.evaluate(() => window.list.scrollByPage(-1));
        await list.settled();
        const after = await list.rows();
        expect(Number(after.at(-1)?.key.slice(1))).toBeLessThan(Number(before.at(-1)?.key.slice(1)));
        expect(Number(after.at(-1)?.key.slice(1))).toBeGreaterThanOrEqual(Number(before[0]?.key.slice(1)) - 1);
      });
    });

    describe('going to a row', () => {
      test.each([
        ['near', 'm190', true],
        ['far', 'm400', false],
        ['far', 'm400', true],
      ])('that is %s (%s, animated: %s) brings it to the middle', async (_distance, key, animated) => {
        const list = await openList({ count: 2_000, initialPosition: { at: 'row', key: 'm200' } });
        expect(await list.page.evaluate(([key, animated]) => window.list.scrollToKey(key, animated), [key, animated] as const)).toBe(true);
        await list.settled();
        const row = (await list.rows()).find((row) => row.key === key);
        const middle = ((row?.top ?? NaN) + (row?.bottom ?? NaN)) / 2;
        expect(Math.abs(middle - (await list.viewHeight()) / 2)).toBeLessThanOrEqual(LANDING);
      });

      test('that is not there is refused', async () => {
        const list = await openList({});
        const before = await list.rows();
        expect(await list.page.evaluate(() => window.list.scrollToKey('gone', false))).toBe(false);
        expect(await list.rows()).toEqual(before);
      });

      test.each([false, true])('at the end from far away (animated: %s) gets there', async (animated) => {
        const list = await openList({ count: 2_000, initialPosition: { at: 'row', key: 'm300' } });
        await list.page.evaluate((animated) => window.list.scrollToEnd(animated), animated);
        await list.settled();
        await expectAtEnd(list, 'm2000');
        expect(await list.page.evaluate(() => window.list.reports.atEnd.at(-1))).toBe(true);
      });
    });

    describe('coming near', () => {
      test('the start is told once per reach', async () => {
        const list = await openList({});
        const reached = () => list.page.evaluate(() => window.list.reports.reachStart);
        expect(await reached()).toBe(0);
        await list.press('Home');
        await list.wheel(80);
        await list.wheel(-80);
        await list.page.evaluate(() => window.list.grow('m2', 30));
        await list.settled();
        expect(await reached()).toBe(1);
        await list.page.evaluate(() => window.list.prepend(50));
        await list.settled();
        expect(await reached()).toBe(1);
        await list.press('Home');
        expect(await reached()).toBe(2);
      });

      test('the start is told again when what came does not fill the view', async () => {
        const list = await openList({ count: 3 });
        expect(await list.page.evaluate(() => window.list.reports.reachStart)).toBe(1);
        await list.page.evaluate(() => window.list.prepend(2));
        await list.settled();
        expect(await list.page.evaluate(() => window.list.reports.reachStart)).toBe(2);
      });

      test('the end is told once per reach', async () => {
        const list = await openList({ initialPosition: { at: 'row', key: 'm20' }, followsEnd: false });
        const reached = () => list.page.evaluate(() => window.list.reports.reachEnd);
        expect(await reached()).toBe(0);
        await list.press('End');
        expect(await reached()).toBe(1);
        await list.page.evaluate(() => window.list.append(50));
        await list.settled();
        expect(await reached()).toBe(1);
      });

      test('the rows in view are told', async () => {
        const list = await openList({});
        await list.wheel(-900);
        const rows = await list.rows();
        const [first, last] = (await list.page.evaluate(() => window.list.reports.visible)) ?? [];
        // A row of which only a sliver shows need not count.
        expect(rows.slice(0, 2).map(({ key }) => key)).toContain(first);
        expect(rows.slice(-2).map(({ key }) => key)).toContain(last);
      });
    });

    test('shows rows while 2,000 of them are flung by', async () => {
      const list = await openList({ count: 2_000 });
      const height = await list.viewHeight();
      await list.page.evaluate(() => window.probe.watch());
      await list.flingToStart(-1_000);
      const frames = await list.frames();
      const covered = frames.map((rows) => (rows.length === 0 ? 0 : Math.min(height, rows.at(-1)?.bottom ?? 0) - Math.max(0, rows[0]?.top ?? 0)));
      const intervals = await list.page.evaluate(() => window.probe.intervals());
      const seen = new Set(frames.flat().map(({ key }) => key));
      console.log(
        `fling: ${seen.size} rows in ${frames.length} frames; over 50 ms: ${intervals.filter((ms) => ms > 50).length}, longest ${Math.round(Math.max(...intervals))} ms; ` +
          `frames less than half covered: ${covered.filter((points) => points < height / 2).length}`,
      );
      expect((await list.rows())[0]?.key).toBe('m1');
      expect(longestRun(covered, (points) => points < height / 2)).toBeLessThanOrEqual(BLANK_FRAMES);
    });

    test('stands in the document from the oldest to the newest, also after scrolling about', async () => {
      const list = await openList({ count: 2_000 });
      for (const turn of [-3_000, -2_000, 1_500, -400]) await list.wheel(turn);
      const inOrder = () =>
        list.page.waitForFunction(() => {
          const tops = [...document.querySelectorAll('[data-testid^="row-"]')].map((row) => row.getBoundingClientRect().top).filter((top) => top > -1_000);
          return tops.length > 5 && tops.every((top, i) => i === 0 || top >= (tops[i - 1] ?? 0));
        });
      await inOrder();
      expect(await list.page.getByRole('log', { name: 'Messages' }).count()).toBe(1);
    });
  });
}

function longestRun<T>(values: T[], holds: (value: T) => boolean): number {
  let run = 0;
  let longest = 0;
  for (const value of values) {
    run = holds(value) ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}
