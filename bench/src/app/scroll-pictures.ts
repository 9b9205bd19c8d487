// What the app holds on to while somebody scrolls a conversation of 200 pictures
// up and down: `npm run bench:app -- pictures [minutes]`. Ends with 1 when it is
// more than the bound, or when a picture was never seen.
import type { CDPSession } from 'playwright-core';
import { ServerUnderTest } from '../server-under-test.ts';
import { AppBrowser } from './app-browser.ts';
import { LOGIN, PASSWORD, sendPictures } from './picture-conversation.ts';

const PICTURES = 200;
/** Of the JavaScript heap, from the opened conversation to the end. */
const MOST_GROWTH_BYTES = 80_000_000;
/** Some two passes up and down: what is kept for each picture shows, what leaks with time needs ten. */
const [minutesText = '1'] = process.argv.slice(2);
const MINUTES = Number(minutesText);
if (!(MINUTES > 0)) {
  console.error('Usage: npm run bench:app -- pictures [minutes]');
  process.exit(2);
}
/** Less than a screen, so that no row passes by unseen. */
const TURN = 600;

interface Held {
  heapBytes: number;
  nodes: number;
  listeners: number;
}

interface InView {
  first: number;
  last: number;
  /** Numbers of pictures that show in more than their placeholder. */
  loaded: number[];
}

const server = await ServerUnderTest.start();
const app = await AppBrowser.open(server.url);
try {
  console.log(`Sending ${PICTURES} pictures …`);
  await app.page.goto(server.url);
  const sender = await sendPictures(server.url, app.page, PICTURES);
  await app.signIn(LOGIN, PASSWORD);
  await app.get(`chat-row-${sender}`).click();
  await app.get('message-list').hover();
  await app.page.waitForFunction(() => document.querySelector('[data-testid="message-list"] img') !== null);
  const devtools = await app.page.context().newCDPSession(app.page);
  const before = await measure(devtools);
  console.log(`Scrolling for ${MINUTES} min …\n  before: ${told(before)}`);
  const seen = await scroll(devtools);
  const after = await measure(devtools);
  const growth = after.heapBytes - before.heapBytes;
  console.log(`  after:  ${told(after)}\n${seen.loaded.size} of ${PICTURES} pictures seen, ${seen.ends} ends reached; the heap grew by ${megabytes(growth)} (bound: ${megabytes(MOST_GROWTH_BYTES)})`);
  if (growth > MOST_GROWTH_BYTES || seen.loaded.size < PICTURES) process.exitCode = 1;
} finally {
  await app.close();
  await server.stop();
}

/** Up to the first picture, down to the last, and again. */
async function scroll(devtools: CDPSession): Promise<{ loaded: Set<number>; ends: number }> {
  const loaded = new Set<number>();
  const until = Date.now() + MINUTES * 60_000;
  let tellAt = Date.now() + 60_000;
  let direction: -1 | 1 = -1;
  let ends = 0;
  while (Date.now() < until) {
    await app.page.mouse.wheel(0, direction * TURN);
    const view = await lookAround();
    for (const number of view.loaded) loaded.add(number);
    if (direction === -1 ? view.first === 1 : view.last === PICTURES) {
      direction = direction === -1 ? 1 : -1;
      ends += 1;
    }
    if (Date.now() < tellAt) continue;
    tellAt += 60_000;
    console.log(`  now:    ${told(await measure(devtools))}`);
  }
  return { loaded, ends };
}

/** Once the pictures in view are there, as somebody would who looks at them. */
function lookAround(): Promise<InView> {
  return app.page.evaluate(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    /** Without a network of its own a picture is there after a few frames. */
    const mostFrames = 120;
    for (let frames = 0; ; frames += 1) {
      await frame();
      const rows = [...document.querySelectorAll('[data-testid="message-list"] [data-testid^="message-"]')].flatMap((row) => {
        const number = Number(/(\d+)\. Picture/.exec(row.textContent ?? '')?.[1]);
        const { top, bottom } = row.getBoundingClientRect();
        const image = row.querySelector('img');
        return number > 0 && bottom > 0 && top < innerHeight ? [{ number, isLoaded: image !== null && image.complete && image.naturalWidth > 90 }] : [];
      });
      if (rows.length > 0 && (rows.every(({ isLoaded }) => isLoaded) || frames >= mostFrames)) {
        const numbers = rows.map(({ number }) => number);
        return { first: Math.min(...numbers), last: Math.max(...numbers), loaded: rows.filter(({ isLoaded }) => isLoaded).map(({ number }) => number) };
      }
    }
  });
}

async function measure(devtools: CDPSession): Promise<Held> {
  // What a first collection lets go of, a second one frees.
  await devtools.send('HeapProfiler.collectGarbage');
  await devtools.send('HeapProfiler.collectGarbage');
  const { usedSize } = await devtools.send('Runtime.getHeapUsage');
  const { nodes, jsEventListeners } = await devtools.send('Memory.getDOMCounters');
  return { heapBytes: usedSize, nodes, listeners: jsEventListeners };
}

function told({ heapBytes, nodes, listeners }: Held): string {
  return `heap ${megabytes(heapBytes)}, ${nodes.toLocaleString('en')} DOM nodes, ${listeners.toLocaleString('en')} listeners`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
