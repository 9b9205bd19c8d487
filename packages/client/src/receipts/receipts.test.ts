import type { ClientMsgId } from '@couplet/protocol';
import { describe, expect, it } from 'vitest';
import { createScene, type Scene, settle } from '../testing/index.ts';

let sentSoFar = 0;

function boSays(scene: Scene, times = 1): void {
  for (let index = 0; index < times; index += 1) {
    sentSoFar += 1;
    scene.server.world.send(scene.bo.id, { conversationId: scene.conversationId, clientMsgId: `r-${sentSoFar}` as ClientMsgId, text: 'x' });
  }
}

function told(scene: Scene): string[] {
  return scene.server.frames.flatMap((frame) =>
    frame.type === 'chat.message.delivered' || frame.type === 'chat.message.read' ? [`${frame.type.slice('chat.message.'.length)} ${frame.data.seq}`] : [],
  );
}

const shown = async (scene: Scene, device: Awaited<ReturnType<Scene['signedIn']>>) =>
  (await device.messenger.conversations.get(scene.conversationId)) ?? { unreadCount: -1, readSeq: -1 };

describe('receipts', () => {
  it('confirm a burst of messages with one frame', async () => {
    const scene = createScene();
    await scene.signedIn(scene.ana);
    boSays(scene, 5);
    await scene.clock.advance(299);
    expect(told(scene)).toEqual([]);
    await scene.clock.advance(1);
    expect(told(scene)).toEqual(['delivered 5']);
    await scene.clock.advance(60_000);
    expect(told(scene)).toEqual(['delivered 5']);
  });

  it('confirm what a snapshot brought', async () => {
    const scene = createScene();
    boSays(scene, 3);
    await scene.signedIn(scene.ana);
    await scene.clock.advance(300);
    expect(told(scene)).toEqual(['delivered 3']);
  });

  it('clear the badge at once, tell it once, and do not flicker when the events come back', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    boSays(scene, 4);
    await settle();
    for (const seq of [1, 2, 4, 3]) await device.messenger.messages.markRead(scene.conversationId, seq);
    expect(await shown(scene, device)).toMatchObject({ unreadCount: 0, readSeq: 4 });
    const before = device.events.length;
    await scene.clock.advance(300);
    expect(told(scene)).toEqual(['read 4']);
    const counts = device.events.slice(before).flatMap((event) => (event.type === 'conversations-changed' ? event.conversations.map((row) => row.unreadCount) : []));
    expect(counts.every((count) => count === 0)).toBe(true);
    expect(scene.server.world.conversation(scene.ana.id, scene.conversationId).readSeq).toBe(4);
    expect(await device.store.read((reader) => reader.listReceipts())).toEqual([]);
  });

  it('count what is left when only a part was read', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    boSays(scene, 4);
    await settle();
    await device.messenger.messages.markRead(scene.conversationId, 3);
    expect(await shown(scene, device)).toMatchObject({ unreadCount: 1, readSeq: 3 });
    boSays(scene);
    await settle();
    expect(await shown(scene, device)).toMatchObject({ unreadCount: 2, readSeq: 3 });
  });

  it('read offline are kept over a restart and told on the next connection', async () => {
    const scene = createScene();
    const first = await scene.signedIn(scene.ana);
    boSays(scene, 2);
    await settle();
    first.network.set(false);
    await first.messenger.messages.markRead(scene.conversationId, 2);
    await first.messenger.close();
    const second = scene.device({ store: first.store, tokens: first.tokens });
    await second.messenger.start();
    expect(await shown(scene, second)).toMatchObject({ unreadCount: 0 });
    await scene.clock.advance(300);
    expect(told(scene)).toEqual(['read 2']);
  });

  it('of a catch-up in many conversations go out side by side, and one that fails holds up no other', async () => {
    const scene = createScene();
    const { world } = scene.server;
    const people = Array.from({ length: 9 }, (_, index) => scene.server.addUser(`Peer ${index}`));
    const conversations = people.map(({ id }) => world.openConversation(scene.ana.id, id));
    for (const [index, conversationId] of conversations.entries()) {
      world.send(people[index]!.id, { conversationId, clientMsgId: `many-${index}` as ClientMsgId, text: 'x' });
    }
    const device = await scene.signedIn(scene.ana);
    const [, unlucky] = conversations;
    scene.server.filterUp = (frame) => frame.type !== 'chat.message.delivered' || frame.data.conversationId !== unlucky;
    await scene.clock.advance(300);
    // Two rounds of four, and one of the second gets no answer.
    expect(told(scene)).toHaveLength(7);
    expect(await device.store.read((reader) => reader.listReceipts())).toHaveLength(5);
    scene.server.filterUp = () => true;
    await scene.clock.advance(60_000);
    expect(conversations.map((id) => world.conversation(people[conversations.indexOf(id)]!.id, id).peerDeliveredSeq)).toEqual(conversations.map(() => 1));
    expect(await device.store.read((reader) => reader.listReceipts())).toEqual([]);
  });

  it('are told again when the answer was lost', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    boSays(scene);
    await settle();
    scene.server.filterUp = (frame) => frame.type !== 'chat.message.read';
    await device.messenger.messages.markRead(scene.conversationId, 1);
    await scene.clock.advance(300);
    scene.server.filterUp = () => true;
    await scene.clock.advance(20_000);
    expect(scene.server.world.conversation(scene.ana.id, scene.conversationId).readSeq).toBe(1);
  });

  it('never go beyond the last message', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    boSays(scene);
    await settle();
    await device.messenger.messages.markRead(scene.conversationId, 99);
    expect(await shown(scene, device)).toMatchObject({ readSeq: 1 });
  });

  it('of one device clear the badge on the other', async () => {
    const scene = createScene();
    const phone = await scene.signedIn(scene.ana);
    const laptop = await scene.signedIn(scene.ana);
    boSays(scene, 3);
    await settle();
    await phone.messenger.messages.markRead(scene.conversationId, 3);
    await scene.clock.advance(300);
    expect(await shown(scene, laptop)).toMatchObject({ unreadCount: 0, readSeq: 3 });
  });
});
