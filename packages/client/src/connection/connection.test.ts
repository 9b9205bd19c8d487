import { describe, expect, it } from 'vitest';
import { createScene, settle } from '../testing/index.ts';

describe('the connection of a messenger', () => {
  it('comes back by itself after each close code that allows it', async () => {
    for (const code of [1006, 4400, 4408, 4413, 4429, 4500, 4503]) {
      const scene = createScene();
      const device = await scene.signedIn(scene.ana);
      scene.server.closeAll(code);
      expect(device.messenger.connection.state()).toMatchObject({ status: 'offline' });
      await scene.clock.advance(1_000);
      expect([code, device.messenger.connection.state()]).toMatchObject([code, { status: 'online', phase: 'live' }]);
    }
  });

  it('does not come back to a server that no longer speaks its version', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    scene.server.closeAll(4409);
    await scene.clock.advance(3_600_000);
    expect(device.messenger.connection.state()).toEqual({ status: 'outdated' });
    expect(device.sockets.pairs).toHaveLength(1);
    device.messenger.connection.wake();
    await settle();
    expect(device.messenger.connection.state()).toMatchObject({ status: 'online' });
  });

  it('comes back with a new token when the old one was refused', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    scene.server.expireAccessTokens();
    scene.server.closeAll(4401);
    await settle();
    expect(device.messenger.connection.state()).toMatchObject({ status: 'online' });
    expect(scene.server.requests.filter(({ name }) => name === 'refresh')).toHaveLength(1);
  });

  it('comes back after the delay that a draining node announced', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    scene.server.broadcast(scene.ana.id, { type: 'server.draining', id: '1', ts: 0, data: { reconnectInMs: 2_500 } });
    await settle();
    scene.server.closeAll(4503);
    await scene.clock.advance(2_499);
    expect(device.messenger.connection.state()).toMatchObject({ status: 'offline' });
    await scene.clock.advance(1);
    expect(device.messenger.connection.state()).toMatchObject({ status: 'online' });
  });

  it('keeps trying while there is no server, never further apart than 30 s, and at once when woken', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    device.sockets.opening = 'refused';
    scene.server.closeAll(1006);
    await scene.clock.advance(10 * 60_000);
    expect(device.sockets.pairs.length).toBeGreaterThan(20);
    const state = device.messenger.connection.state();
    if (state.status !== 'offline' || state.retryAt === null) throw new Error(`it is ${state.status}`);
    expect(state.retryAt - scene.clock.now()).toBeLessThanOrEqual(30_000);
    device.sockets.opening = 'auto';
    device.messenger.connection.wake();
    await settle();
    expect(device.messenger.connection.state()).toMatchObject({ status: 'online' });
  });

  it('notices within half a minute that the other end is gone without a word', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    device.sockets.latest.flow = 'manual';
    const pairs = device.sockets.pairs.length;
    await scene.clock.advance(36_000);
    expect(device.sockets.pairs.length).toBe(pairs + 1);
    expect(device.messenger.connection.state()).toMatchObject({ status: 'online' });
  });

  it('asks for a new token when the server says that this one ends', async () => {
    const scene = createScene();
    await scene.signedIn(scene.ana);
    scene.server.broadcast(scene.ana.id, { type: 'auth.expiring', id: '1', ts: 0, data: { inMs: 30_000 } });
    await settle();
    expect(scene.server.requests.filter(({ name }) => name === 'refresh')).toHaveLength(1);
    expect(scene.server.frames.filter(({ type }) => type === 'auth.refresh')).toHaveLength(1);
  });

  it('leaves no timer and no socket behind when it is closed', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    await device.messenger.close();
    expect(scene.clock.pendingTimers).toBe(0);
    expect(device.sockets.latest.isClosed).toBe(true);
  });
});
