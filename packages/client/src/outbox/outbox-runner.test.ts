import { type ClientMsgId, CoupletError } from '@couplet/protocol';
import { describe, expect, it } from 'vitest';
import { createScene, type Device, type Scene, settle } from '../testing/index.ts';

function storedTexts(scene: Scene): (string | undefined)[] {
  return scene.server.world.messages(scene.ana.id, scene.conversationId).map(({ text }) => text);
}

async function pendingOn(scene: Scene, device: Device): Promise<string[]> {
  return (await device.messenger.messages.pending(scene.conversationId)).map(({ text, state }) => `${text}: ${state.status}`);
}

const say = (scene: Scene, device: Device, text: string) => device.messenger.messages.send({ conversationId: scene.conversationId, text });

/** Stored, the answer lost, and the device away before it hears anything of it. */
async function sendUnanswered(scene: Scene, device: Device, text: string): Promise<void> {
  scene.server.filterDown = ({ type }) => type !== 'chat.message.ack' && type !== 'chat.message.new';
  scene.server.answersNever = (name) => name === 'sendMessage';
  await say(scene, device, text);
  await settle();
  expect(storedTexts(scene)).toEqual([text]);
  device.network.set(false);
  scene.server.filterDown = () => true;
  scene.server.answersNever = () => false;
}

/** The device comes back when its position is too old, to a snapshot of what was said since alone. */
function comeBackBehind(scene: Scene, device: Device, messages: number): void {
  const { server, bo, conversationId } = scene;
  for (let index = 1; index <= messages; index += 1) server.world.send(bo.id, { conversationId, clientMsgId: `bo-${index}` as ClientMsgId, text: `bo ${index}` });
  server.messagesInSnapshot = messages;
  server.world.trimmedTo = server.world.position(scene.ana.id) - 1;
  device.network.set(true);
}

