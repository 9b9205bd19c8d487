import { expect, it } from 'vitest';
import type { Broadcast, ChannelState } from './channel-state.ts';
import { encodeFrame } from './frames.ts';
import { PUSHER_LIMITS } from './limits.ts';

/**
 * What every channel state must do. `make` gives two nodes' views of one
 * deployment (the same object where there is one node) and a barrier that
 * resolves when everything told so far has arrived.
 */
export function describeChannelState(make: () => Promise<{ near: ChannelState; far: ChannelState; settled: () => Promise<void>; pass: (ms: number) => void | Promise<void> }>): void {
  const member = (userId: string) => ({ userId, userInfo: { name: userId } });

  it('counts each connection once, on whichever node, however often it enters', async () => {
    const { near, far } = await make();
    await near.enter('room', '1.1', null);
    await near.enter('room', '1.1', null);
    expect(await far.enter('room', '2.2', null)).toMatchObject({ status: 'entered', count: 2 });
    expect(await far.describe('room')).toEqual({ channel: 'room', count: 2, userIds: [] });
    expect(await near.leave('room', '1.1')).toEqual({ count: 1, goneUserId: undefined });
    expect(await near.leave('room', '1.1')).toBeNull();
    expect(await far.leave('room', '2.2')).toEqual({ count: 0, goneUserId: undefined });
    expect(await near.list('')).toEqual([]);
  });

  it('knows each member once, new with the first connection and gone with the last', async () => {
    const { near, far } = await make();
    expect(await near.enter('presence-room', '1.1', member('ana'))).toMatchObject({ isNewMember: true });
    expect(await far.enter('presence-room', '2.2', member('ana'))).toMatchObject({ isNewMember: false, count: 2, members: [member('ana')] });
    expect(await near.enter('presence-room', '3.3', member('__proto__'))).toMatchObject({ isNewMember: true, members: [member('ana'), member('__proto__')] });
    expect(await near.leave('presence-room', '1.1')).toEqual({ count: 2, goneUserId: undefined });
    expect(await far.leave('presence-room', '2.2')).toEqual({ count: 1, goneUserId: 'ana' });
    expect((await near.describe('presence-room')).userIds).toEqual(['__proto__']);
  });

  it('takes no further users into a full presence channel, but further connections', async () => {
    const { near } = await make();
    for (let n = 0; n < PUSHER_LIMITS.presenceMembers; n += 1) await near.enter('presence-full', `${n}.1`, member(`u${n}`));
    expect(await near.enter('presence-full', '9.9', member('late'))).toEqual({ status: 'full' });
    expect(await near.enter('presence-full', '9.9', member('u0'))).toMatchObject({ status: 'entered', isNewMember: false });
    expect((await near.describe('presence-full')).count).toBe(PUSHER_LIMITS.presenceMembers + 1);
  });

  it('lists occupied channels by the beginning of their names', async () => {
    const { near, far } = await make();
    await near.enter('a-1', '1.1', null);
    await far.enter('b-1', '1.1', null);
    expect((await near.list('a-')).map(({ channel }) => channel)).toEqual(['a-1']);
  });

  it('remembers the last event for half an hour', async () => {
    const { near, far, pass } = await make();
    expect(await far.remembered('cache-x')).toBeNull();
    const [first, second] = ['first', 'second'].map((event) => encodeFrame(event, '{}', 'cache-x')) as [string, string];
    await near.remember('cache-x', first);
    await near.remember('cache-x', second);
    await pass(PUSHER_LIMITS.cacheMs - 60_000);
    expect(await far.remembered('cache-x')).toEqual({ frame: second, secondsLeft: 60 });
    await pass(60_001);
    expect(await far.remembered('cache-x')).toBeNull();
  });

  it('knows who is signed in until their last connection is gone', async () => {
    const { near, far } = await make();
    expect(await near.signIn('ana', '1.1')).toBe(true);
    expect(await far.signIn('ana', '2.2')).toBe(false);
    expect(await far.whoIsSignedIn(['ana', 'bo'])).toEqual(['ana']);
    expect(await near.signOut('ana', '1.1')).toBe(false);
    expect(await near.signOut('ana', '1.1')).toBe(false);
    expect(await far.signOut('ana', '2.2')).toBe(true);
    expect(await near.whoIsSignedIn(['ana'])).toEqual([]);
  });

  it('lets a backend be told once that somebody came, and once that they went and did not come back', async () => {
    const { near, far } = await make();
    const [room, ana] = [{ channel: 'presence-told', userId: undefined }, { channel: 'presence-told', userId: 'a na' }];
    await near.enter('presence-told', '1.1', member('a na'));
    for (const coming of [room, ana]) {
      expect(await near.tellOnce(coming, true)).toBe(true);
      expect(await far.tellOnce(coming, true)).toBe(false);
      expect(await far.tellOnce(coming, false)).toBe(false);
    }
    await near.leave('presence-told', '1.1');
    for (const coming of [room, ana]) {
      expect(await far.tellOnce(coming, false)).toBe(true);
      expect(await near.tellOnce(coming, false)).toBe(false);
      expect(await near.tellOnce(coming, true)).toBe(true);
    }
  });

  it('tells every listener, in order, until it stops listening', async () => {
    const { near, far, settled } = await make();
    const heard: Broadcast[] = [];
    const stop = far.listen((broadcast) => heard.push(broadcast));
    const told: Broadcast[] = Array.from({ length: 50 }, (_, n) => ({ type: 'channel-event', channel: 'room', frame: `${n}` }));
    for (const broadcast of told) near.broadcast(broadcast);
    await settled();
    stop();
    near.broadcast({ type: 'terminate-user', userId: 'ana' });
    await settled();
    // The barrier of a state may tell something itself, to users.
    expect(heard.filter(({ type }) => type !== 'user-event')).toEqual(told);
  });
}
