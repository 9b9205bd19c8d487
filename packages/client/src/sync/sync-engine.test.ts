import type { ClientMsgId, DownFrame } from '@couplet/protocol';
import { describe, expect, it } from 'vitest';
import { createScene, type Device, type Scene, settle } from '../testing/index.ts';

let sentSoFar = 0;

/** Bo says something, from nowhere in particular. */
function boSays(scene: Scene, text: string): void {
  sentSoFar += 1;
  scene.server.world.send(scene.bo.id, { conversationId: scene.conversationId, clientMsgId: `bo-${sentSoFar}` as ClientMsgId, text });
}

async function textsOn(scene: Scene, device: Device): Promise<(string | undefined)[]> {
  return device.store.read(async (reader) =>
    (await reader.listMessages({ conversationId: scene.conversationId, fromSeq: 1, toSeq: 10_000 })).map(({ text }) => text),
  );
}

function syncRequests(scene: Scene): number[] {
  return scene.server.frames.flatMap((frame) => (frame.type === 'chat.sync' ? [frame.data.since] : []));
}

/** Drops the next new message on its way down. */
function loseNext(scene: Scene, type: DownFrame['type']): void {
  scene.server.filterDown = (frame) => {
    if (frame.type !== type) return true;
    scene.server.filterDown = () => true;
    return false;
  };
}

