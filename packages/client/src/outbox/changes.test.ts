import { type ClientMsgId, CoupletError, type Message, type MessageId } from '@couplet/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { createScene, type Device, MemorySiblings, type Scene, settle } from '../testing/index.ts';

let scene: Scene;
let device: Device;

/** Ana's phone, on which she said "hello" and Bo "hi". */
beforeEach(async () => {
  scene = createScene();
  device = await scene.signedIn(scene.ana);
  await say('hello');
  await settle();
  scene.server.world.send(scene.bo.id, { conversationId: scene.conversationId, clientMsgId: 'bo-1' as ClientMsgId, text: 'hi' });
  await settle();
});

const say = (text: string) => device.messenger.messages.send({ conversationId: scene.conversationId, text });
const atServer = () => scene.server.world.messages(scene.ana.id, scene.conversationId);
const idOf = (text: string) => atServer().find((message) => message.text === text)?.id as MessageId;
const changeCalls = () => scene.server.requests.flatMap(({ name }) => (CHANGES.has(name) ? [name] : []));
const CHANGES: ReadonlySet<string> = new Set(['editMessage', 'deleteMessage', 'addReaction', 'removeReaction']);

/** Each message in a word: text, † for a tombstone, reactions behind it. */
const inWords = (messages: readonly Message[]) =>
  messages.map(({ text, deletedAt, reactions }) => [deletedAt === undefined ? text : '†', ...reactions.map(({ emoji }) => emoji)].join(' '));

async function shown(on = device): Promise<string[]> {
  return inWords((await on.messenger.messages.page({ conversationId: scene.conversationId, at: 'end', limit: 50 })).items);
}

async function changes(on = device): Promise<string[]> {
  return (await on.messenger.messages.pendingChanges(scene.conversationId)).map((change) => `${change.type}: ${change.state.status}`);
}

async function pending(): Promise<string[]> {
  return (await device.messenger.messages.pending(scene.conversationId)).map(({ text, state, isDeleted }) => `${isDeleted ? '†' : text}: ${state.status}`);
}

async function restart(): Promise<void> {
  await device.messenger.close();
  device = scene.device({ store: device.store, tokens: device.tokens });
  device.sockets.opening = 'manual';
  await device.messenger.start();
  await settle();
}

async function plug(): Promise<void> {
  if (device.sockets.opening === 'manual') device.sockets.latest.open();
  device.network.set(true);
  await settle();
}

