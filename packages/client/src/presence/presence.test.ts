import type { ClientMsgId } from '@couplet/protocol';
import { describe, expect, it } from 'vitest';
import { createScene, type Device, type Scene, settle } from '../testing/index.ts';

const typingFrames = (scene: Scene) => scene.server.frames.flatMap((frame) => (frame.type === 'chat.typing' ? [frame.data.isTyping] : []));
const typingSeen = (device: Device) => device.events.flatMap((event) => (event.type === 'typing' ? [event.isTyping] : []));

function boTypes(scene: Scene, isTyping: boolean, lifeMs = 6_000): void {
  const expiresAt = new Date(scene.clock.now() + lifeMs).toISOString();
  const data = { conversationId: scene.conversationId, userId: scene.bo.id, isTyping, expiresAt };
  scene.server.broadcast(scene.ana.id, { type: 'chat.typing', id: '1', ts: 0, data });
}

describe('presence', () => {
  it('is unknown until it is watched and connected, and unknown again when the connection is lost', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    const { presence } = device.messenger;
    expect(presence.get(scene.bo.id).status).toBe('unknown');
    presence.watch([scene.bo.id]);
    await settle();
    expect(presence.get(scene.bo.id).status).toBe('online');
    device.network.set(false);
    expect(presence.get(scene.bo.id).status).toBe('unknown');
    device.network.set(true);
    await settle();
    expect(presence.get(scene.bo.id).status).toBe('online');
    expect(device.events.flatMap((event) => (event.type === 'presence' ? [event.presence.status] : []))).toEqual(['online', 'unknown', 'online']);
  });

  it('forgets those who are no longer watched', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    device.messenger.presence.watch([scene.bo.id]);
    await settle();
    device.messenger.presence.watch([]);
    expect(device.messenger.presence.get(scene.bo.id).status).toBe('unknown');
  });
});

describe('typing', () => {
  it('is told once in 3 s, and its end only if its beginning was told', async () => {
    const scene = createScene();
    const { messenger } = await scene.signedIn(scene.ana);
    messenger.presence.setTyping(scene.conversationId, false);
    for (let key = 0; key < 10; key += 1) {
      messenger.presence.setTyping(scene.conversationId, true);
      await scene.clock.advance(500);
    }
    messenger.presence.setTyping(scene.conversationId, false);
    messenger.presence.setTyping(scene.conversationId, false);
    await settle();
    expect(typingFrames(scene)).toEqual([true, true, false]);
  });

  it('is dropped while offline', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    device.network.set(false);
    device.messenger.presence.setTyping(scene.conversationId, true);
    device.network.set(true);
    await settle();
    expect(typingFrames(scene)).toEqual([]);
  });

  it('of the peer ends by itself, also where the clocks differ', async () => {
    for (const lifeMs of [6_000, -3_600_000, 3_600_000]) {
      const scene = createScene();
      const device = await scene.signedIn(scene.ana);
      boTypes(scene, true, lifeMs);
      await scene.clock.advance(5_999);
      expect(typingSeen(device)).toEqual([true]);
      await scene.clock.advance(1);
      expect(typingSeen(device)).toEqual([true, false]);
    }
  });

  it('of the peer ends with their message, or when they stop, or when the connection is lost', async () => {
    const scene = createScene();
    const device = await scene.signedIn(scene.ana);
    boTypes(scene, true);
    await settle();
    scene.server.world.send(scene.bo.id, { conversationId: scene.conversationId, clientMsgId: 'bo-1' as ClientMsgId, text: 'x' });
    await settle();
    expect(typingSeen(device)).toEqual([true, false]);
    boTypes(scene, true);
    boTypes(scene, false);
    await settle();
    expect(typingSeen(device)).toEqual([true, false, true, false]);
    boTypes(scene, true);
    await settle();
    device.network.set(false);
    expect(typingSeen(device).at(-1)).toBe(false);
  });
});