describe('sending', () => {
  it('puts the entry in the store before anything goes out', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    device.network.set(false);
    const pending = await say(scene, device, 'offline');
    expect(pending.state).toEqual({ status: 'queued' });
    expect(await pendingOn(scene, device)).toEqual(['offline: queued']);
    expect(device.events.at(-1)).toMatchObject({ type: 'pending-changed', pending: [pending] });
    device.network.set(true);
    await settle();
    expect(storedTexts(scene)).toEqual(['offline']);
    expect(await pendingOn(scene, device)).toEqual([]);
  });

  it('[D3] sends again with the same id when the answer was lost, and ends as one message', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    scene.server.filterDown = (frame) => frame.type !== 'chat.message.ack';
    const { clientMsgId } = await say(scene, device, 'only once');
    await settle();
    expect(storedTexts(scene)).toEqual(['only once']);
    expect(await pendingOn(scene, device)).toEqual(['only once: sending']);
    scene.server.filterDown = () => true;
    await scene.clock.advance(15_000);
    const sends = scene.server.frames.flatMap((frame) => (frame.type === 'chat.message.send' ? [frame.data.clientMsgId] : []));
    expect(sends).toEqual([clientMsgId, clientMsgId]);
    expect(storedTexts(scene)).toEqual(['only once']);
    expect(await pendingOn(scene, device)).toEqual([]);
    const page = await device.messenger.messages.page({ conversationId: scene.conversationId, at: 'end', limit: 10 });
    expect(page.items).toEqual(scene.server.world.messages(scene.ana.id, scene.conversationId));
    expect(await device.messenger.conversations.get(scene.conversationId)).toEqual(scene.server.world.conversation(scene.ana.id, scene.conversationId));
  });

  it('settles by the log when the message comes back that way before its acknowledgement', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    scene.server.filterDown = (frame) => frame.type !== 'chat.message.ack';
    await say(scene, device, 'hello');
    await settle();
    scene.server.closeAll(1006);
    scene.server.filterUp = (frame) => frame.type !== 'chat.message.send';
    await scene.clock.advance(1_000);
    expect(await pendingOn(scene, device)).toEqual([]);
    expect((await device.messenger.messages.page({ conversationId: scene.conversationId, at: 'end', limit: 10 })).items).toHaveLength(1);
  });

  it('goes on with the next as soon as the log shows the one before as stored', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    scene.server.filterDown = (frame) => frame.type !== 'chat.message.ack';
    await say(scene, device, 'stored');
    await say(scene, device, 'behind it');
    await settle();
    // Its answer is given up, and the next try is a minute away.
    scene.server.refuse = (frame) => {
      if (frame.type === 'chat.message.send') throw new CoupletError('rate_limited', 'slower', { retryAfterMs: 60_000 });
    };
    await scene.clock.advance(12_000);
    expect(await pendingOn(scene, device)).toEqual(['stored: queued', 'behind it: queued']);
    scene.server.refuse = () => undefined;
    scene.server.filterDown = () => true;
    // A hole in the log: what fills it brings the stored message too.
    scene.server.world.send(scene.bo.id, { conversationId: scene.conversationId, clientMsgId: 'bo-1' as ClientMsgId, text: 'from Bo' });
    await scene.clock.advance(300);
    expect(storedTexts(scene)).toEqual(['stored', 'from Bo', 'behind it']);
  });

  it('keeps the order of a conversation when a send in the middle has to be repeated', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    let refusals = 2;
    scene.server.refuse = (frame) => {
      if (frame.type === 'chat.message.send' && frame.data.text === '2' && refusals > 0) {
        refusals -= 1;
        throw new CoupletError('unavailable');
      }
    };
    for (const text of ['1', '2', '3', '4']) await say(scene, device, text);
    await settle();
    expect(storedTexts(scene)).toEqual(['1']);
    await scene.clock.advance(10_000);
    expect(storedTexts(scene)).toEqual(['1', '2', '3', '4']);
  });

  it('stops at a refusal visibly, lets later ones pass, and offers retry and discard', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    scene.server.refuse = (frame) => {
      if (frame.type === 'chat.message.send' && frame.data.text !== 'fine') throw new CoupletError('blocked');
    };
    const refused = await say(scene, device, 'refused');
    const unwanted = await say(scene, device, 'unwanted');
    await say(scene, device, 'fine');
    await settle();
    expect(await pendingOn(scene, device)).toEqual(['refused: failed', 'unwanted: failed']);
    expect(storedTexts(scene)).toEqual(['fine']);
    scene.server.refuse = () => undefined;
    await device.messenger.messages.discard(unwanted.clientMsgId);
    await device.messenger.messages.retry(refused.clientMsgId);
    await settle();
    expect(await pendingOn(scene, device)).toEqual([]);
    expect(storedTexts(scene)).toEqual(['fine', 'refused']);
    expect(scene.server.world.messages(scene.ana.id, scene.conversationId)[1]?.clientMsgId).toBe(refused.clientMsgId);
    await expect(device.messenger.messages.retry(refused.clientMsgId)).resolves.toBeUndefined();
    await expect(device.messenger.messages.retry('never-was')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('[O2] tries again for ever, at most a minute apart, and at once when the connection is back', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    let tries = 0;
    scene.server.refuse = (frame) => {
      if (frame.type !== 'chat.message.send') return;
      tries += 1;
      throw new CoupletError('unavailable');
    };
    await say(scene, device, 'persistent');
    await scene.clock.advance(60 * 60_000);
    expect(tries).toBeGreaterThan(60);
    expect(await pendingOn(scene, device)).toEqual(['persistent: queued']);
    scene.server.refuse = () => undefined;
    device.network.set(false);
    await settle();
    device.network.set(true);
    await settle();
    expect(storedTexts(scene)).toEqual(['persistent']);
  });

  it('waits as long as a rate limit says', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    scene.server.refuse = (frame) => {
      if (frame.type === 'chat.message.send') throw new CoupletError('rate_limited', 'slower', { retryAfterMs: 5_000 });
    };
    await say(scene, device, 'patience');
    await settle();
    scene.server.refuse = () => undefined;
    await scene.clock.advance(4_999);
    expect(storedTexts(scene)).toEqual([]);
    await scene.clock.advance(1);
    expect(storedTexts(scene)).toEqual(['patience']);
  });

  it('sends after a restart what was being sent when the app ended, once', async () => {
    const scene = createScene();
    const first = await scene.signedIn(scene.ana);
    scene.server.filterDown = (frame) => frame.type !== 'chat.message.ack';
    await say(scene, first, 'stored, answer lost');
    scene.server.filterUp = (frame) => frame.type !== 'chat.message.send' || scene.server.world.messages(scene.ana.id, scene.conversationId).length === 0;
    await settle();
    await say(scene, first, 'never left');
    await first.messenger.close();
    scene.server.filterDown = () => true;
    scene.server.filterUp = () => true;
    const second = scene.device({ store: first.store, tokens: first.tokens });
    await second.messenger.start();
    expect(await pendingOn(scene, second)).toEqual(['stored, answer lost: queued', 'never left: queued']);
    await settle();
    expect(storedTexts(scene)).toEqual(['stored, answer lost', 'never left']);
    expect(await pendingOn(scene, second)).toEqual([]);
  });

  it.each(['the native protocol', 'Pusher'])('[S3] takes over %s from the answer to a replay what became of the message behind a snapshot that does not reach back to it', async (protocol) => {
    const scene = createScene();
    const { server, conversationId, ana, bo } = scene;
    const device = await scene.signedIn(ana, { isPusher: protocol === 'Pusher' });
    await sendUnanswered(scene, device, 'received, read, reacted to');
    server.world.advance(bo.id, 'delivered', conversationId, 1);
    server.world.advance(bo.id, 'read', conversationId, 1);
    server.world.react(bo.id, server.world.messages(ana.id, conversationId)[0]!.id, '👍');
    comeBackBehind(scene, device, 3);
    await scene.clock.advance(60_000);
    expect(await pendingOn(scene, device)).toEqual([]);
    const [shown] = (await device.messenger.messages.page({ conversationId, at: 'end', limit: 10 })).items;
    expect(shown).toEqual(server.world.messages(ana.id, conversationId)[0]);
    expect(shown).toMatchObject({ reactions: [{ emoji: '👍' }], deliveredAt: expect.any(String), readAt: expect.any(String) });
  });

  it('learns from the answer to a replay that the message is deleted, and wants no more of it', async () => {
    const scene = createScene();
    const { server, conversationId, ana } = scene;
    const device = await scene.signedIn(ana);
    await sendUnanswered(scene, device, 'deleted elsewhere');
    const sent = server.world.messages(ana.id, conversationId)[0]!;
    await device.messenger.messages.react(sent.clientMsgId, '👍');
    server.world.delete(ana.id, sent.id);
    comeBackBehind(scene, device, 1);
    await scene.clock.advance(60_000);
    const [shown] = (await device.messenger.messages.page({ conversationId, at: 'end', limit: 10 })).items;
    expect(shown).toEqual(server.world.messages(ana.id, conversationId)[0]);
    expect(server.frames.filter(({ type }) => type === 'chat.message.send')).toHaveLength(2);
    expect(server.requests.filter(({ name }) => name === 'addReaction')).toEqual([]);
    expect(await device.messenger.messages.pending(conversationId)).toEqual([]);
  });

  it("does not count an own send's place in the log as a gap, nor miss a peer's message before it", async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    device.sockets.latest.flow = 'manual';
    scene.server.world.send(scene.bo.id, { conversationId: scene.conversationId, clientMsgId: 'bo-1' as ClientMsgId, text: 'before' });
    await say(scene, device, 'after');
    await settle();
    device.sockets.latest.flushToServer();
    // The acknowledgement overtakes the event before it.
    device.sockets.latest.toClient.reverse();
    const [ack = '', event = ''] = device.sockets.latest.toClient.splice(0);
    device.sockets.latest.toClient.push(ack);
    device.sockets.latest.flushToClient();
    await settle();
    expect(await pendingOn(scene, device)).toEqual([]);
    device.sockets.latest.toClient.push(event);
    device.sockets.latest.flushToClient();
    await scene.clock.advance(250);
    expect(await device.messenger.conversations.get(scene.conversationId)).toMatchObject({ lastSeq: 2, unreadCount: 1 });
    expect(scene.server.frames.some(({ type }) => type === 'chat.sync')).toBe(false);
  });

  it('refuses what could never be sent before it is in the outbox', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    await expect(say(scene, device, '  \n ')).rejects.toMatchObject({ code: 'validation_failed' });
    await expect(say(scene, device, 'x'.repeat(8_001))).rejects.toMatchObject({ code: 'validation_failed' });
    expect(await pendingOn(scene, device)).toEqual([]);
  });
});