describe('changes of messages', () => {
  it('[O1] made offline show at once, survive a restart, and are told once', async () => {
    device.network.set(false);
    const { messages, conversations } = device.messenger;
    await messages.edit(idOf('hello'), 'hello there');
    await messages.react(idOf('hi'), '👍');
    expect(await shown()).toEqual(['hello there', 'hi 👍']);
    expect(await conversations.get(scene.conversationId)).toMatchObject({ lastMessage: { reactions: [{ userId: scene.ana.id, emoji: '👍' }] } });
    expect(inWords(atServer())).toEqual(['hello', 'hi']);
    await restart();
    expect(await shown()).toEqual(['hello there', 'hi 👍']);
    expect(await changes()).toEqual(['edit: queued', 'reaction: queued']);
    await plug();
    expect(inWords(atServer())).toEqual(['hello there', 'hi 👍']);
    expect(changeCalls()).toEqual(['editMessage', 'addReaction']);
    expect(await changes()).toEqual([]);
    expect((await device.messenger.messages.page({ conversationId: scene.conversationId, at: 'end', limit: 9 })).items).toEqual(atServer());
  });

  it('are told to listeners as the message shows them, the message before what waits', async () => {
    device.network.set(false);
    const told = device.events.length;
    await device.messenger.messages.edit(idOf('hello'), 'hello there');
    const { conversationId } = scene;
    expect(device.events.slice(told)).toMatchObject([
      { type: 'messages-changed', conversationId, messages: [{ text: 'hello there', version: 0 }] },
      { type: 'pending-changed', conversationId, pending: [], changes: [{ type: 'edit', state: { status: 'queued' } }] },
    ]);
  });

  it('collapse: of several edits and reactions the last, of a deletion only itself, and nothing where all ends as it was', async () => {
    device.network.set(false);
    const { messages } = device.messenger;
    for (const text of ['one', 'two', 'three']) await messages.edit(idOf('hello'), text);
    for (const emoji of ['👍', '❤️', null]) await messages.react(idOf('hi'), emoji);
    expect(await changes()).toEqual(['edit: queued']);
    await messages.edit(idOf('hello'), 'hello');
    expect(await changes()).toEqual([]);
    await messages.edit(idOf('hello'), 'four');
    await messages.react(idOf('hello'), '😂');
    await messages.delete(idOf('hello'));
    expect(await shown()).toEqual(['†', 'hi']);
    expect(await changes()).toEqual(['delete: queued']);
    await expect(messages.edit(idOf('hello'), 'five')).rejects.toMatchObject({ code: 'conflict' });
    await plug();
    expect(changeCalls()).toEqual(['deleteMessage']);
    expect(inWords(atServer())).toEqual(['†', 'hi']);
    expect((await messages.page({ conversationId: scene.conversationId, at: 'end', limit: 9 })).items).toEqual(atServer());
  });

  it('show in what a search finds, which is not found any more by words it lost', async () => {
    device.network.set(false);
    scene.server.isReachable = false;
    const find = async (q: string) => inWords((await device.messenger.messages.search({ q })).items);
    await device.messenger.messages.react(idOf('hi'), '👍');
    await device.messenger.messages.edit(idOf('hello'), 'hello there');
    expect([await find('hi'), await find('hello')]).toEqual([['hi 👍'], ['hello there']]);
    await device.messenger.messages.edit(idOf('hello'), 'good evening');
    expect(await find('hello')).toEqual([]);
  });

  it('replace a reaction and take it back', async () => {
    for (const [emoji, expected] of [['👍', 'hi 👍'], ['❤️', 'hi ❤️'], [null, 'hi']] as const) {
      await device.messenger.messages.react(idOf('hi'), emoji);
      expect((await shown())[1]).toBe(expected);
      await settle();
      expect(inWords(atServer())[1]).toBe(expected);
    }
    expect(changeCalls()).toEqual(['addReaction', 'addReaction', 'removeReaction']);
  });

  it('go out after what was written before them in the conversation', async () => {
    device.network.set(false);
    await say('second');
    await device.messenger.messages.edit(idOf('hello'), 'first');
    await say('third');
    let before: string[] = [];
    scene.server.refuseCall = (name) => {
      if (name === 'editMessage') before = inWords(atServer());
    };
    await plug();
    expect(before).toEqual(['hello', 'hi', 'second']);
    expect(inWords(atServer())).toEqual(['first', 'hi', 'second', 'third']);
  });

  it('wait for the server as messages do: as long as it says, and again when no answer came', async () => {
    const answers: (() => void)[] = [
      () => {
        throw new CoupletError('rate_limited', 'slower', { retryAfterMs: 5_000 });
      },
      () => {
        throw new CoupletError('unavailable');
      },
    ];
    scene.server.refuseCall = (name) => (CHANGES.has(name) ? answers.shift()?.() : undefined);
    await device.messenger.messages.edit(idOf('hello'), 'patience');
    await settle();
    await scene.clock.advance(4_999);
    expect(changeCalls()).toHaveLength(1);
    await scene.clock.advance(1);
    expect(changeCalls()).toHaveLength(2);
    expect(inWords(atServer())[0]).toBe('hello');
    await scene.clock.advance(60_000);
    expect(inWords(atServer())[0]).toBe('patience');
    expect(await changes()).toEqual([]);
  });

  it('have their effect once though the answer was lost', async () => {
    scene.server.losesAnswer = (name) => CHANGES.has(name);
    await device.messenger.messages.react(idOf('hi'), '👍');
    await settle();
    expect(await changes()).toEqual(['reaction: queued']);
    scene.server.losesAnswer = () => false;
    await scene.clock.advance(2_000);
    expect(await changes()).toEqual([]);
    expect(atServer()[1]).toMatchObject({ version: 1, reactions: [{ emoji: '👍' }] });
    expect(await shown()).toEqual(['hello', 'hi 👍']);
  });

  it('are taken out by the person after a lost answer only as the server can follow', async () => {
    scene.server.losesAnswer = (name) => CHANGES.has(name);
    await device.messenger.messages.react(idOf('hi'), '👍');
    await settle();
    // It may stand at the server: to end without it, it has to be taken back there.
    await device.messenger.messages.react(idOf('hi'), null);
    expect(await shown()).toEqual(['hello', 'hi']);
    scene.server.losesAnswer = () => false;
    await scene.clock.advance(60_000);
    expect(inWords(atServer())).toEqual(['hello', 'hi']);
    expect(await changes()).toEqual([]);
  });
});

