import { expect } from 'vitest';
import type { ListDriver } from './list-browser.ts';
import type { ListPageSetup } from './list-page-commands.ts';

/** A list of 200 rows that opens at its end, unless told otherwise; closed after the test. */
export type OpenList = (setup: Partial<ListPageSetup>) => Promise<ListDriver>;

/** Points by which the line being read may be off its place, in any painted frame. */
export const STILL = 1;

/** A row may round to half a point more or less. */
export const ROUNDING = 1;

export async function expectAtEnd(list: ListDriver, lastKey: string) {
  const last = (await list.rows()).at(-1);
  expect(last?.key).toBe(lastKey);
  expect(Math.abs((last?.bottom ?? 0) - (await list.viewHeight()))).toBeLessThanOrEqual(ROUNDING);
}
