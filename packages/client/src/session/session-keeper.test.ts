import { describe, expect, it } from 'vitest';
import type { HttpRequest } from '../ports/ports.ts';
import { createMemoryTokenStorage, createScene, type Scene, settle } from '../testing/index.ts';

const refreshes = (scene: Scene) => scene.server.requests.filter(({ name }) => name === 'refresh').length;

describe('the session', () => {
  it('survives a restart', async () => {
    const scene = createScene();
    const first = await scene.signedIn(scene.ana);
    await first.messenger.close();
    const second = scene.device({ store: first.store, tokens: first.tokens });
    expect(second.messenger.session.state()).toEqual({ status: 'restoring' });
    await second.messenger.start();
    expect(second.messenger.session.state()).toMatchObject({ status: 'signed-in', viewer: { id: scene.ana.id } });
    await settle();
    expect(second.messenger.connection.state()).toMatchObject({ status: 'online' });
  });

  it('restores without the server: what is on the device can be read', async () => {
    const scene = createScene();
    const first = await scene.signedIn(scene.ana);
    await first.messenger.close();
    scene.server.isReachable = false;
    await scene.clock.advance(24 * 3_600_000);
    const second = scene.device({ store: first.store, tokens: first.tokens });
    second.sockets.opening = 'refused';
    await second.messenger.start();
    expect((await second.messenger.conversations.list({ limit: 10, offset: 0 })).items).toHaveLength(1);
    expect(second.messenger.session.state()).toMatchObject({ status: 'signed-in' });
  });

  it('is not there when what was stored cannot be read, and nothing crashes', async () => {
    for (const stored of ['', '{', 'null', '[]', '{"accessToken":1}', '"text"']) {
      const scene = createScene();
      const device = scene.device({ tokens: createMemoryTokenStorage(stored) });
      await device.messenger.start();
      expect(device.messenger.session.state()).toEqual({ status: 'signed-out', reason: 'none' });
      expect(await device.tokens.load()).toBeNull();
    }
  });

  it('refreshes at four fifths of the token, and tells the living connection', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    await scene.clock.advance(12 * 60_000 - 1);
    expect(refreshes(scene)).toBe(0);
    await scene.clock.advance(1);
    expect(refreshes(scene)).toBe(1);
    expect(scene.server.frames.filter(({ type }) => type === 'auth.refresh')).toHaveLength(1);
    await scene.clock.advance(60 * 60_000);
    expect(device.sockets.pairs).toHaveLength(1);
    expect((await device.messenger.diagnostics()).lastErrors).toEqual([]);
  });

  it('refreshes once for many calls that were refused at the same time, and repeats each of them', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    scene.server.expireAccessTokens();
    const calls = Array.from({ length: 5 }, () => device.messenger.api.call('getConversation', { params: { id: scene.conversationId } }));
    await Promise.all(calls);
    expect(refreshes(scene)).toBe(1);
    expect(device.messenger.session.state()).toMatchObject({ status: 'signed-in' });
  });

  it('two tabs that refresh at the same moment are both signed in, and later ones use the pair of the first', async () => {
    const scene = createScene();
    const first = await scene.signedIn(scene.ana);
    const second = scene.device({ tokens: first.tokens });
    await second.messenger.start();
    scene.server.expireAccessTokens();
    const call = (device: typeof first) => device.messenger.api.call('getConversation', { params: { id: scene.conversationId } });
    await Promise.all([call(first), call(second)]);
    // Past the server's grace the second tab still holds what the first replaced.
    scene.server.expireAccessTokens();
    await call(first);
    await scene.clock.advance(60_000);
    await call(second);
    for (const { messenger } of [first, second]) expect(messenger.session.state()).toMatchObject({ status: 'signed-in' });
  });

  it('is not lost to a network that fails while it refreshes', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    scene.server.isReachable = false;
    scene.server.expireAccessTokens();
    await scene.clock.advance(2 * 3_600_000);
    await expect(device.messenger.api.call('getConversation', { params: { id: scene.conversationId } })).rejects.toMatchObject({ code: 'unavailable' });
    expect(device.messenger.session.state()).toMatchObject({ status: 'signed-in' });
    scene.server.isReachable = true;
    await device.messenger.api.call('getConversation', { params: { id: scene.conversationId } });
    expect(device.messenger.session.state()).toMatchObject({ status: 'signed-in' });
  });

  it('ends when the server revoked it: the socket closes, the device is wiped', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    const state = device.messenger.session.state();
    if (state.status !== 'signed-in') throw new Error('not signed in');
    const { session } = device.messenger;
    const { sessionId } = JSON.parse((await device.tokens.load()) ?? '') as { sessionId: Parameters<typeof scene.server.revoke>[0] };
    scene.server.revoke(sessionId);
    scene.server.closeAll(4401);
    await settle();
    expect(session.state()).toEqual({ status: 'signed-out', reason: 'revoked' });
    expect(device.messenger.connection.state()).toEqual({ status: 'needs-auth' });
    expect(await device.tokens.load()).toBeNull();
    expect(await device.store.read((reader) => reader.listConversations({ limit: 10, offset: 0 }))).toEqual([]);
    await expect(device.messenger.conversations.list({ limit: 1, offset: 0 })).rejects.toMatchObject({ code: 'not_authenticated' });
  });

  it('leaves nothing on the device after signing out, also without the server', async () => {
    for (const isReachable of [true, false]) {
      const scene = createScene();
      const device = await scene.signedIn(scene.ana);
      device.network.set(false);
      await device.messenger.messages.send({ conversationId: scene.conversationId, text: 'secret' });
      scene.server.isReachable = isReachable;
      await device.messenger.session.logout();
      expect(device.messenger.session.state()).toEqual({ status: 'signed-out', reason: 'logout' });
      expect(device.messenger.connection.state()).toEqual({ status: 'closed' });
      expect(await device.tokens.load()).toBeNull();
      expect(await device.messenger.diagnostics()).toMatchObject({ epoch: null, position: 0, outboxSize: 0 });
      expect(await device.store.read((reader) => reader.listConversations({ limit: 10, offset: 0 }))).toEqual([]);
    }
  });

  it('gives up what was asked of the server before it tells of the sign-out, and asks nothing in between', async () => {
    const scene = createScene();
    const { messenger } = await scene.signedIn(scene.ana);
    const ask = () => messenger.api.call('getConversation', { params: { id: scene.conversationId } });
    const states: unknown[] = [];
    messenger.subscribe((event) => event.type === 'session-changed' && states.push(event.state));
    const { http } = scene.server;
    const answered = http.request;
    let underWay: HttpRequest['signal'];
    http.request = (request) => {
      underWay ??= request.signal;
      return answered(request);
    };
    scene.server.answersNever = (name) => name === 'getConversation';
    const before = ask();
    const between = new Promise((resolve) => {
      scene.server.refuseCall = (name) => {
        if (name !== 'logout') return;
        ask().catch(() => undefined);
        resolve(underWay?.isCancelled);
      };
    });
    const outcomes = Promise.allSettled([before, messenger.session.logout()]);
    expect(await between).toBe(true);
    expect(await outcomes).toMatchObject([{ reason: { code: 'unavailable' } }, { status: 'fulfilled' }]);
    expect(scene.server.requests.map(({ name }) => name).slice(-2)).toEqual(['getConversation', 'logout']);
    expect(states).toEqual([{ status: 'signed-out', reason: 'logout' }]);
  });

  it('signs out once, however often that is asked for', async () => {
    const scene = createScene();
    const { messenger } = await scene.signedIn(scene.ana);
    const states: unknown[] = [];
    messenger.subscribe((event) => event.type === 'session-changed' && states.push(event.state));
    scene.server.requests.length = 0;
    await Promise.all([messenger.session.logout(), messenger.session.logout()]);
    expect(scene.server.requests.map(({ name }) => name)).toEqual(['logout']);
    expect(states).toEqual([{ status: 'signed-out', reason: 'logout' }]);
  });

  it("never shows one person's conversations to another who signs in on the device", async () => {
    const scene = createScene();
    const cleo = scene.server.addUser('Cleo');
    const device = await scene.signedIn(scene.ana);
    await device.messenger.session.login({ login: cleo.username ?? '', password: 'secret-enough' });
    await settle();
    expect(device.messenger.session.state()).toMatchObject({ viewer: { id: cleo.id } });
    expect((await device.messenger.conversations.list({ limit: 10, offset: 0 })).items).toEqual([]);
    scene.server.world.openConversation(scene.bo.id, cleo.id);
    await settle();
    expect((await device.messenger.conversations.list({ limit: 10, offset: 0 })).items).toHaveLength(1);
  });

  it('tells a wrong password apart from a server that cannot be reached', async () => {
    const scene = createScene();
    const device = scene.device();
    await device.messenger.start();
    await expect(device.messenger.session.login({ login: 'nobody', password: 'x' })).rejects.toMatchObject({ code: 'wrong_credentials' });
    scene.server.isReachable = false;
    await expect(device.messenger.session.login({ login: 'ana', password: 'x' })).rejects.toMatchObject({ code: 'unavailable' });
    expect(device.messenger.session.state()).toEqual({ status: 'signed-out', reason: 'none' });
  });

  it('shows what the person changed of themselves on another device, with the next refresh', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    scene.server.world.viewers.set(scene.ana.id, { ...scene.ana, avatarUrl: 'http://server.test/blobs/avatars/a/96' });
    await scene.clock.advance(12 * 60_000);
    expect(device.messenger.session.state()).toMatchObject({ viewer: { avatarUrl: 'http://server.test/blobs/avatars/a/96' } });
    expect(device.events.filter(({ type }) => type === 'session-changed')).toHaveLength(3);
  });

  it('[O5] takes pictures and files of the person before along, on signing out, and what was left when somebody else signs in', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    const left = new Set<string>();
    device.ports.media = { clear: async () => void left.delete('picture') };
    device.ports.files = {
      keep: async () => undefined,
      put: async () => ({ status: 200, etag: null }),
      remove: async (id) => void left.delete(id),
      list: async () => [...left].filter((id) => id !== 'picture').map((id) => ({ id, keptAt: 0 })),
    };
    for (const leave of [() => device.messenger.session.logout(), () => device.messenger.session.login({ login: scene.bo.username ?? '', password: 'secret-enough' })]) {
      left.add('picture').add('file');
      await leave();
      expect([...left]).toEqual([]);
    }
  });
});