describe('a change of what is still in the outbox', () => {
  it('changes the text that goes out, or takes the message out, before it was ever sent', async () => {
    device.network.set(false);
    const kept = await say('helo again');
    const dropped = await say('never mind');
    await device.messenger.messages.edit(kept.clientMsgId, 'hello again');
    await device.messenger.messages.delete(dropped.clientMsgId);
    expect(await pending()).toEqual(['hello again: queued']);
    await plug();
    expect(inWords(atServer())).toEqual(['hello', 'hi', 'hello again']);
    expect(changeCalls()).toEqual([]);
  });

  it('follows a message that is being sent, under the id it was given', async () => {
    device.sockets.latest.flow = 'manual';
    const sending = await say('helo again');
    await settle();
    await device.messenger.messages.edit(sending.clientMsgId, 'hello again');
    expect(await pending()).toEqual(['hello again: sending']);
    device.sockets.latest.flushToServer();
    device.sockets.latest.flushToClient();
    await settle();
    expect(await shown()).toEqual(['hello', 'hi', 'hello again']);
    await scene.clock.advance(1_000);
    expect(atServer()[2]).toMatchObject({ text: 'hello again', version: 1 });
    expect(await changes()).toEqual([]);
  });

  it('[D4] follows a message whose answer was lost, so that the text and its replay stay one', async () => {
    scene.server.filterDown = (frame) => frame.type !== 'chat.message.ack';
    const lost = await say('may be stored');
    const other = await say('not wanted');
    await settle();
    await scene.clock.advance(11_000);
    await device.messenger.messages.edit(lost.clientMsgId, 'with another text');
    await device.messenger.messages.discard(other.clientMsgId);
    expect((await pending())[0]).toMatch(/^with another text/);
    scene.server.filterDown = () => true;
    await scene.clock.advance(60_000);
    expect(await pending()).toEqual([]);
    expect(inWords(atServer())).toEqual(['hello', 'hi', 'with another text']);
    expect(await shown()).toEqual(inWords(atServer()));
  });

  it('[D4] deletes a message that may be stored where it may be stored', async () => {
    scene.server.filterDown = (frame) => frame.type !== 'chat.message.ack';
    const lost = await say('stored, though nobody said so');
    await settle();
    await device.messenger.messages.delete(lost.clientMsgId);
    expect(await pending()).toEqual(['†: sending']);
    await restart();
    expect(await pending()).toEqual(['†: queued']);
    scene.server.filterDown = () => true;
    await plug();
    expect(inWords(atServer())).toEqual(['hello', 'hi', '†']);
    expect(await shown()).toEqual(inWords(atServer()));
    expect(await pending()).toEqual([]);
  });

  it('becomes part of a message that is refused', async () => {
    device.sockets.latest.flow = 'manual';
    scene.server.refuse = (frame) => {
      if (frame.type === 'chat.message.send') throw new CoupletError('blocked');
    };
    const edited = await say('helo again');
    await settle();
    await device.messenger.messages.edit(edited.clientMsgId, 'hello again');
    const deleted = await say('never mind');
    device.sockets.latest.flow = 'auto';
    device.sockets.latest.flushToServer();
    device.sockets.latest.flushToClient();
    await settle();
    await device.messenger.messages.delete(deleted.clientMsgId);
    expect(await pending()).toEqual(['hello again: failed']);
    expect(await changes()).toEqual([]);
    scene.server.refuse = () => undefined;
    await device.messenger.messages.retry(edited.clientMsgId);
    await settle();
    expect(inWords(atServer())).toEqual(['hello', 'hi', 'hello again']);
  });
});

