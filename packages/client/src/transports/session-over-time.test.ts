import { CoupletError, type ClientMsgId } from '@couplet/protocol';
import { describe, expect, it } from 'vitest';
import { createScene, settle } from '../testing/index.ts';

/** What time and the server do to a session, over every transport. */
async function scenesOver(name: (typeof TRANSPORTS)[number]) {
  const scene = createScene();
  if (name === 'a hosted app') scene.server.hostedAt = 'http://hosted.test';
  const device = await scene.signedIn(scene.ana, { isPusher: name !== 'the native protocol' });
  const { server, conversationId, bo } = scene;
  let said = 0;
  const bosWords = (text: string) => server.world.send(bo.id, { conversationId, clientMsgId: `bo-${(said += 1)}` as ClientMsgId, text });
  const shown = async () => (await device.messenger.messages.page({ conversationId, at: 'end', limit: 50 })).items.map(({ text }) => text);
  return { ...scene, device, bosWords, shown };
}

const TRANSPORTS = ['the native protocol', 'Pusher', 'a hosted app'] as const;

describe.each(TRANSPORTS)('a session over %s', (name) => {
  it('outlives its access token: the subscription goes on, and what is asked is asked with the new one', async () => {
    const { server, clock, ana, device, bosWords, shown, conversationId } = await scenesOver(name);
    const before = device.messenger.connection.state();
    // A minute before the end, as the server tells over its own protocol; the others ask by REST and find out.
    await clock.advance(14 * 60_000 + 30_000);
    server.broadcast(ana.id, { type: 'auth.expiring', id: 'x', ts: 0, data: { inMs: 30_000 } });
    await settle();
    await clock.advance(5 * 60_000);
    expect(server.requests.filter(({ name: call }) => call === 'refresh').length).toBeGreaterThan(0);
    bosWords('after the refresh');
    await device.messenger.messages.send({ conversationId, text: 'heard' });
    await settle();
    expect(await shown()).toEqual(['after the refresh', 'heard']);
    expect(await device.messenger.messages.pending(conversationId)).toEqual([]);
    // The same connection all the time.
    expect(device.messenger.connection.state()).toEqual({ ...before, phase: 'live' });
  });

  it('is authorised anew with a new token when it comes back after the old one ended, and misses nothing', async () => {
    const { server, clock, device, bosWords, shown } = await scenesOver(name);
    server.expireAccessTokens();
    const authorisations = () => server.frames.filter(({ type }) => type === 'auth').length + server.requests.filter(({ name: call }) => call === 'pusherAuth').length;
    const before = authorisations();
    server.closeAll(1006);
    bosWords('while it was away');
    // The usual delay, and once more where only the answer tells that the token is old.
    await clock.advance(4_000);
    expect(device.messenger.connection.state()).toMatchObject({ status: 'online', phase: 'live' });
    expect(authorisations()).toBeGreaterThan(before);
    expect(server.requests.filter(({ name: call }) => call === 'refresh')).toHaveLength(1);
    bosWords('when it was back');
    await settle();
    expect(await shown()).toEqual(['while it was away', 'when it was back']);
  });

  it('[X2] that was ended stays away: nothing opens its subscription again, and nothing of what follows arrives', async () => {
    const { server, clock, device, bosWords } = await scenesOver(name);
    const state = device.messenger.session.state();
    if (state.status !== 'signed-in') throw new Error('unreachable');
    server.authenticate = () => {
      throw new CoupletError('session_revoked');
    };
    const refreshes = server.requests.length;
    server.refuseCall = (call) => {
      if (call === 'refresh') throw new CoupletError('session_revoked');
    };
    server.closeAll(name === 'the native protocol' ? 4401 : 4009);
    await clock.advance(5_000);
    bosWords('not for this device');
    await clock.advance(60_000);
    expect(device.messenger.session.state()).toMatchObject({ status: 'signed-out' });
    expect(JSON.stringify(device.events)).not.toContain('not for this device');
    // It does not go on asking.
    expect(server.requests.length - refreshes).toBeLessThan(10);
  });
});
