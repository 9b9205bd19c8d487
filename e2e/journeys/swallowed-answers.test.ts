import { CLOSE_CODES } from '@couplet/protocol';
import { expect, test } from 'vitest';
import { beginConversation, createAccount, listEverything } from '../api.ts';
import { browserOfThisFile } from '../browser.ts';
import { leafThrough } from '../leaf-through.ts';
import { Person } from '../person.ts';
import { serverOfThisFile } from '../server-process.ts';

const ANSWERS = 100;

/** Each answer that is swallowed costs a new connection with all that it fetches, or a first wait of up to a second. */
const JOURNEY_MS = 180_000;

const server = serverOfThisFile();
const browser = browserOfThisFile();

test(`[D3] [D4] ${ANSWERS} answers swallowed on their way back, over the socket or over REST: one row each, in order`, { timeout: JOURNEY_MS }, async () => {
  const [anaAccount, boAccount] = [await createAccount(server, 'Ana Swallow'), await createAccount(server, 'Bo Swallow')];
  const conversation = await beginConversation(server, anaAccount, boAccount);
  const ana = new Person('Ana Swallow', await browser.open('Ana Swallow'), server);
  // The app may be about to send when its socket is taken away; a request without an answer is an error to the browser.
  ana.device.expectErrors(/already in CLOSING or CLOSED state/, /ERR_CONNECTION_RESET/);
  const swallowed = new Set<string>();
  await ana.page.routeWebSocket(/\/ws$/, (page) => {
    const node = page.connectToServer();
    node.onMessage((frame) => {
      const answered = acknowledgedBy(String(frame));
      if (answered === null || swallowed.has(answered)) return page.send(frame);
      // Stored by now, and the sender never hears of it. It may come back soon, so that the test ends this year.
      swallowed.add(answered);
      page.send(JSON.stringify({ type: 'server.draining', id: answered, ts: 0, data: { reconnectInMs: 10 } }));
      void page.close({ code: CLOSE_CODES.draining.code });
      void node.close();
    });
  });
  await ana.page.route(/\/api\/conversations\/[^/]+\/messages$/, async (route) => {
    const sent = route.request().method() === 'POST' ? (route.request().postDataJSON() as { clientMsgId: string }).clientMsgId : null;
    if (sent === null || swallowed.has(sent)) return route.continue();
    await route.fetch();
    swallowed.add(sent);
    await route.abort('connectionreset');
  });
  await ana.signIn(anaAccount, `/c/${conversation.id}`);
  await ana.see('composer-input');
  const texts = Array.from({ length: ANSWERS }, (_, index) => `Swallow ${index + 1}.`);
  for (const text of texts) await ana.send(text);
  await expect.poll(() => swallowed.size, { timeout: JOURNEY_MS }).toBe(ANSWERS);
  await ana.seeTick(`Swallow ${ANSWERS}.`, 'sent');

  const stored = await listEverything(server, anaAccount, conversation.id);
  expect(stored.map(({ text }) => text)).toEqual(texts);
  const order = stored.map(({ clientMsgId }) => clientMsgId);
  expect(new Set(order)).toEqual(swallowed);
  expect(await leafThrough(ana, order, 'up')).toEqual(new Set(order));
  expect(await ana.device.storedMessages()).toEqual(order);
});

/** The message that a frame acknowledges, if it is an acknowledgement. */
function acknowledgedBy(frame: string): string | null {
  const { type, data } = JSON.parse(frame) as { type: string; data: { clientMsgId?: string } };
  return type === 'chat.message.ack' ? (data.clientMsgId ?? null) : null;
}