describe('a refused change', () => {
  const refuse = () => {
    scene.server.refuseCall = (name) => {
      if (CHANGES.has(name)) throw new CoupletError('blocked', 'You cannot write to this person.');
    };
  };

  it('stays visible with its text, and is retried or discarded by hand', async () => {
    refuse();
    const { messages } = device.messenger;
    await messages.edit(idOf('hello'), 'my words');
    await messages.react(idOf('hi'), '👍');
    await settle();
    const [edit, reaction] = await messages.pendingChanges(scene.conversationId);
    expect(edit).toMatchObject({ type: 'edit', text: 'my words', state: { status: 'failed', code: 'blocked' } });
    expect(await shown()).toEqual(['my words', 'hi']);
    await messages.discard(reaction?.id ?? '');
    scene.server.refuseCall = () => undefined;
    await messages.retry(edit?.id ?? '');
    await settle();
    expect(inWords(atServer())).toEqual(['my words', 'hi']);
    expect(await changes()).toEqual([]);
  });

  it('discarded leaves the message as the server has it; a deletion that failed shows the message again', async () => {
    refuse();
    const { messages } = device.messenger;
    await messages.edit(idOf('hello'), 'my words');
    await settle();
    const [edit] = await messages.pendingChanges(scene.conversationId);
    await messages.discard(edit?.id ?? '');
    expect(await shown()).toEqual(['hello', 'hi']);
    const before = device.events.length;
    await messages.delete(idOf('hello'));
    await settle();
    const told = device.events.slice(before).flatMap((event) => (event.type === 'messages-changed' ? inWords(event.messages) : []));
    expect(told).toEqual(['†', 'hello']);
    expect(await shown()).toEqual(['hello', 'hi']);
    expect(await changes()).toEqual(['delete: failed']);
  });

  it('[O2] of a message that neither the server nor the device has leaves its words where they can be sent or copied, and nothing else', async () => {
    const { messages } = device.messenger;
    device.network.set(false);
    await messages.edit(idOf('hello'), 'words of mine');
    await messages.react(idOf('hi'), '👍');
    await device.store.transaction(async (writer) => {
      const conversation = await writer.getConversation(scene.conversationId);
      await writer.clearServerState();
      if (conversation !== null) await writer.putConversation(conversation);
    });
    scene.server.refuseCall = (name) => {
      if (CHANGES.has(name)) throw new CoupletError('not_found');
    };
    device.network.set(true);
    await scene.clock.advance(1_000);
    expect(await changes()).toEqual([]);
    expect(await pending()).toEqual(['words of mine: failed']);
    const [words] = await messages.pending(scene.conversationId);
    await messages.retry(words?.clientMsgId ?? '');
    await settle();
    expect(inWords(atServer())).toEqual(['hello', 'hi', 'words of mine']);
    expect(await pending()).toEqual([]);
  });

  it('gives way to the next wish', async () => {
    refuse();
    const { messages } = device.messenger;
    await messages.edit(idOf('hello'), 'first try');
    await settle();
    scene.server.refuseCall = () => undefined;
    await messages.edit(idOf('hello'), 'second try');
    await settle();
    expect(await changes()).toEqual([]);
    expect(await shown()).toEqual(['second try', 'hi']);
  });

  it('of a message that was deleted elsewhere keeps the words', async () => {
    device.network.set(false);
    const { messages } = device.messenger;
    await messages.edit(idOf('hello'), 'my words');
    await messages.react(idOf('hello'), '👍');
    scene.server.world.delete(scene.ana.id, idOf('hello'));
    await plug();
    expect(await shown()).toEqual(['†', 'hi']);
    expect(await messages.pendingChanges(scene.conversationId)).toMatchObject([{ type: 'edit', text: 'my words', state: { status: 'failed', code: 'conflict' } }]);
  });
});

