import { describe, expect, it, vi } from 'vitest';
import { joinTestNode } from '../../../test/redis-nodes.ts';
import { redisOfThisFile, untilHeard } from '../../../test/redis-of-this-file.ts';
import { describeChannelState } from './channel-state-contract.ts';
import { ChannelHub } from './channel-hub.ts';
import { PUSHER_LIMITS } from './limits.ts';
import { RedisChannelState } from './redis-channel-state.ts';
import type { WebhookEvent } from './webhook-event.ts';

const WAIT = { timeout: 20_000, interval: 5 };

const { redis, closeAfterTest } = redisOfThisFile();
let deployments = 0;

async function startNode(prefix: string) {
  const joined = await joinTestNode(redis.url, prefix);
  closeAfterTest(() => joined.close());
  const state = new RedisChannelState({ ...joined, now: () => 0, hasWebhooks: true, onError: (error) => expect.unreachable(String(error)) });
  const noted: WebhookEvent[] = [];
  const hub = new ChannelHub({ state, note: (event) => noted.push(event), onError: (error) => expect.unreachable(String(error)) });
  await untilHeard(joined);
  return { joined, state, hub, noted };
}

async function twoNodes() {
  const prefix = `channels-${(deployments += 1)}`;
  return { near: await startNode(prefix), far: await startNode(prefix), prefix };
}

/** A connection that keeps what it is told. */
function connection(socketId: string) {
  const frames: string[] = [];
  let isTerminated = false;
  return {
    frames,
    isTerminated: () => isTerminated,
    socketId,
    deliver: (_channel: string, frame: string) => void frames.push(frame),
    deliverToUser: (frame: string) => void frames.push(frame),
    terminate: () => void (isTerminated = true),
    tellWatched: (name: string) => void frames.push(name),
  };
}

