import type { ClientMsgId } from '@couplet/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { createScene, type Device, MemorySiblings, type Scene, settle } from '../testing/index.ts';

let scene: Scene;
let first: Device;
let second: Device;

/** Two tabs of Ana's browser: one store, one session, two messengers. */
beforeEach(async () => {
  scene = createScene();
  const browser = new MemorySiblings();
  first = scene.device({ siblings: browser.tab() });
  await first.messenger.start();
  await first.messenger.session.login({ login: scene.ana.username ?? '', password: 'secret-enough' });
  await settle();
  second = scene.device({ store: first.store, tokens: first.tokens, siblings: browser.tab() });
  await second.messenger.start();
  await settle();
});

const storedTexts = () => scene.server.world.messages(scene.ana.id, scene.conversationId).map(({ text }) => text);
const sendFrames = () => scene.server.frames.flatMap((frame) => (frame.type === 'chat.message.send' ? [frame.data.text] : []));
const say = (tab: Device, text: string) => tab.messenger.messages.send({ conversationId: scene.conversationId, text });

function boSays(text: string): void {
  scene.server.world.send(scene.bo.id, { conversationId: scene.conversationId, clientMsgId: `bo-${text}` as ClientMsgId, text });
}

async function shown(tab: Device): Promise<string[]> {
  const page = await tab.messenger.messages.page({ conversationId: scene.conversationId, at: 'end', limit: 50 });
  return page.items.map(({ text }) => text ?? '');
}

/** What the tab's listeners were told last of the outbox. */
function pendingShown(tab: Device): string[] {
  const last = tab.events.findLast((event) => event.type === 'pending-changed');
  return last?.type === 'pending-changed' ? last.pending.map(({ text, state }) => `${text}: ${state.status}`) : [];
}

function messagesTold(tab: Device): (string | undefined)[] {
  return tab.events.flatMap((event) => (event.type === 'messages-changed' ? event.messages.map(({ text }) => text) : []));
}

describe('two tabs', () => {
  it('[O3] share one outbox: one sends what either wrote, once, and both show it', async () => {
    scene.server.filterUp = (frame) => frame.type !== 'chat.message.send';
    await say(second, 'from the second');
    await say(first, 'from the first');
    await settle();
    for (const tab of [first, second]) expect(pendingShown(tab)).toEqual(['from the second: sending', 'from the first: queued']);
    scene.server.filterUp = () => true;
    await scene.clock.advance(60_000);
    expect(storedTexts()).toEqual(['from the second', 'from the first']);
    for (const tab of [first, second]) {
      expect(pendingShown(tab)).toEqual([]);
      expect(await shown(tab)).toEqual(['from the second', 'from the first']);
      expect((await tab.messenger.diagnostics()).lastErrors.filter(({ where }) => where === 'other tab')).toEqual([]);
    }
  });

  it('[O3] send through the one that leads, whichever was written in', async () => {
    const leading = first.sockets.latest;
    leading.flow = 'manual';
    await say(second, 'once');
    await settle();
    expect(sendFrames()).toEqual([]);
    leading.flushToServer();
    leading.flushToClient();
    await settle();
    expect(sendFrames()).toEqual(['once']);
    expect(storedTexts()).toEqual(['once']);
    expect(messagesTold(second)).toContain('once');
  });

  it('[O3] go on when the one that leads is closed: the other takes over what it was sending', async () => {
    scene.server.filterUp = (frame) => frame.type !== 'chat.message.send';
    await say(first, 'cut off');
    await say(second, 'never left');
    await settle();
    expect(pendingShown(second)).toEqual(['cut off: sending', 'never left: queued']);
    scene.server.filterUp = () => true;
    // A tab that is closed leaves the store to the other one.
    first.store.close = async () => undefined;
    await first.messenger.close();
    await settle();
    expect(sendFrames()).toEqual(['cut off', 'never left']);
    expect(pendingShown(second)).toEqual([]);
    expect(await shown(second)).toEqual(['cut off', 'never left']);
  });

  it('apply each event once, and both hear of it', async () => {
    for (const text of ['one', 'two', 'three']) boSays(text);
    await settle();
    await scene.clock.advance(1_000);
    const position = scene.server.world.position(scene.ana.id);
    for (const tab of [first, second]) {
      expect(messagesTold(tab)).toEqual(expect.arrayContaining(['one', 'two', 'three']));
      expect(await tab.messenger.conversations.get(scene.conversationId)).toMatchObject({ lastSeq: 3, unreadCount: 3 });
      expect((await tab.messenger.diagnostics()).position).toBe(position);
    }
  });

  it('take nothing back when one of them hears late what the other has long applied', async () => {
    const late = second.sockets.latest;
    late.flow = 'manual';
    for (const text of ['one', 'two', 'three']) boSays(text);
    await settle();
    expect(await second.messenger.conversations.get(scene.conversationId)).toMatchObject({ unreadCount: 3 });
    late.toClient.splice(1);
    late.flushToClient();
    await settle();
    const position = scene.server.world.position(scene.ana.id);
    expect(await second.messenger.conversations.get(scene.conversationId)).toMatchObject({ lastSeq: 3, unreadCount: 3 });
    expect((await first.messenger.diagnostics()).position).toBe(position);
  });

  it('[S4] lose nothing when one of them comes with a snapshot that the other has already gone beyond', async () => {
    const { http, world } = scene.server;
    second.sockets.opening = 'manual';
    world.beginEpoch();
    scene.server.closeAll(1006);
    await scene.clock.advance(5_000);
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const answer = http.request;
    http.request = async (request) => {
      const response = await answer(request);
      if (request.url.endsWith('/snapshot')) await released;
      return response;
    };
    second.sockets.latest.open();
    await settle();
    second.sockets.latest.flow = 'manual';
    boSays('one');
    await settle();
    release();
    await settle();
    boSays('two');
    await settle();
    second.sockets.latest.flushToClient();
    await settle();
    const kept = await first.store.read((reader) => reader.listMessages({ conversationId: scene.conversationId, fromSeq: 1, toSeq: 9 }));
    expect(kept.map(({ text }) => text)).toEqual(['one', 'two']);
    expect((await second.messenger.diagnostics()).position).toBe(world.position(scene.ana.id));
  });

  it('read in one and it is read in the other, told once', async () => {
    boSays('hello');
    await settle();
    await second.messenger.messages.markRead(scene.conversationId, 1);
    await settle();
    expect(first.events.findLast((event) => event.type === 'conversations-changed')).toMatchObject({ conversations: [{ unreadCount: 0 }] });
    await scene.clock.advance(1_000);
    expect(scene.server.frames.filter(({ type }) => type === 'chat.message.read')).toHaveLength(1);
    expect(scene.server.world.conversation(scene.ana.id, scene.conversationId)).toMatchObject({ readSeq: 1 });
  });

  it('[O5] are signed out together, also when the server cannot be reached', async () => {
    for (const tab of [first, second]) tab.network.set(false);
    await first.messenger.session.logout();
    await settle();
    expect(second.messenger.session.state()).toEqual({ status: 'signed-out', reason: 'logout' });
    await expect(shown(second)).rejects.toMatchObject({ code: 'not_authenticated' });
    expect((await second.messenger.diagnostics()).outboxSize).toBe(0);
  });

  it('hear what the other one was told about metered connections, to show it', () => {
    first.messenger.uploads.waitWhileMetered(true);
    expect(second.events.at(-1)).toEqual({ type: 'metered-wait-chosen', waits: true });
    expect(first.events.filter(({ type }) => type === 'metered-wait-chosen')).toEqual([]);
  });
});
