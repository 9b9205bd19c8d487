import { type ConversationId, CoupletError } from '@couplet/protocol';
import { describe, expect, it } from 'vitest';
import { createScene, type Scene, settle } from '../testing/index.ts';

const patches = (scene: Scene) => scene.server.requests.flatMap(({ name, body }) => (name === 'updateConversation' ? [body] : []));

describe('the list of conversations', () => {
  it('goes on at the server past the edge of the device', async () => {
    const scene = createScene();
    for (let index = 0; index < 250; index += 1) {
      await scene.clock.advance(1_000);
      scene.server.world.openConversation(scene.ana.id, scene.server.addUser(`User${index}`).id);
    }
    scene.server.conversationsInSnapshot = 20;
    const device = await scene.signedIn(scene.ana);
    const ids: ConversationId[] = [];
    let hasMore = true;
    while (hasMore) {
      const page = await device.messenger.conversations.list({ limit: 30, offset: ids.length });
      ids.push(...page.items.map(({ id }) => id));
      hasMore = page.hasMore;
    }
    expect(ids).toEqual(scene.server.world.conversations(scene.ana.id).map(({ id }) => id));
    const asked = scene.server.requests.length;
    await device.messenger.conversations.list({ limit: 300, offset: 0 });
    expect(scene.server.requests.length).toBe(asked);
  });

  it('shows what is on the device when the server cannot be reached', async () => {
    const scene = createScene();
    const cleo = scene.server.addUser('Cleo');
    scene.server.world.openConversation(scene.ana.id, cleo.id);
    scene.server.conversationsInSnapshot = 1;
    const device = await scene.signedIn(scene.ana);
    scene.server.isReachable = false;
    const page = await device.messenger.conversations.list({ limit: 10, offset: 0 });
    expect([page.items.length, page.hasMore]).toEqual([1, true]);
  });
});

describe('a conversation', () => {
  it('is opened from the device when it is there, else at the server', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    const cleo = scene.server.addUser('Cleo');
    expect((await device.messenger.conversations.openWith(scene.bo.id)).id).toBe(scene.conversationId);
    expect(scene.server.requests.some(({ name }) => name === 'createConversation')).toBe(false);
    const opened = await device.messenger.conversations.openWith(cleo.id);
    expect(opened.peer.id).toBe(cleo.id);
    expect(await device.messenger.conversations.get(opened.id)).toEqual(opened);
  });

  it('is read from the server where the device does not have it, and is nothing where it is not theirs', async () => {
    const scene = createScene();
    const older = scene.conversationId;
    await scene.clock.advance(1_000);
    scene.server.world.openConversation(scene.ana.id, scene.server.addUser('Cleo').id);
    scene.server.conversationsInSnapshot = 1;
    const device = await scene.signedIn(scene.ana);
    const { conversations } = device.messenger;
    scene.server.isReachable = false;
    await expect(conversations.get(older)).rejects.toBeInstanceOf(CoupletError);
    scene.server.isReachable = true;
    expect(await conversations.get(older)).toMatchObject({ id: older, peer: { id: scene.bo.id } });
    const others = scene.server.world.openConversation(scene.bo.id, scene.server.addUser('Dag').id);
    expect(await conversations.get(others)).toBeNull();
  });

  it('shows changed settings at once and tells the server the last of them', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    const { conversations } = device.messenger;
    await conversations.update(scene.conversationId, { draft: 'h' });
    await conversations.update(scene.conversationId, { draft: 'he' });
    expect(await conversations.update(scene.conversationId, { pinned: true })).toMatchObject({ draft: 'he', pinned: true });
    expect(patches(scene)).toEqual([]);
    await scene.clock.advance(400);
    expect(patches(scene)).toEqual([{ draft: 'he', pinned: true }]);
    expect(await device.store.read((reader) => reader.listSettings())).toEqual([]);
    expect(await conversations.get(scene.conversationId)).toMatchObject({ draft: 'he', pinned: true });
  });

  it('keeps a draft typed offline over a restart, and tells it when it is back', async () => {
    const scene = createScene();
    const first = await scene.signedIn(scene.ana);
    first.network.set(false);
    await first.messenger.conversations.update(scene.conversationId, { draft: 'on the train' });
    await first.messenger.close();
    const second = scene.device({ store: first.store, tokens: first.tokens });
    await second.messenger.start();
    expect(await second.messenger.conversations.get(scene.conversationId)).toMatchObject({ draft: 'on the train' });
    await scene.clock.advance(0);
    await settle();
    expect(scene.server.world.conversation(scene.ana.id, scene.conversationId).draft).toBe('on the train');
  });

  it('that changed on one device changes on the other', async () => {
    const scene = createScene();
    const phone = await scene.signedIn(scene.ana);
    const laptop = await scene.signedIn(scene.ana);
    await phone.messenger.conversations.update(scene.conversationId, { archived: true });
    await scene.clock.advance(400);
    expect(await laptop.messenger.conversations.get(scene.conversationId)).toMatchObject({ archived: true });
  });
});
