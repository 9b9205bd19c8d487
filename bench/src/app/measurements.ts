import { gzipSync } from 'node:zlib';
import { Latencies } from '../percentiles.ts';
import type { AppBrowser } from './app-browser.ts';
import type { FullAccount, Peer } from './full-account.ts';

/** Milliseconds: what a measurement waits for what it caused to be over. */
const CALM_MS = 700;
const LIST_ROW = /^chat-row-/;

export interface Return {
  listMs: number;
  caughtUpMs: number;
  /** Tasks of more than 50 ms each, once the list could be used: what comes before is in `listMs`. */
  longTasks: number[];
}

/** Back after so many messages: the list, the catch-up, and whether the page could answer meanwhile. */
export async function measureReturn(app: AppBrowser, account: FullAccount, missed: number, longFirst: boolean): Promise<Return> {
  await app.leave();
  await account.write(missed, longFirst);
  const end = await account.position();
  await app.comeBack();
  const listMs = await app.page.evaluate(() => window.probe.listShown);
  const caughtUpMs = await app.caughtUp(end);
  const longTasks = await app.page.evaluate((listMs) => window.probe.longTasks.filter(({ begun }) => begun >= listMs).map(({ lasted }) => lasted), listMs);
  return { listMs, caughtUpMs, longTasks };
}

export async function measureReload(app: AppBrowser, times: number): Promise<Latencies> {
  const latencies = new Latencies();
  for (let run = 0; run < times; run += 1) {
    await app.page.reload({ waitUntil: 'commit' });
    latencies.add(await app.page.evaluate(() => window.probe.listShown));
    await app.page.waitForTimeout(CALM_MS);
  }
  return latencies;
}

/** Opens conversations one after another, each for the first time, screen by screen of the list. */
export async function measureOpening(app: AppBrowser, account: FullAccount, screens: number, into: Latencies): Promise<void> {
  for (let screen = 0; screen < screens; screen += 1) {
    const names = await app.page.evaluate(() =>
      [...document.querySelectorAll('[data-testid^="chat-row-"]')]
        .filter((row) => {
          const { top, bottom } = row.getBoundingClientRect();
          return top > 100 && bottom < innerHeight;
        })
        .map((row) => (row.getAttribute('data-testid') ?? '').replace('chat-row-', '')),
    );
    for (const name of names) {
      const peer = account.peers.find((candidate) => candidate.name === name);
      if (peer === undefined) continue;
      const shown = app.page.evaluate((text) => window.probe.clickToMessage(text), `${peer.last}. `);
      await app.get(`chat-row-${name}`).click();
      into.add(await shown);
    }
    await app.get(LIST_ROW).first().hover();
    await app.page.mouse.wheel(0, names.length * ROW_HEIGHT);
    await app.page.waitForTimeout(CALM_MS);
  }
}

/** Roughly a row of the list: the next screen begins where this one ended. */
const ROW_HEIGHT = 72;

/** A conversation that is left in its middle opens there again, as it should; those that are opened to be measured open at their end. */
export async function leaveAtEnd(app: AppBrowser, peer: Peer): Promise<void> {
  await app.get('jump-button').click();
  await app.page.evaluate((text) => window.probe.messageShown(text), `${peer.last}. `);
  await app.page.waitForTimeout(CALM_MS);
}

/** Brings the peer's row to the top of the list and opens it. */
export async function openFromTop(app: AppBrowser, account: FullAccount, peer: Peer): Promise<void> {
  await account.say(peer, 'peer');
  await app.get(LIST_ROW).first().hover();
  await app.page.mouse.wheel(0, -100_000);
  await app.get(`chat-row-${peer.name}`).click();
  await app.page.evaluate((text) => window.probe.messageShown(text), `${peer.last}. `);
  await app.page.waitForTimeout(CALM_MS);
}

export async function measureSending(app: AppBrowser, times: number): Promise<Latencies> {
  const latencies = new Latencies();
  for (let run = 0; run < times; run += 1) {
    const text = `Sent for the ${run}th time`;
    await app.get('composer-input').fill(text);
    const shown = app.page.evaluate((text) => window.probe.clickToMessage(text), text);
    await app.get('composer-send').click();
    latencies.add(await shown);
    await app.page.waitForTimeout(CALM_MS / 2);
  }
  return latencies;
}

/** Rows that React rendered for one message of the peer, until all that followed from it is over. */
export async function measureRowsRendered(app: AppBrowser, account: FullAccount, peer: Peer, times: number): Promise<Latencies> {
  const rows = new Latencies();
  for (let run = 0; run < times; run += 1) {
    await app.page.evaluate(() => window.renderedRows());
    const text = await account.say(peer, 'peer');
    await app.page.evaluate((text) => window.probe.messageShown(text), text);
    await app.page.waitForTimeout(CALM_MS);
    rows.add(await app.page.evaluate(() => window.renderedRows()));
  }
  return rows;
}

