import type { ClientMsgId, ConversationId } from '@couplet/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import type { HttpPort, HttpResponse } from './ports/ports.ts';
import { createScene, type Device, type Scene, settle } from './testing/index.ts';

let scene: Scene;
let device: Device;
let direct: HttpPort['request'];

/** Ana is signed in, and Bo has said three things. */
beforeEach(async () => {
  scene = createScene();
  device = await scene.signedIn(scene.ana);
  for (const text of ['one', 'two', 'three']) scene.server.world.send(scene.bo.id, { conversationId: scene.conversationId, clientMsgId: `bo-${text}` as ClientMsgId, text });
  await settle();
  await scene.clock.advance(1_000);
  direct = scene.server.http.request;
});

const state = () => device.messenger.connection.state();
const session = () => device.messenger.session.state();
const stored = () => scene.server.world.messages(scene.ana.id, scene.conversationId).map(({ text }) => text);
const say = (text: string) => device.messenger.messages.send({ conversationId: scene.conversationId, text });

/** All that was there can be read, and what is written waits. */
async function staysUsable(conversationId: ConversationId = scene.conversationId) {
  const { messages, conversations } = device.messenger;
  expect((await conversations.list({ limit: 10, offset: 0 })).items).toHaveLength(1);
  expect((await messages.page({ conversationId, at: 'end', limit: 50 })).items.map(({ text }) => text)).toEqual(['one', 'two', 'three']);
  const before = stored().length;
  await say('for later');
  await conversations.update(conversationId, { draft: 'half a thought' });
  await settle();
  expect((await messages.pending(conversationId)).map(({ text, state: { status } }) => [text, status])).toEqual([['for later', 'queued']]);
  expect(await conversations.get(conversationId)).toMatchObject({ draft: 'half a thought' });
  expect(stored()).toHaveLength(before);
  expect(session()).toMatchObject({ status: 'signed-in' });
}

/** What waited is there once, and nothing waits any more. */
async function catchesUp() {
  await scene.clock.advance(60_000);
  expect(state()).toMatchObject({ status: 'online', phase: 'live' });
  expect(stored().filter((text) => text === 'for later')).toHaveLength(1);
  expect(await device.messenger.messages.pending(scene.conversationId)).toEqual([]);
  expect(scene.server.world.conversation(scene.ana.id, scene.conversationId).draft).toBe('half a thought');
  expect(session()).toMatchObject({ status: 'signed-in' });
}

/** Everything but the wire of the fake server answers like this from now on. */
function answerWith(answer: HttpPort['request']) {
  scene.server.http.request = answer;
}

describe('in airplane mode', () => {
  it('[O2] everything stays readable, what is written waits, and goes out in the moment in which the network is back', async () => {
    device.network.set(false);
    expect(state()).toMatchObject({ status: 'offline' });
    expect(device.messenger.connection.hasNetwork()).toBe(false);
    device.sockets.opening = 'refused';
    answerWith(() => Promise.reject(new Error('no network')));
    await scene.clock.advance(5 * 60_000);
    await staysUsable();
    device.sockets.opening = 'auto';
    answerWith(direct);
    device.network.set(true);
    await settle();
    expect(stored()).toContain('for later');
    await catchesUp();
  });
});

describe('behind a captive portal', () => {
  const page = (status: number): HttpResponse => ({ status, headers: { 'content-type': 'text/html' }, body: '<!doctype html><title>Welcome to our hotel</title>' });

  function enterHotel(answer: HttpResponse) {
    answerWith(async () => answer);
    // An upgrade that is answered by a page never opens.
    device.sockets.opening = 'refused';
    scene.server.closeAll(1006);
  }

  for (const [what, answer] of [
    ['200 and a page', page(200)],
    ['201 and a page', page(201)],
    ['200 and nothing', { ...page(200), body: '' }],
    ['401 and a page', page(401)],
    ['403 and a page', page(403)],
    ['511 and a page', page(511)],
    ['401 and JSON of its own', { ...page(401), body: '{"error":"login required"}' }],
  ] as const) {
    it(`[O2] that answers ${what}, nothing is taken for success and nobody is signed out`, async () => {
      enterHotel(answer);
      await expect(device.messenger.api.call('getConversation', { params: { id: scene.conversationId } })).rejects.toMatchObject({ code: 'unavailable' });
      // Past the time at which the token is refreshed, and past its end.
      await scene.clock.advance(20 * 60_000);
      expect(state()).toMatchObject({ status: expect.stringMatching(/offline|connecting/) });
      await staysUsable();
      device.sockets.opening = 'auto';
      answerWith(direct);
      await catchesUp();
    });
  }

  it('a problem document with a code of a later version is the server’s own word', async () => {
    answerWith(async () => ({ status: 403, headers: {}, body: JSON.stringify({ type: 'about:blank', title: 'Not at this hour.', status: 403, code: 'too_late_at_night', retryable: false }) }));
    await expect(device.messenger.api.call('getConversation', { params: { id: scene.conversationId } })).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('on a socket of which only this half is open', () => {
  it('[O2] the silence is noticed within 35 s, and what was sent into it goes out once on the next one', async () => {
    const dead = device.sockets.latest;
    dead.flow = 'manual';
    const since = scene.clock.now();
    await say('for later');
    await device.messenger.conversations.update(scene.conversationId, { draft: 'half a thought' });
    const isNoticed = () => device.events.some((event) => event.type === 'connection-changed' && event.state.status === 'offline');
    while (!isNoticed() && scene.clock.now() - since < 60_000) await scene.clock.advance(1_000);
    expect(scene.clock.now() - since).toBeLessThanOrEqual(35_000);
    await catchesUp();
    expect(device.sockets.latest).not.toBe(dead);
  });
});

describe('before a server that takes everything and answers nothing', () => {
  /** As a port does: no answer within the time that was given is a rejection. */
  const silence: HttpPort['request'] = ({ timeoutMs }) => new Promise((_, reject) => scene.clock.schedule(timeoutMs, () => reject(new Error('no answer in time'))));

  function silenceServer() {
    answerWith(silence);
    device.sockets.opening = 'manual';
    scene.server.closeAll(1006);
  }

  it('[O2] every attempt ends, the next one follows, and nothing of what is on the device waits for it', async () => {
    silenceServer();
    await scene.clock.advance(20 * 60_000);
    // An attempt ends after 15 s and the next begins at most 30 s later: 27 fit at least, with a refresh of the token before each.
    expect(device.sockets.pairs.length).toBeGreaterThan(20);
    expect(device.sockets.pairs.filter(({ isClosed }) => !isClosed).length).toBeLessThanOrEqual(1);
    await staysUsable();
    device.sockets.opening = 'auto';
    answerWith(direct);
    await catchesUp();
  });

  it('the app starts and shows what is on the device at once', async () => {
    silenceServer();
    await device.messenger.close();
    await scene.clock.advance(24 * 3_600_000);
    device = scene.device({ store: device.store, tokens: device.tokens });
    device.sockets.opening = 'manual';
    await device.messenger.start();
    await staysUsable();
    device.sockets.opening = 'auto';
    answerWith(direct);
    await catchesUp();
  });
});
