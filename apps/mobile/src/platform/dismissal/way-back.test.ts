import { ManualClock } from '@couplet/client/testing';
import { expect, test } from 'vitest';
import { WayBack } from './way-back.ts';

/** A browser's history with a router that marks its pages and hears of what is not kept from it. */
function createBrowser() {
  const clock = new ManualClock();
  const entries: { id: string; isCover?: boolean }[] = [{ id: 'chats' }, { id: 'thread' }];
  let at = 1;
  let asked = 0;
  const told: string[] = [];
  const closed: string[] = [];
  const push = (entry: { id: string }) => {
    entries.splice(at + 1, entries.length, entry);
    at += 1;
  };
  const wayBack = new WayBack({ get state() { return entries[at]; }, pushState: (state) => push(state as { id: string }), back: () => void (asked += 1) }, clock);
  const move = (steps: -1 | 1) => {
    at += steps;
    if (!wayBack.moved()) told.push(entries[at]?.id ?? '');
  };
  return {
    clock,
    wayBack,
    told,
    closed,
    push,
    /** The router shows another page in place of this one. */
    replace: () => void entries.splice(at, 1, { id: entries[at]?.id ?? '' }),
    forward: () => move(1),
    /** The person goes back; what the page asks the browser for comes true after it. */
    back() {
      move(-1);
      this.settle();
    },
    settle() {
      for (; asked > 0; asked -= 1) move(-1);
    },
    async rest() {
      await clock.advance(1_000);
      this.settle();
    },
    /** As a component does it: it is told to close, and closes with the next render. */
    open(name: string) {
      const close = wayBack.open(() => {
        closed.push(name);
        close();
      });
      return close;
    },
    where: () => ({ ...entries[at], behind: entries.length - 1 - at }),
  };
}

test('going back closes what was opened last, one after the other, and then leaves the page', async () => {
  const browser = createBrowser();
  browser.open('viewer');
  browser.open('menu');
  browser.back();
  expect(browser.closed).toEqual(['menu']);
  browser.back();
  expect(browser.closed).toEqual(['menu', 'viewer']);
  expect(browser.told).toEqual([]);
  await browser.rest();
  browser.back();
  expect(browser.told).toEqual(['chats']);
});

test('what closes by itself leaves nothing in the history that going back would stop at', async () => {
  const browser = createBrowser();
  const close = browser.open('menu');
  close();
  await browser.rest();
  expect(browser.where()).toMatchObject({ id: 'thread', behind: 1 });
  expect(browser.where().isCover).toBeUndefined();
  browser.back();
  expect(browser.told).toEqual(['chats']);
});

test('a press right after it closed is meant for the page', () => {
  const browser = createBrowser();
  browser.open('menu')();
  browser.back();
  expect(browser.told).toEqual(['chats']);
  expect(browser.closed).toEqual([]);
});

test('what opens while the cover is being taken away is closed by going back as well', async () => {
  const browser = createBrowser();
  browser.open('menu')();
  await browser.clock.advance(1_000);
  browser.open('dialog');
  browser.settle();
  browser.back();
  expect(browser.closed).toEqual(['dialog']);
  expect(browser.told).toEqual([]);
});

test('a page that is opened from a layer is left by one press', async () => {
  const browser = createBrowser();
  browser.open('picker')();
  browser.push({ id: 'other' });
  await browser.rest();
  browser.back();
  expect(browser.told).toEqual(['thread']);
  await browser.rest();
  browser.back();
  expect(browser.told).toEqual(['thread', 'chats']);
});

test('a layer of a page below stays until going back reaches that page', async () => {
  const browser = createBrowser();
  browser.open('archive');
  browser.push({ id: 'other' });
  browser.open('menu');
  browser.back();
  expect(browser.closed).toEqual(['menu']);
  browser.back();
  expect(browser.told).toEqual(['thread']);
  expect(browser.closed).toEqual(['menu']);
  browser.back();
  expect(browser.closed).toEqual(['menu', 'archive']);
});

test('going forward to where something was open stops at the page', async () => {
  const browser = createBrowser();
  browser.open('viewer');
  browser.back();
  browser.forward();
  await browser.rest();
  expect(browser.where()).toMatchObject({ id: 'thread', behind: 1 });
  browser.back();
  expect(browser.told.at(-1)).toBe('chats');
});

test('a page that was put in place of the cover is not taken for it', async () => {
  const browser = createBrowser();
  browser.open('picker')();
  browser.replace();
  await browser.rest();
  expect(browser.where()).toMatchObject({ id: 'thread', behind: 0 });
});

test('what is a part of the page is closed by Escape alone', () => {
  const browser = createBrowser();
  browser.wayBack.open(() => browser.closed.push('archive'), true);
  browser.wayBack.closeLast();
  expect(browser.closed).toEqual(['archive']);
  browser.back();
  expect(browser.told).toEqual(['chats']);
  expect(browser.closed).toEqual(['archive']);
});
