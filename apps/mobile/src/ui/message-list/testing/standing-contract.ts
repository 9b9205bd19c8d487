import { describe, expect, test } from 'vitest';
import type { ListDriver } from './list-browser.ts';
import { expectAtEnd, type OpenList, ROUNDING, STILL } from './list-expectations.ts';

/** Where a list opens, and what leaves the line being read where it is. */
export function describeStanding(openList: OpenList) {
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