describe('following the log', () => {
  it('takes a snapshot at first, then follows live without asking', async () => {
    const scene = createScene();
    boSays(scene, 'before');
    const device = await scene.signedIn(scene.ana);
    boSays(scene, 'after');
    await settle();
    expect(await textsOn(scene, device)).toEqual(['before', 'after']);
    expect(syncRequests(scene)).toEqual([]);
    expect(scene.server.requests.filter(({ name }) => name === 'getSnapshot')).toHaveLength(1);
    expect(device.events.filter(({ type }) => type === 'resynced')).toHaveLength(1);
  });

  it('[S1] notices a lost event by the gap in positions and fetches it within 250 ms', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    const { position } = await device.messenger.diagnostics();
    loseNext(scene, 'chat.message.new');
    boSays(scene, 'lost');
    boSays(scene, 'arrived');
    await settle();
    expect(await textsOn(scene, device)).toEqual([]);
    await scene.clock.advance(250);
    expect(await textsOn(scene, device)).toEqual(['lost', 'arrived']);
    expect(syncRequests(scene)).toEqual([position]);
    expect(device.messenger.connection.state()).toMatchObject({ phase: 'live' });
  });

  it('[S1] notices a lost event after which nothing more came, within half a minute', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    loseNext(scene, 'chat.message.new');
    boSays(scene, 'the last word');
    await scene.clock.advance(30_000);
    expect(await textsOn(scene, device)).toEqual(['the last word']);
    expect(syncRequests(scene)).toHaveLength(1);
    await scene.clock.advance(60_000);
    expect(syncRequests(scene)).toHaveLength(1);
  });

  it('waits a moment for an event that was overtaken, and asks for nothing', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    device.sockets.latest.flow = 'manual';
    for (const text of ['one', 'two', 'three']) boSays(scene, text);
    device.sockets.latest.toClient.reverse();
    const [third = '', ...overtaken] = device.sockets.latest.toClient.splice(0);
    device.sockets.latest.toClient.push(third);
    device.sockets.latest.flushToClient();
    await scene.clock.advance(100);
    expect(await textsOn(scene, device)).toEqual([]);
    device.sockets.latest.toClient.push(...overtaken);
    device.sockets.latest.flushToClient();
    await scene.clock.advance(250);
    expect(await textsOn(scene, device)).toEqual(['one', 'two', 'three']);
    expect(syncRequests(scene)).toEqual([]);
  });

  it('ignores an event that comes twice', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    device.sockets.latest.flow = 'manual';
    boSays(scene, 'once');
    device.sockets.latest.toClient.push(...device.sockets.latest.toClient);
    device.sockets.latest.flushToClient();
    await settle();
    const before = device.events.length;
    boSays(scene, 'twice');
    device.sockets.latest.flushToClient();
    await settle();
    expect(await textsOn(scene, device)).toEqual(['once', 'twice']);
    expect(device.events.slice(before).filter(({ type }) => type === 'messages-changed')).toHaveLength(1);
  });

  it('[S4] holds live events while it backfills, cuts over, and shows each once and in order', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    device.network.set(false);
    for (let index = 1; index <= 5; index += 1) boSays(scene, `offline ${index}`);
    device.network.set(true);
    await settle();
    device.sockets.latest.flow = 'manual';
    await scene.clock.advance(0);
    // The connection is up, the backfill's answer is still on its way: these overtake it.
    device.sockets.latest.flushToServer();
    await settle();
    boSays(scene, 'live 1');
    boSays(scene, 'live 2');
    device.sockets.latest.flow = 'auto';
    device.sockets.latest.flushToServer();
    device.sockets.latest.flushToClient();
    await scene.clock.advance(300);
    const expected = ['offline 1', 'offline 2', 'offline 3', 'offline 4', 'offline 5', 'live 1', 'live 2'];
    expect(await textsOn(scene, device)).toEqual(expected);
    const announced = device.events.flatMap((event) => (event.type === 'messages-changed' ? event.messages.map(({ text }) => text) : []));
    expect(announced).toEqual(expected);
  });

  it('backfills more than one page', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    device.network.set(false);
    for (let index = 1; index <= 1_201; index += 1) boSays(scene, String(index));
    device.network.set(true);
    await scene.clock.advance(0);
    expect(await textsOn(scene, device)).toHaveLength(1_201);
    expect(syncRequests(scene)).toEqual([1, 201, 401, 601, 801, 1_001, 1_201]);
  });

  it('[S4] takes a snapshot when its position is too old, and keeps what it still has to send', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    device.network.set(false);
    await device.messenger.messages.send({ conversationId: scene.conversationId, text: 'mine' });
    await device.messenger.conversations.update(scene.conversationId, { draft: 'half a sen' });
    for (let index = 1; index <= 3; index += 1) boSays(scene, `bo ${index}`);
    scene.server.world.trimmedTo = 3;
    scene.server.filterUp = (frame) => frame.type !== 'chat.message.send';
    device.network.set(true);
    await settle();
    expect(await textsOn(scene, device)).toEqual(['bo 1', 'bo 2', 'bo 3']);
    expect((await device.messenger.messages.pending(scene.conversationId)).map(({ text }) => text)).toEqual(['mine']);
    expect((await device.messenger.conversations.get(scene.conversationId))?.draft).toBe('half a sen');
    expect(device.events.filter(({ type }) => type === 'resynced')).toHaveLength(2);
    scene.server.filterUp = () => true;
    await scene.clock.advance(60_000);
    expect(await textsOn(scene, device)).toEqual(['bo 1', 'bo 2', 'bo 3', 'mine']);
    expect(scene.server.world.conversation(scene.ana.id, scene.conversationId).draft).toBe('half a sen');
  });

  it('[S4] takes a snapshot under a new epoch, also where the new log is shorter, and follows from there', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    for (let index = 1; index <= 5; index += 1) boSays(scene, `old ${index}`);
    await settle();
    scene.server.world.beginEpoch();
    scene.server.closeAll(1006);
    await scene.clock.advance(1_000);
    boSays(scene, 'new');
    await settle();
    expect((await textsOn(scene, device)).at(-1)).toBe('new');
    expect(await device.messenger.diagnostics()).toMatchObject({ epoch: scene.server.world.epoch, position: 1 });
    const asked = syncRequests(scene).length;
    await scene.clock.advance(10_000);
    expect(syncRequests(scene)).toHaveLength(asked);
  });

  it('fetches a conversation it does not have before it shows its message', async () => {
    const scene = createScene();
    const cleo = scene.server.addUser('Cleo');
    const other = scene.server.world.openConversation(scene.ana.id, cleo.id);
    scene.server.conversationsInSnapshot = 1;
    const device = await scene.signedIn(scene.ana);
    const missing = (await device.store.read((reader) => reader.getConversation(other))) === null ? other : scene.conversationId;
    const sender = missing === other ? cleo : scene.bo;
    scene.server.world.send(sender.id, { conversationId: missing, clientMsgId: 'first' as ClientMsgId, text: 'hello' });
    await settle();
    expect(await device.messenger.conversations.get(missing)).toMatchObject({ lastSeq: 1, unreadCount: 1, peer: { id: sender.id } });
  });

  it('is where the page says, also when the server had to skip a row', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    device.network.set(false);
    boSays(scene, 'readable');
    boSays(scene, 'unreadable');
    const { world } = scene.server;
    const sync = world.sync.bind(world);
    world.sync = (...query) => {
      const page = sync(...query);
      return { ...page, events: page.events.slice(0, -1) };
    };
    device.network.set(true);
    await scene.clock.advance(10_000);
    expect(await textsOn(scene, device)).toEqual(['readable']);
    expect(syncRequests(scene)).toHaveLength(1);
    expect((await device.messenger.diagnostics()).position).toBe(world.position(scene.ana.id));
    expect(device.messenger.connection.state()).toMatchObject({ phase: 'live' });
  });

  it('[S4] keeps the live events that arrive while a snapshot is on its way', async () => {
    const scene = createScene();
    const { http } = scene.server;
    const request = http.request.bind(http);
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    http.request = async (asked) => {
      const answer = await request(asked);
      if (asked.url.endsWith('/snapshot')) await gate;
      return answer;
    };
    const device = await scene.signedIn(scene.ana);
    boSays(scene, 'meanwhile');
    await settle();
    expect(await textsOn(scene, device)).toEqual([]);
    release();
    await settle();
    expect(await textsOn(scene, device)).toEqual(['meanwhile']);
    expect(syncRequests(scene)).toEqual([]);
  });

  it('tries again when the server fails while it catches up', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    device.network.set(false);
    boSays(scene, 'missed');
    scene.server.filterDown = (frame) => frame.type !== 'chat.sync.result';
    device.network.set(true);
    await scene.clock.advance(10_000);
    expect(await textsOn(scene, device)).toEqual([]);
    expect(device.messenger.connection.state()).toMatchObject({ status: 'online', phase: 'backfill' });
    scene.server.filterDown = () => true;
    await scene.clock.advance(15_000);
    expect(await textsOn(scene, device)).toEqual(['missed']);
    expect(device.messenger.connection.state()).toMatchObject({ status: 'online', phase: 'live' });
  });

  it('catches up from where it was after a restart', async () => {
    const scene = createScene();
    const first = await scene.signedIn(scene.ana);
    boSays(scene, 'one');
    await settle();
    await first.messenger.close();
    boSays(scene, 'two');
    const second = scene.device({ store: first.store, tokens: first.tokens });
    await second.messenger.start();
    expect(await textsOn(scene, second)).toEqual(['one']);
    await settle();
    expect(await textsOn(scene, second)).toEqual(['one', 'two']);
    expect(second.events.filter(({ type }) => type === 'resynced')).toEqual([]);
  });
});
