import type { UserId } from '@couplet/protocol';
import { describe, expect, it } from 'vitest';
import { createRedisKeys } from '../../redis/redis-keys.ts';
import type { RedisCommand } from '../../redis/redis-link.ts';
import type { Delivery } from '../fanout.ts';
import { DeliverySender } from './delivery-sender.ts';

const keys = createRedisKeys('test', 4);
const ana = '0190a1b2-0000-7000-8000-00000000000a' as UserId;
const bo = '0190a1b2-0000-7000-8000-00000000000b' as UserId;
const presence = (to: UserId, n: number): Delivery => ({ to, payload: { type: 'presence.update', userId: bo, status: 'online', lastSeenAt: `2026-01-01T00:00:00.00000${n}Z` } });

/** A sender whose Redis answers when it is told to. */
function createSender() {
  const nodesOf = new Map<UserId, string[]>();
  const rounds: RedisCommand[][] = [];
  const counts = { sent: 0, dropped: 0 };
  const redis = { isUp: true, answers: async (): Promise<void> => undefined };
  const sender = new DeliverySender({
    link: {
      get isUp() {
        return redis.isUp;
      },
      async run(commands) {
        if (commands.length > 0) rounds.push([...commands]);
        await redis.answers();
        return commands.map(([name, userId]) => (name === 'HKEYS' ? (nodesOf.get(userId as UserId) ?? []) : 'OK'));
      },
    },
    keys,
    channels: { publishing: (channel, text) => ['PUBLISH', channel, text] },
    node: 'self',
    places: {
      lookUps: (userIds) => userIds.map((userId) => ['HKEYS', userId]),
      read: (userIds, answers) => new Map(userIds.map((userId, index) => [userId, answers[index] as string[]])),
    },
    onSent: (deliveries) => void (counts.sent += deliveries),
    onDropped: (deliveries) => void (counts.dropped += deliveries),
  });
  /** As many turns as a round takes; nothing in it waits for anything but promises. */
  const turns = async () => {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  };
  /** Of each round trip, to which nodes something went, and what it said. */
  const went = () => rounds.map((commands) => commands.filter(([name]) => name === 'PUBLISH').map(([, channel, text]) => [channel, JSON.parse(String(text)) as unknown]));
  return { sender, nodesOf, redis, counts, went, turns };
}

describe('sending to other nodes', () => {
  it('holds so many at most for a Redis that does not answer, and says of the rest that they may be lost', async () => {
    const { sender, nodesOf, redis, counts, turns } = createSender();
    nodesOf.set(ana, ['two']);
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
    redis.answers = () => answered;
    sender.send([presence(ana, 0)]);
    await turns();
    const thousand = Array.from({ length: 1_000 }, () => presence(ana, 1));
    for (let n = 0; n < 20; n += 1) sender.send(thousand);
    expect(counts.dropped).toBe(0);
    sender.send(thousand);
    expect(counts.dropped).toBe(1_000);
    answer();
    await sender.flushed();
    expect(counts).toEqual({ sent: 20_001, dropped: 1_000 });
  });

  it('takes one round trip to where users were last, and a second one to where they are besides', async () => {
    const { sender, nodesOf, counts, went, turns } = createSender();
    nodesOf.set(ana, ['self', 'two']);
    sender.send([presence(ana, 1)]);
    await turns();
    expect(went()).toEqual([[], [[keys.signals('two'), [presence(ana, 1)]]]]);
    sender.send([presence(ana, 2)]);
    await turns();
    nodesOf.set(ana, ['two', 'three']);
    sender.send([presence(ana, 3)]);
    await turns();
    expect(went().slice(2)).toEqual([[[keys.signals('two'), [presence(ana, 2)]]], [[keys.signals('two'), [presence(ana, 3)]]], [[keys.signals('three'), [presence(ana, 3)]]]]);
    expect(counts).toEqual({ sent: 4, dropped: 0 });
  });

  it('sends what comes during a round trip together, in order, once it is over', async () => {
    const { sender, nodesOf, redis, went, turns } = createSender();
    nodesOf.set(ana, ['two']).set(bo, ['two']);
    sender.send([presence(ana, 1), presence(bo, 1)]);
    await turns();
    const before = went().length;
    const answer = Promise.withResolvers<void>();
    redis.answers = () => answer.promise;
    for (const n of [2, 3, 4]) {
      sender.send([presence(ana, n)]);
      await turns();
    }
    expect(went().slice(before)).toEqual([[[keys.signals('two'), [presence(ana, 2)]]]]);
    answer.resolve();
    await turns();
    expect(went().slice(before + 1)).toEqual([[[keys.signals('two'), [presence(ana, 3), presence(ana, 4)]]]]);
  });

  it('[P2] drops what Redis did not take, says so, and goes on', async () => {
    const { sender, nodesOf, redis, counts, went, turns } = createSender();
    nodesOf.set(ana, ['two']);
    redis.answers = () => Promise.reject(new Error('away'));
    sender.send([presence(ana, 1), presence(ana, 2)]);
    await turns();
    expect(counts.dropped).toBe(2);
    redis.isUp = false;
    sender.send([presence(ana, 3)]);
    expect(counts.dropped).toBe(3);
    redis.isUp = true;
    redis.answers = async () => undefined;
    sender.send([presence(ana, 4)]);
    await turns();
    expect(went().at(-1)).toEqual([[keys.signals('two'), [presence(ana, 4)]]]);
    await sender.flushed();
  });
});
