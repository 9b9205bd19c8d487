import { describe, expect, it } from 'vitest';
import { type TestsInPage, testsInPage } from '../../indexed-db/testing/vitest-in-page.ts';
import { createDeviceShelf } from '../device-shelf.web.ts';
import type { MediaShelf } from '../media-shelf.ts';

const PICTURE = 'data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=';
/** Of it, in bytes. */
const SIZE = 23;
const NO_PICTURE = 'data:text/html,hello';

let shelves = 0;
/** A shelf that nobody used, and another look at it, as after a restart. */
function create(): { shelf: MediaShelf; again: () => MediaShelf } {
  shelves += 1;
  const name = `pictures ${shelves}`;
  return { shelf: createDeviceShelf(name), again: () => createDeviceShelf(name) };
}

async function bring(shelf: MediaShelf, key: string, usedAt: number, signal = new AbortController().signal): Promise<string> {
  const { shown, kept } = await shelf.bring(key, PICTURE, usedAt, signal);
  await kept;
  return shown.url;
}

const messageOf = (promise: Promise<unknown>) => promise.then(() => 'no error', (error: unknown) => (error instanceof Error ? error.name : String(error)));

describe('the shelf of a browser', () => {
  it('keeps what it brought, under its key, beyond the page', async () => {
    const { shelf, again } = create();
    expect((await bring(shelf, 'a:320', 7)).startsWith('blob:')).toBe(true);
    const kept = await again().open('a:320');
    expect(kept?.usedAt).toBe(7);
    const bytes = await (await fetch(kept?.shown.url ?? '')).blob();
    expect([bytes.type, bytes.size]).toEqual(['image/gif', SIZE]);
    expect(await again().open('a:1280')).toBe(null);
    expect(await again().list()).toEqual([{ key: 'a:320', sizeBytes: SIZE, usedAt: 7 }]);
  });

  it('an address is good until it is released', async () => {
    const { shelf } = create();
    const { shown } = await shelf.bring('a', PICTURE, 1, new AbortController().signal);
    shown.release();
    expect(await messageOf(fetch(shown.url))).toBe('TypeError');
  });

  it('takes nothing that is no picture, and nothing that was given up', async () => {
    const { shelf } = create();
    expect(await messageOf(shelf.bring('a', NO_PICTURE, 1, new AbortController().signal))).toBe('Error');
    expect(await messageOf(bring(shelf, 'b', 1, AbortSignal.abort()))).toBe('AbortError');
    // Given up when it was already there, but not written yet.
    const aborter = new AbortController();
    const { kept } = await shelf.bring('c', PICTURE, 1, aborter.signal);
    aborter.abort();
    await kept.catch(() => undefined);
    await shelf.clear();
    expect(await shelf.list()).toEqual([]);
  });

  it('touches, removes and clears', async () => {
    const { shelf, again } = create();
    for (const key of ['a', 'b', 'c']) await bring(shelf, key, 1);
    await shelf.touch('b', 2);
    await shelf.touch('never kept', 2);
    await shelf.remove(['a', 'never kept']);
    expect(await again().list()).toEqual([
      { key: 'b', sizeBytes: SIZE, usedAt: 2 },
      { key: 'c', sizeBytes: SIZE, usedAt: 1 },
    ]);
    await shelf.clear();
    expect(await again().list()).toEqual([]);
    expect(await again().open('b')).toBe(null);
  });
});

declare global {
  interface Window {
    shelfPage: TestsInPage;
  }
}
window.shelfPage = testsInPage;
