import { describe, expect, test } from 'vitest';
import { expectAtEnd, type OpenList } from './list-expectations.ts';

/** The middle is where the eye looks, not a line: a way that passes rows never measured may end this far off. */
const LANDING = 8;

/** Frames in a row that may show less than half a view of rows: what the eye takes for motion blur at 60 a second. */
const BLANK_FRAMES = 6;

/** Where keys, requests and the wheel lead, and what is told on the way. */
export function describeMoving(openList: OpenList) {
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

    test.each([1, 2, 3, 4, 5, 6])('at the end gets there whatever comes on the way (burst %i)', async (seed) => {
      const list = await openList({});
      const last = await list.page.evaluate(burst, seed);
      await list.settled();
      await expectAtEnd(list, last);
      expect(await list.page.evaluate(() => window.list.reports.atEnd.at(-1))).toBe(true);
    });

    test('at the end lets go of a reader who turns away on the way', async () => {
      const list = await openList({ initialPosition: { at: 'row', key: 'm180' } });
      await list.page.mouse.move(195, 320);
      const top = await list.page.evaluate(() => window.probe.scroller().scrollTop);
      await list.page.evaluate(() => window.list.scrollToEnd(true));
      await list.page.waitForFunction((top) => window.probe.scroller().scrollTop > top + 20, top);
      await list.page.mouse.wheel(0, -900);
      await list.settled();
      expect(await list.page.evaluate(() => window.list.reports.atEnd.at(-1))).toBe(false);
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

/**
 * In the page: messages sent, each with a way to the end, while others come before
 * and behind them, go again and grow, and the machine is busy. Answers the last key.
 */
async function burst(seed: number): Promise<string> {
  let state = seed * 7_919;
  const upTo = (most: number) => ((state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff) >> 8) % most;
  const last = () => window.list.keys().at(-1) ?? '';
  const happenings = [
    () => window.list.append(1 + upTo(40)),
    () => window.list.insert(1 + upTo(12), upTo(4)),
    () => window.list.removeLast(1 + upTo(30)),
    () => window.list.grow(last(), 10 + upTo(60)),
    () => {
      const until = performance.now() + 20 + upTo(200);
      while (performance.now() < until);
    },
  ];
  for (let step = 0; step < 20; step += 1) {
    happenings[upTo(happenings.length)]?.();
    if (step % 2 === 0) {
      window.list.append(1);
      window.list.scrollToEnd(true);
    }
    if (step % 3 !== 0) await new Promise(requestAnimationFrame);
  }
  return last();
}