describe('what the server says meanwhile', () => {
  it('a newer version shows under the change that waits, not instead of it', async () => {
    scene.server.losesAnswer = (name) => CHANGES.has(name);
    await device.messenger.messages.edit(idOf('hello'), 'hello there');
    await settle();
    scene.server.world.react(scene.bo.id, idOf('hello there'), '❤️');
    scene.server.world.edit(scene.ana.id, idOf('hello there'), 'from another device');
    await settle();
    expect(await shown()).toEqual(['hello there ❤️', 'hi']);
    const told = device.events.findLast((event) => event.type === 'messages-changed');
    expect(told?.type === 'messages-changed' && inWords(told.messages)).toEqual(['hello there ❤️']);
    scene.server.losesAnswer = () => false;
    await scene.clock.advance(60_000);
    expect(inWords(atServer())).toEqual(['hello there ❤️', 'hi']);
  });

  it('its event before its answer ends a deletion', async () => {
    scene.server.losesAnswer = (name) => CHANGES.has(name);
    await device.messenger.messages.delete(idOf('hello'));
    await settle();
    expect(await changes()).toEqual([]);
    expect(await shown()).toEqual(['†', 'hi']);
    await scene.clock.advance(60_000);
    expect(changeCalls()).toEqual(['deleteMessage']);
  });

  it('a snapshot that shows as stored what waited ends the waiting, and listeners hear of it', async () => {
    scene.server.filterDown = (frame) => frame.type !== 'chat.message.ack';
    await say('stored, though nobody said so');
    await settle();
    scene.server.filterUp = (frame) => frame.type !== 'chat.message.send';
    scene.server.world.beginEpoch();
    const before = device.events.length;
    scene.server.closeAll(1006);
    await scene.clock.advance(5_000);
    const told = device.events.slice(before).filter(({ type }) => type === 'resynced' || type === 'messages-changed' || type === 'pending-changed');
    expect(told.at(-2)).toMatchObject({ type: 'messages-changed', messages: [{ text: 'stored, though nobody said so' }] });
    expect(told.at(-1)).toMatchObject({ type: 'pending-changed', pending: [], changes: [] });
    expect(await pending()).toEqual([]);
  });

  it('a snapshot, as after a restore of the server, replaces everything but what waits', async () => {
    device.network.set(false);
    await device.messenger.messages.edit(idOf('hello'), 'hello there');
    await device.messenger.messages.delete(idOf('hi')).catch(() => undefined);
    await device.messenger.messages.react(idOf('hi'), '👍');
    await say('still waiting');
    scene.server.refuseCall = (name) => {
      if (CHANGES.has(name)) throw new CoupletError('unavailable');
    };
    scene.server.world.beginEpoch();
    await plug();
    expect(device.events.filter(({ type }) => type === 'resynced').length).toBeGreaterThan(1);
    expect(await shown()).toEqual(['hello there', 'hi 👍']);
    expect(await changes()).toHaveLength(2);
    scene.server.refuseCall = () => undefined;
    await scene.clock.advance(60_000);
    expect(inWords(atServer())).toEqual(['hello there', 'hi 👍', 'still waiting']);
  });
});

describe('two tabs', () => {
  it('[O3] show each other’s changes, and the one that leads tells them', async () => {
    const browser = new MemorySiblings();
    const first = scene.device({ siblings: browser.tab() });
    await first.messenger.start();
    await first.messenger.session.login({ login: scene.ana.username ?? '', password: 'secret-enough' });
    await settle();
    const second = scene.device({ store: first.store, tokens: first.tokens, siblings: browser.tab() });
    await second.messenger.start();
    await settle();
    scene.server.refuseCall = (name) => {
      if (CHANGES.has(name)) throw new CoupletError('unavailable');
    };
    await second.messenger.messages.edit(idOf('hello'), 'from the second tab');
    await settle();
    for (const tab of [first, second]) {
      expect(await shown(tab)).toEqual(['from the second tab', 'hi']);
      const told = tab.events.findLast((event) => event.type === 'messages-changed');
      expect(told).toMatchObject({ messages: [{ text: 'from the second tab' }] });
      expect(await changes(tab)).toEqual(['edit: queued']);
    }
    scene.server.refuseCall = () => undefined;
    await scene.clock.advance(60_000);
    for (const tab of [first, second]) expect(tab.events.findLast((event) => event.type === 'pending-changed')).toMatchObject({ pending: [], changes: [] });
    expect(inWords(atServer())[0]).toBe('from the second tab');
  });
});
