import { expect, test } from 'vitest';
import { beginConversation, createAccount, listEverything } from '../api.ts';
import { Device } from '../browser.ts';
import { BrowserProcess } from '../browser-process.ts';
import { Person } from '../person.ts';
import { serverOfThisFile } from '../server-process.ts';

/** Few in the everyday run; `npm run check:kills` does many. A failed run is repeated with its seed, though a machine never keeps exactly the same time. */
const KILLS = Number(process.env['KILLS'] ?? 8);
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

/** One life of the browser: its start, the page, some sends, on two busy cores. */
const LIFE_MS = 10_000;

/** A share of the kills comes while the page starts and sends what the last life left behind. */
const KILLED_AT_START = 0.25;
const START_MS = 1_500;
/** Some ten sends, each with its typing, storing, showing, sending and acknowledging. */
const WRITING_MS = 1_500;

const server = serverOfThisFile();

/** Ends with the browser, wherever it stands. */
const BROWSER_GONE = /has been closed|Target crashed|Target page|Browser closed|browser has disconnected|Connection closed/i;

test(`[O1] a browser killed at ${KILLS} random instants (seed ${SEED}) comes back with every message that showed its clock, and each goes out once, in order`, { timeout: 60_000 + KILLS * LIFE_MS }, async () => {
  const random = randomFrom(SEED);
  const [anaAccount, boAccount] = [await createAccount(server, 'Ana Killed'), await createAccount(server, 'Bo Killed')];
  const conversation = await beginConversation(server, anaAccount, boAccount);
  const path = `/c/${conversation.id}`;
  const chromium = new BrowserProcess();
  const start = async () => new Person('Ana Killed', Device.of('Ana Killed', await chromium.start()), server);
  const tapped: string[] = [];
  const kept = new Set<string>();

  async function writeUntilTheEnd(ana: Person) {
    for (;;) {
      const text = `Message ${tapped.length + 1}.`;
      await ana.get('composer-input').fill(text);
      tapped.push(text);
      await ana.get('composer-send').click();
      await ana.seeKept(text);
      kept.add(text);
    }
  }

  async function live() {
    const ana = await start();
    const diesAtStart = random() < KILLED_AT_START;
    const delayMs = random() * (diesAtStart ? START_MS : WRITING_MS);
    let death = diesAtStart ? chromium.killAfter(delayMs) : null;
    try {
      await ana.goto(path);
      await ana.see('composer-input');
      death ??= chromium.killAfter(delayMs);
      await writeUntilTheEnd(ana);
    } catch (error) {
      // What happens in a life that goes on is a fault of the app, or of this test.
      if (death === null || !BROWSER_GONE.test(String(error))) throw new Error(`After ${tapped.length} messages ${await ana.lookAround()}`, { cause: error });
    }
    await death;
  }

  try {
    const first = await start();
    await first.signIn(anaAccount, path);
    await first.see('composer-input');
    await chromium.kill();
    for (let kill = 1; kill <= KILLS; kill += 1) await live();

    const ana = await start();
    await ana.goto(path);
    await ana.send('The last one.');
    await ana.seeTick('The last one.', 'sent');
  } finally {
    await chromium.close();
  }

  const stored = (await listEverything(server, anaAccount, conversation.id)).map(({ text }) => text ?? '');
  const copies = new Map<string, number>();
  for (const text of stored) copies.set(text, (copies.get(text) ?? 0) + 1);
  const lost = [...kept].filter((text) => !copies.has(text));
  const doubled = [...copies].filter(([, count]) => count > 1);
  const written = new Set(stored);
  const inOrder = [...tapped.filter((text) => written.has(text)), 'The last one.'];
  const violations = lost.length + doubled.length + (stored.join() === inOrder.join() ? 0 : 1);
  console.log(`Seed ${SEED}: ${KILLS} kills, ${tapped.length} messages tapped, ${kept.size} seen with a clock or a tick before the kill, ${stored.length - 1} stored; ${violations} violations.`);
  expect({ lost, doubled }).toEqual({ lost: [], doubled: [] });
  expect(stored).toEqual(inOrder);
});

/** Numbers in [0, 1) that a seed repeats. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