describe('channel state in Redis', () => {
  describeChannelState(async () => {
    const { near, far, prefix } = await twoNodes();
    let rounds = 0;
    const settled = async () => {
      rounds += 1;
      const heard = new Set<string>();
      const stops = [near, far].map(({ state }, index) => state.listen((told) => told.type === 'user-event' && told.frame === `marker ${rounds}` && heard.add(`${index} ${told.userId}`)));
      // Behind everything that was told before.
      near.state.broadcast({ type: 'user-event', userId: 'near', frame: `marker ${rounds}` });
      far.state.broadcast({ type: 'user-event', userId: 'far', frame: `marker ${rounds}` });
      await vi.waitUntil(() => heard.size === 4, WAIT);
      for (const stop of stops) stop();
    };
    const pass = async (ms: number) => {
      for (const key of await redis.client.keys(`${prefix}:cached:*`)) await redis.client.pexpire(key, (await redis.client.pttl(key)) - ms);
    };
    return { near: near.state, far: far.state, settled, pass };
  });

  it('tells a member on another node who comes and goes, each once, and ends a user there', async () => {
    const { near, far } = await twoNodes();
    const [here, there] = [connection('1.1'), connection('2.2')];
    await near.hub.join(here, 'presence-room', { userId: 'ana', userInfo: { name: 'Ana' } });
    await far.hub.join(there, 'presence-room', { userId: 'bo', userInfo: { name: 'Bo' } });
    await vi.waitUntil(() => here.frames.length === 1, WAIT);
    expect(here.frames[0]).toContain('pusher_internal:member_added');
    await far.hub.leave(there, 'presence-room');
    await vi.waitUntil(() => here.frames.length === 2, WAIT);
    expect(near.noted.map(({ name }) => name)).toEqual(['channel_occupied', 'member_added']);
    expect(far.noted.map(({ name }) => name)).toEqual(['member_added', 'member_removed']);
    await near.hub.signIn(here, 'ana', []);
    far.hub.terminateUser('ana');
    await vi.waitUntil(() => here.isTerminated(), WAIT);
  });

  it('takes out what a dead node left, once, and tells those who stay', async () => {
    const { near, far, prefix } = await twoNodes();
    const here = connection('1.1');
    await near.hub.join(here, 'presence-room', { userId: 'ana', userInfo: null });
    await near.hub.signIn(here, 'ana', ['bo']);
    const dead = await startNode(prefix);
    await dead.hub.join(connection('3.3'), 'presence-room', { userId: 'bo', userInfo: null });
    await dead.hub.signIn(connection('3.3'), 'bo', []);
    await vi.waitUntil(() => here.frames.includes('online'), WAIT);
    await dead.joined.vanish();
    await vi.waitUntil(async () => {
      await Promise.all([near.joined.registry.beat(), far.joined.registry.beat()]);
      return here.frames.includes('offline');
    }, WAIT);
    await vi.waitUntil(() => here.frames.some((frame) => frame.includes('member_removed')), WAIT);
    expect(await near.state.describe('presence-room')).toEqual({ channel: 'presence-room', count: 1, userIds: ['ana'] });
    const removed = [...near.noted, ...far.noted].filter(({ name }) => name === 'member_removed');
    expect(removed).toHaveLength(1);
  });

  it.each([
    ['while Redis is away, which comes back empty', async () => redis.kill(), async () => redis.start()],
    ['after Redis was emptied, before anybody noticed', async () => void (await redis.client.flushall()), async () => undefined],
  ])('tells those on other nodes, and a backend once, who left %s', async (_case, loseEverything, comeBack) => {
    const { near, far } = await twoNodes();
    const [here, there] = [connection('1.1'), connection('2.2')];
    await near.hub.join(here, 'presence-room', { userId: 'ana', userInfo: null });
    await near.hub.signIn(here, 'ana', ['bo']);
    await far.hub.join(there, 'presence-room', { userId: 'bo', userInfo: null });
    await far.hub.signIn(there, 'bo', []);
    const coming = { channel: 'presence-room', userId: 'bo' };
    expect(await far.state.tellOnce(coming, true)).toBe(true);
    await vi.waitUntil(() => here.frames.includes('online'), WAIT);
    await loseEverything();
    await Promise.all([far.hub.leave(there, 'presence-room'), far.hub.signOut(there, 'bo', [])]);
    await comeBack();
    await untilHeard(near.joined);
    await vi.waitUntil(async () => {
      await Promise.all([near.joined.registry.beat(), far.joined.registry.beat()]);
      return here.frames.includes('offline') && here.frames.some((frame) => frame.includes('member_removed'));
    }, WAIT);
    expect(await near.state.describe('presence-room')).toEqual({ channel: 'presence-room', count: 1, userIds: ['ana'] });
    expect([await far.state.tellOnce(coming, false), await near.state.tellOnce(coming, false)]).toEqual([true, false]);
  });

  it('[X7] shows nobody what stands in place of an event that a cache channel remembers', async () => {
    const { near } = await twoNodes();
    const frame = JSON.stringify({ event: 'news', channel: 'cache-room', data: '{}' });
    await near.state.remember('cache-room', frame);
    expect((await near.state.remembered('cache-room'))?.frame).toBe(frame);
    for (const other of ['not json', '[]', JSON.stringify({ event: 'news', channel: 'cache-other', data: '{}' }), JSON.stringify({ event: 'news', channel: 'cache-room', data: 'x'.repeat(200_000) })]) {
      await redis.client.set(near.joined.keys.cached('cache-room'), other);
      expect(await near.state.remembered('cache-room')).toBeNull();
    }
  });

  it('tells its own connections, once it hears again, who came and went while it did not, and nobody else', async () => {
    const { near, far } = await twoNodes();
    const [here, there] = [connection('1.1'), connection('2.2')];
    await near.hub.join(here, 'presence-room', { userId: 'ana', userInfo: null });
    await far.hub.join(there, 'presence-room', { userId: 'bo', userInfo: null });
    await vi.waitUntil(() => here.frames.length === 1, WAIT);
    // Without a word: as if near could not hear it.
    await far.state.leave('presence-room', '2.2');
    await far.state.enter('presence-room', '3.3', { userId: 'cleo', userInfo: { name: 'Cleo' } });
    let gaps = 0;
    near.joined.channels.onGap(() => (gaps += 1));
    await redis.client.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await vi.waitUntil(() => gaps > 0 && near.joined.channels.isListening, WAIT);
    await vi.waitUntil(async () => {
      await near.joined.registry.beat();
      return here.frames.length >= 3;
    }, WAIT);
    for (let beats = 0; beats < 4; beats += 1) await near.joined.registry.beat();
    const told = here.frames.slice(1).map((frame) => JSON.parse(frame) as { event: string; channel: string; data: string });
    expect(told.map(({ event, channel, data }) => [event, channel, JSON.parse(data)])).toEqual([
      ['pusher_internal:member_removed', 'presence-room', { user_id: 'bo' }],
      ['pusher_internal:member_added', 'presence-room', { user_id: 'cleo', user_info: { name: 'Cleo' } }],
    ]);
    expect(there.frames.filter((frame) => /member_removed|cleo/.test(frame))).toEqual([]);
  });

  it('enters with the next heartbeat what Redis refused to take', async () => {
    const { near, far, prefix } = await twoNodes();
    const there = connection('2.2');
    const key = near.joined.keys.channel('room');
    await redis.client.set(key, 'not what belongs there');
    await far.hub.join(there, 'room', null);
    await redis.client.del(key);
    expect((await near.state.describe('room')).count).toBe(0);
    await far.joined.registry.beat();
    expect((await near.state.describe('room')).count).toBe(1);
    expect(await redis.client.smembers(`${prefix}:entered-on:${far.joined.registry.node}`)).toEqual(['c 2.2 room']);
  });

  it('answers leaving before coming again, which was asked for after it', async () => {
    const { near } = await twoNodes();
    await near.state.enter('room', '1.1', null);
    const order: string[] = [];
    await Promise.all([near.state.leave('room', '1.1').then(() => order.push('left')), near.state.enter('room', '1.1', null).then(() => order.push('entered'))]);
    expect(order).toEqual(['left', 'entered']);
  });

  it('keeps nothing of those whom a full channel does not take', async () => {
    const { near, prefix } = await twoNodes();
    const enter = (n: number) => near.state.enter('presence-room', `${n}.${n}`, { userId: `user ${n}`, userInfo: null });
    const outcomes = await Promise.all(Array.from({ length: PUSHER_LIMITS.presenceMembers + 5 }, (_, n) => enter(n + 1)));
    expect(outcomes.filter(({ status }) => status === 'full')).toHaveLength(5);
    await vi.waitUntil(async () => (await redis.client.scard(`${prefix}:entered-on:${near.joined.registry.node}`)) === PUSHER_LIMITS.presenceMembers, WAIT);
  });

  it('tells again of those of a node that was only cut off, and of nobody when it was not', async () => {
    const { near, far } = await twoNodes();
    const here = connection('1.1');
    await near.hub.join(here, 'presence-room', { userId: 'ana', userInfo: null });
    await near.hub.signIn(here, 'ana', ['bo']);
    const there = connection('2.2');
    await far.hub.join(there, 'presence-room', { userId: 'bo', userInfo: { name: 'Bo' } });
    await far.hub.join(there, 'room', null);
    await far.hub.signIn(there, 'bo', []);
    await far.state.tellOnce({ channel: 'presence-room', userId: 'bo' }, true);
    const framesOf = (name: string) => here.frames.filter((frame) => frame.includes(name));
    await vi.waitUntil(() => framesOf('online').length === 1 && framesOf('member_added').length === 1, WAIT);
    await vi.waitUntil(async () => {
      await near.joined.registry.beat();
      return framesOf('offline').length === 1 && framesOf('member_removed').length === 1;
    }, WAIT);
    expect(await near.state.tellOnce({ channel: 'presence-room', userId: 'bo' }, false)).toBe(true);
    far.noted.length = 0;
    await vi.waitUntil(async () => {
      await far.joined.registry.beat();
      return framesOf('online').length === 2 && framesOf('member_added').length === 2;
    }, WAIT);
    expect(framesOf('member_added').at(-1)).toContain('Bo');
    expect((await near.state.describe('presence-room')).userIds.toSorted()).toEqual(['ana', 'bo']);
    expect(far.noted).toContainEqual({ name: 'channel_occupied', channel: 'room' });
    expect(far.noted).toContainEqual({ name: 'member_added', channel: 'presence-room', user_id: 'bo' });
    expect(await far.state.tellOnce({ channel: 'presence-room', userId: 'bo' }, true)).toBe(true);
    // Forgotten by nobody, it has nothing to tell, though it says everything again.
    far.noted.length = 0;
    await redis.client.zrem(far.joined.keys.nodes, far.joined.registry.node);
    await far.joined.registry.beat();
    expect(far.noted).toEqual([]);
  });

  it('keeps in mind what left and came back at once', async () => {
    const { near } = await twoNodes();
    await near.state.enter('room', '1.1', null);
    await Promise.all([near.state.leave('room', '1.1'), near.state.enter('room', '1.1', null)]);
    expect((await near.state.describe('room')).count).toBe(1);
    expect(await redis.client.smembers(near.joined.keys.enteredOn(near.joined.registry.node))).toHaveLength(1);
  });

  it('takes out later what could not be taken out, for its own connections and those of a dead node', async () => {
    const prefix = `channels-${(deployments += 1)}`;
    const [near, dead] = [await startNode(prefix), await startNode(prefix)];
    await near.state.enter('room', '1.1', null);
    await dead.state.enter('room', '3.3', null);
    // As when the part of a cluster is away in which the channel lies.
    const key = near.joined.keys.channel('room');
    const takeAway = async () => {
      await redis.client.rename(key, 'away');
      await redis.client.set(key, 'no hash');
    };
    const putBack = () => redis.client.rename('away', key);
    await takeAway();
    await near.state.leave('room', '1.1');
    await putBack();
    await near.joined.registry.beat();
    expect((await near.state.describe('room')).count).toBe(1);
    await takeAway();
    await dead.joined.vanish();
    const claim = near.joined.keys.claim(dead.joined.registry.node);
    await vi.waitUntil(async () => {
      await near.joined.registry.beat();
      return (await redis.client.exists(claim)) === 1;
    }, WAIT);
    await putBack();
    await vi.waitUntil(async () => {
      // As time does.
      await redis.client.del(claim);
      await near.joined.registry.beat();
      return (await near.state.describe('room')).count === 0;
    }, WAIT);
    expect(await redis.client.exists(near.joined.keys.enteredOn(near.joined.registry.node))).toBe(0);
  });

  it('tells members again, but no backend, when Redis was emptied', async () => {
    const { near, far } = await twoNodes();
    const member = { userId: 'bo', userInfo: null };
    await far.hub.join(connection('2.2'), 'presence-room', member);
    await far.state.tellOnce({ channel: 'presence-room', userId: 'bo' }, true);
    await redis.flush();
    // Somebody who comes before all nodes have said who is there sees too few.
    const early = connection('1.1');
    expect(await near.hub.join(early, 'presence-room', { userId: 'ana', userInfo: null })).toMatchObject({ members: [{ userId: 'ana' }] });
    await far.joined.registry.beat();
    await vi.waitUntil(() => early.frames.some((frame) => frame.includes('member_added')), WAIT);
    expect(await far.state.tellOnce({ channel: 'presence-room', userId: 'bo' }, true)).toBe(false);
  });

  it('goes on with the connections of the node while Redis is away, and says what is so when it is back', async () => {
    const { near, far } = await twoNodes();
    await far.state.enter('room', '2.2', null);
    await near.state.enter('room', '1.1', null);
    await redis.stop();
    await vi.waitUntil(() => !near.joined.link.isUp && !far.joined.link.isUp, WAIT);
    expect(await near.state.enter('room', '3.3', null)).toMatchObject({ status: 'entered', count: 2 });
    expect(await near.state.leave('room', '1.1')).toEqual({ count: 1, goneUserId: undefined });
    await redis.start();
    await vi.waitUntil(() => near.joined.link.isUp && far.joined.link.isUp, WAIT);
    await Promise.all([near.joined.registry.beat(), far.joined.registry.beat()]);
    expect((await near.state.describe('room')).count).toBe(2);
    await far.state.leave('room', '2.2');
    expect((await near.state.describe('room')).count).toBe(1);
  });

  it('tells of those whose going a dead node had not told, and of nobody else', async () => {
    const prefix = `channels-${(deployments += 1)}`;
    const [near, dead] = [await startNode(prefix), await startNode(prefix)];
    for (const channel of ['gone', 'still-here']) {
      await dead.state.enter(channel, '1.1', null);
      await dead.state.tellOnce({ channel, userId: undefined }, true);
    }
    await near.state.enter('still-here', '2.2', null);
    // This one tells, too.
    await near.state.tellOnce({ channel: 'still-here', userId: undefined }, true);
    await dead.state.leave('gone', '1.1');
    await dead.joined.vanish();
    await vi.waitUntil(async () => {
      await near.joined.registry.beat();
      return near.noted.some(({ name }) => name === 'channel_vacated');
    }, WAIT);
    expect(near.noted.filter(({ name }) => name !== 'subscription_count')).toEqual([{ name: 'channel_vacated', channel: 'gone' }]);
    expect(await near.state.tellOnce({ channel: 'gone', userId: undefined }, false)).toBe(true);
  });

  it('[X7] hears nothing that is not a broadcast', async () => {
    const { near, prefix } = await twoNodes();
    const heard: unknown[] = [];
    near.state.listen((told) => heard.push(told));
    for (const text of ['', '1', '{}', '{"by":"x","broadcast":{"type":"terminate-user"}}', `{"by":"x","broadcast":${'['.repeat(200_000)}`]) await redis.client.publish(`${prefix}:broadcasts`, text);
    await redis.client.publish(`${prefix}:broadcasts`, JSON.stringify({ by: 'x', broadcast: { type: 'terminate-user', userId: 'ana' } }));
    await vi.waitUntil(() => heard.length > 0, WAIT);
    expect(heard).toEqual([{ type: 'terminate-user', userId: 'ana' }]);
  });
});
