import type { ClientMsgId } from '@couplet/protocol';
import { describe, expect, it } from 'vitest';
import { createScene, type Scene, settle } from '../testing/index.ts';

function fill(scene: Scene, count: number): void {
  for (let index = 1; index <= count; index += 1) {
    const sender = index % 2 === 0 ? scene.ana : scene.bo;
    scene.server.world.send(sender.id, { conversationId: scene.conversationId, clientMsgId: `m-${index}` as ClientMsgId, text: String(index) });
  }
}

const listRequests = (scene: Scene) => scene.server.requests.filter(({ name }) => name === 'listMessages').length;

/** A device that has the conversation's row and none of its messages. */
async function withoutMessages(scene: Scene, device: Awaited<ReturnType<Scene['signedIn']>>): Promise<void> {
  await device.store.transaction(async (writer) => {
    const conversation = await writer.getConversation(scene.conversationId);
    await writer.clearServerState();
    if (conversation !== null) await writer.putConversation(conversation);
  });
}

describe('pages of a conversation', () => {
  it('come from the server once and from the device from then on', async () => {
    const scene = createScene();
    fill(scene, 120);
    const device = await scene.signedIn(scene.ana);
    await withoutMessages(scene, device);
    const query = { conversationId: scene.conversationId, at: 'end', limit: 50 } as const;
    for (let time = 0; time < 2; time += 1) {
      const page = await device.messenger.messages.page(query);
      expect([page.items[0]?.seq, page.items.at(-1)?.seq, page.hasOlder, page.hasNewer]).toEqual([71, 120, true, false]);
    }
    expect(listRequests(scene)).toBe(1);
    scene.server.isReachable = false;
    expect((await device.messenger.messages.page(query)).items).toHaveLength(50);
  });

  it('lead through the whole conversation, up and down', async () => {
    const scene = createScene();
    fill(scene, 230);
    const device = await scene.signedIn(scene.ana);
    await withoutMessages(scene, device);
    const { messages } = device.messenger;
    const { conversationId } = scene;
    let page = await messages.page({ conversationId, at: 'end', limit: 100 });
    const seen = [...page.items];
    while (page.hasOlder) {
      page = await messages.page({ conversationId, at: 'before', seq: page.items[0]?.seq ?? 0, limit: 100 });
      seen.unshift(...page.items);
    }
    expect(seen).toEqual(scene.server.world.messages(scene.ana.id, conversationId));
    page = await messages.page({ conversationId, at: 'around', seq: 100, limit: 20 });
    expect([page.items.length, page.items.some(({ seq }) => seq === 100)]).toEqual([20, true]);
    while (page.hasNewer) page = await messages.page({ conversationId, at: 'after', seq: page.items.at(-1)?.seq ?? 0, limit: 50 });
    expect(page.items.at(-1)?.seq).toBe(230);
    expect(listRequests(scene)).toBe(3);
  });

  it('without the server hold the unbroken stretch that is here', async () => {
    const scene = createScene();
    fill(scene, 100);
    const device = await scene.signedIn(scene.ana);
    await withoutMessages(scene, device);
    const { messages } = device.messenger;
    const { conversationId } = scene;
    await messages.page({ conversationId, at: 'end', limit: 30 });
    scene.server.isReachable = false;
    const page = await messages.page({ conversationId, at: 'end', limit: 50 });
    expect([page.items.length, page.hasOlder]).toEqual([30, true]);
    await expect(messages.page({ conversationId, at: 'before', seq: 50, limit: 10 })).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('of an empty conversation are empty without asking', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    const page = await device.messenger.messages.page({ conversationId: scene.conversationId, at: 'end', limit: 50 });
    expect(page).toEqual({ items: [], hasOlder: false, hasNewer: false });
    expect(listRequests(scene)).toBe(0);
  });
});

describe('changing what was said', () => {
  it('shows an edit, a reaction and its withdrawal, and a deletion on both devices', async () => {
    const scene = createScene();
    const ana = await scene.signedIn(scene.ana);
    const bo = await scene.signedIn(scene.bo);
    await ana.messenger.messages.send({ conversationId: scene.conversationId, text: 'helo' });
    await settle();
    const last = async (device: typeof ana) => (await device.messenger.conversations.get(scene.conversationId))?.lastMessage ?? null;
    const id = (await last(ana))?.id;
    if (id === undefined) throw new Error('nothing was sent');
    await ana.messenger.messages.edit(id, 'hello');
    await bo.messenger.messages.react(id, '👍');
    await settle();
    for (const device of [ana, bo]) expect(await last(device)).toMatchObject({ text: 'hello', reactions: [{ userId: scene.bo.id, emoji: '👍' }], version: 2 });
    await bo.messenger.messages.react(id, null);
    await ana.messenger.messages.delete(id);
    await settle();
    for (const device of [ana, bo]) expect(await last(device)).toEqual(scene.server.world.messages(scene.ana.id, scene.conversationId)[0]);
    expect((await bo.messenger.conversations.get(scene.conversationId))?.unreadCount).toBe(0);
  });

  it('sends a reply with its quote, which the pending message shows already', async () => {
    const scene = createScene();
    fill(scene, 1);
    const device = await scene.signedIn(scene.ana);
    const { items } = await device.messenger.messages.page({ conversationId: scene.conversationId, at: 'end', limit: 1 });
    const [original] = items;
    if (original === undefined) throw new Error('nothing to reply to');
    const pending = await device.messenger.messages.send({ conversationId: scene.conversationId, text: 'yes', replyTo: original });
    expect(pending.replyTo).toMatchObject({ messageId: original.id, excerpt: '1' });
    await settle();
    expect(scene.server.world.messages(scene.ana.id, scene.conversationId)[1]?.replyTo).toEqual(pending.replyTo);
  });
});

describe('a message that is sent', () => {
  it('is composed before it is stored, and is the one that is stored', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    const { messages } = device.messenger;
    const composed: unknown[] = [];
    const storedThen: Promise<unknown>[] = [];
    const sending = messages.send({ conversationId: scene.conversationId, text: 'Here at once' }, (pending) => {
      composed.push(pending);
      storedThen.push(messages.pending(scene.conversationId));
    });
    // In the turn in which it is said: the screen shows it in the same frame as the emptied field.
    expect(composed).toHaveLength(1);
    const sent = await sending;
    expect(composed).toEqual([sent]);
    expect(await Promise.all(storedThen)).toEqual([[]]);
    await expect(messages.send({ conversationId: scene.conversationId, text: '' }, (pending) => void composed.push(pending))).rejects.toMatchObject({ code: 'validation_failed' });
    expect(composed).toHaveLength(1);
  });

  it('[O1] takes the place of its draft in the same transaction, and the other devices lose the draft', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    const other = await scene.signedIn(scene.ana);
    const { conversationId } = scene;
    const draftOn = async ({ messenger }: typeof device) => (await messenger.conversations.get(conversationId))?.draft;
    await device.messenger.conversations.update(conversationId, { draft: 'Half a sentence' });
    await scene.clock.advance(1_000);
    expect(await draftOn(other)).toBe('Half a sentence');
    device.network.set(false);
    const { transaction } = device.store;
    const seen: [string | undefined, number][] = [];
    device.store.transaction = (body) =>
      transaction(async (writer) => {
        const result = await body(writer);
        seen.push([(await writer.getSettings(conversationId))?.settings.draft, (await writer.listOutbox()).length]);
        return result;
      });
    await device.messenger.messages.send({ conversationId, text: 'A whole sentence', clearsDraft: true });
    expect(seen[0]).toEqual(['', 1]);
    expect(await draftOn(device)).toBe('');
    device.network.set(true);
    await scene.clock.advance(5_000);
    expect(await draftOn(other)).toBe('');
  });
});
