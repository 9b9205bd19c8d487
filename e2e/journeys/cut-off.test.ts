import { createServer } from 'node:http';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { beginConversation, callApi, createAccount, listEverything, PASSWORD, sendText } from '../api.ts';
import { browserOfThisFile } from '../browser.ts';
import { Person } from '../person.ts';
import { serverOfThisFile } from '../server-process.ts';

/** A token ends, is refreshed in vain, and a connection that was refused for a while is tried again. */
const PORTAL_MS = 120_000;

/** Short, so that tokens are refreshed while the portal stands before the server; long enough that a connection is tried with the last one before. */
const server = serverOfThisFile({ environment: { ACCESS_TOKEN_TTL: '12' } });
const browser = browserOfThisFile();

/** What a browser says of a network that the tests take away or replace. */
const NO_NETWORK = /ERR_|WebSocket connection to|already in CLOSING or CLOSED state|Failed to load resource|service worker|ServiceWorker/i;

/** Ana in her conversation with Bo, who said three things; her browser has the app's files. */
async function anaAndBo(surname: string) {
  const [anaAccount, boAccount] = [await createAccount(server, `Ana ${surname}`), await createAccount(server, `Bo ${surname}`)];
  const conversation = await beginConversation(server, anaAccount, boAccount);
  for (const text of ['One', 'Two', 'Three']) await sendText(server, boAccount, conversation.id, text);
  const ana = new Person(`Ana ${surname}`, await browser.open(`Ana ${surname}`), server);
  ana.device.expectErrors(NO_NETWORK);
  await ana.signIn(anaAccount, `/c/${conversation.id}`);
  await ana.seeMessage('Three');
  await ana.device.offlineReady();
  const storedTexts = async () => {
    // The token of the beginning may have ended by now.
    const { accessToken } = await callApi(server, 'login', { body: { login: boAccount.email, password: PASSWORD } });
    return (await listEverything(server, { ...boAccount, token: accessToken }, conversation.id)).map(({ text }) => text);
  };
  return { ana, storedTexts };
}

test('[O1] with the network gone in the moment of the tap, the message is there after a reload and goes out once', async () => {
  const { ana, storedTexts } = await anaAndBo('Tap');
  await ana.get('composer-input').fill('In the last moment');
  const tap = () => (document.querySelector<HTMLElement>('[data-testid="composer-send"]') ?? document.body).click();
  await Promise.all([ana.page.evaluate(tap), ana.device.setOffline(true)]);
  await ana.seeKept('In the last moment');
  await ana.reload();
  await ana.seeMessage('In the last moment');
  await ana.get('network-notice').getByText('Waiting for network').waitFor();
  await ana.send('And one without it');
  await ana.seeTick('And one without it', 'pending');
  await ana.device.setOffline(false);
  await ana.seeTick('And one without it', 'sent');
  await ana.seeNo('network-notice');
  expect(await storedTexts()).toEqual(['One', 'Two', 'Three', 'In the last moment', 'And one without it']);
  expect(await ana.message('In the last moment').count()).toBe(1);
});

test('[O2] a captive portal that answers everything with its page signs nobody out, replaces nothing, and is outlived', { timeout: PORTAL_MS }, async () => {
  const { ana, storedTexts } = await anaAndBo('Hotel');
  await server.stop('SIGTERM');
  const asked = new Set<string>();
  const portal = createServer((request, response) => {
    asked.add(new URL(request.url ?? '/', server.url).pathname);
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>Welcome to our hotel</title>');
  });
  // An upgrade as well: whoever does not listen for it answers it like any request.
  portal.listen(Number(new URL(server.url).port), '127.0.0.1');
  await once(portal, 'listening');
  try {
    await ana.send('From the lobby');
    await ana.get('network-notice').getByText('Connecting…').waitFor();
    await expect.poll(() => [...asked].some((path) => /^\/(ws$|app\/)/.test(path)), { timeout: 20_000 }).toBe(true);
    await expect.poll(() => asked, { timeout: 30_000 }).toContain('/api/auth/refresh');
    await ana.reload();
    for (const text of ['One', 'Two', 'Three']) await ana.seeMessage(text);
    await ana.seeTick('From the lobby', 'pending');
    expect(await ana.page.title()).toBe('Couplet');
  } finally {
    portal.closeAllConnections();
    portal.close();
    await server.start();
  }
  await ana.seeTick('From the lobby', 'sent');
  expect(await storedTexts()).toEqual(['One', 'Two', 'Three', 'From the lobby']);
});

test('[O6] before a server that takes connections and never answers, everything is there at once and goes out when it wakes', async () => {
  const { ana, storedTexts } = await anaAndBo('Frozen');
  server.freeze();
  try {
    await ana.reload();
    for (const text of ['One', 'Two', 'Three']) await ana.seeMessage(text);
    await ana.send('While it slept');
    await ana.seeTick('While it slept', 'pending');
    await ana.get('network-notice').getByText('Connecting…').waitFor();
  } finally {
    server.thaw();
  }
  await ana.seeTick('While it slept', 'sent');
  expect(await storedTexts()).toEqual(['One', 'Two', 'Three', 'While it slept']);
});