/** By how many pixels the line being read moved while `happens` happened. */
async function displacement(app: AppBrowser, happens: () => Promise<unknown>): Promise<number> {
  await app.page.evaluate(() => void (window.probe.kept['middle'] = window.probe.followMiddleRow()));
  await happens();
  await app.page.waitForTimeout(CALM_MS);
  return app.page.evaluate(() => window.probe.kept['middle']?.() as number);
}

/** Receipts, a row above that grows, history put before the first row: in the open thread of the peer. */
export async function measureDisplacement(app: AppBrowser, account: FullAccount, peer: Peer): Promise<{ receipt: number; grown: number; prepended: number }> {
  const own = await account.say(peer, 'viewer');
  await app.page.evaluate((text) => window.probe.messageShown(text), own);
  await app.page.waitForTimeout(CALM_MS);
  const { items } = await account.call<{ items: { id: string; text: string }[] }>('GET', `/api/conversations/${peer.conversationId}/messages?limit=100`, peer.token);
  const receipt = await displacement(app, () => account.call('POST', `/api/conversations/${peer.conversationId}/read`, peer.token, { lastReadMessageId: items[0]?.id }));
  await app.get('message-list').hover();
  await app.page.mouse.wheel(0, -400);
  await app.page.waitForTimeout(CALM_MS);
  const above = await app.page.evaluate(() =>
    [...document.querySelectorAll('[data-testid="message-list"] [data-testid^="message-"]')].filter((row) => row.getBoundingClientRect().bottom < 0).map((row) => row.textContent ?? ''),
  );
  const grows = items.find(({ text }) => above.at(-1)?.includes(text));
  const grown = await displacement(app, () => account.call('PUT', `/api/messages/${grows?.id ?? items[9]?.id ?? ''}/reactions/${encodeURIComponent('👍')}`, peer.token));
  let prepended = 0;
  for (let page = 0; page < 5; page += 1) {
    await app.page.mouse.wheel(0, -2_200);
    await app.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    prepended = Math.max(prepended, await displacement(app, async () => undefined));
  }
  return { receipt, grown, prepended };
}

export interface Fling {
  frames: number;
  slowFrames: number[];
  longTasks: number[];
  passed: number;
}

/** From the end of the thread up through so many messages, as fast as a wheel turns. */
export async function measureFling(app: AppBrowser, peer: Peer, messages: number): Promise<Fling> {
  const topmost = () =>
    app.page.evaluate(() => {
      const numbers = [...document.querySelectorAll('[data-testid="message-list"] [data-testid^="message-"]')].map((row) => Number(/(\d+)\. /.exec(row.textContent ?? '')?.[1] ?? Number.NaN));
      return Math.min(...numbers.filter((number) => !Number.isNaN(number)));
    });
  await app.get('message-list').hover();
  const begun = await app.page.evaluate(() => {
    window.probe.kept['frames'] = window.probe.frames();
    return performance.now();
  });
  let first = peer.last;
  for (let turn = 0; turn < MOST_TURNS && first > peer.last - messages; turn += 1) {
    await app.page.mouse.wheel(0, -600);
    if (turn % 5 === 0) first = await topmost();
  }
  return app.page.evaluate(
    ({ begun, passed }) => {
      const frames = window.probe.kept['frames']?.() as number[];
      const longTasks = window.probe.longTasks.filter((task) => task.begun >= begun).map(({ lasted }) => lasted);
      return { frames: frames.length, slowFrames: frames.filter((time) => time > 50), longTasks, passed };
    },
    { begun, passed: peer.last - first },
  );
}

/** 2,000 messages are some 120,000 pixels; a list that does not move must not hold up the rest. */
const MOST_TURNS = 1_500;

export interface Scripts {
  /** Bytes, gzipped, of what the page asked for before its list was interactive. */
  first: number;
  /** Of what it went on to fetch then, for the screens that come next. */
  next: number;
}

/** The scripts of this load of the page. */
export async function measureScripts(app: AppBrowser): Promise<Scripts> {
  // The other screens are fetched once the first has been quiet for a moment.
  await app.page.waitForTimeout(3 * CALM_MS);
  const asked = await app.page.evaluate(async () => {
    const listShown = await window.probe.listShown;
    return performance.getEntriesByType('resource').map(({ name, startTime }) => ({ url: name, isFirst: startTime <= listShown }));
  });
  const scripts = { first: 0, next: 0 };
  const counted = new Set<string>();
  for (const { url, isFirst } of asked) {
    if (counted.has(url) || !/\.js(\?|$)/.test(url)) continue;
    counted.add(url);
    const response = await fetch(url, { headers: { 'accept-encoding': 'identity' } });
    scripts[isFirst ? 'first' : 'next'] += gzipSync(Buffer.from(await response.arrayBuffer()), { level: 9 }).length;
  }
  return scripts;
}
