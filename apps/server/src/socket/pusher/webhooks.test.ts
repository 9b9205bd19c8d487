import { expect, it } from 'vitest';
import { MemoryChannelState } from './memory-channel-state.ts';
import { sign } from './signatures.ts';
import { Webhooks } from './webhooks.ts';

const app = { id: '1', key: 'key', secret: 'secret' };

/** Webhooks with a clock that only moves when told, against a backend that answers as listed and then 200. */
function setUp(answers: (number | Error)[] = [], state = new MemoryChannelState(() => 0)) {
  let now = 0;
  let tasks: { at: number; task: () => void }[] = [];
  const calls: { headers: Record<string, string>; events: { name: string }[]; body: string }[] = [];
  const dropped: { events: number; reason: string }[] = [];
  const webhooks = new Webhooks({
    url: 'http://backend.test/',
    app,
    now: () => now,
    tellOnce: (coming, isThere) => state.tellOnce(coming, isThere),
    schedule(delayMs, task) {
      const entry = { at: now + delayMs, task };
      tasks.push(entry);
      return () => {
        tasks = tasks.filter((other) => other !== entry);
      };
    },
    post(_url, headers, body) {
      calls.push({ headers, body, events: (JSON.parse(body) as { events: { name: string }[] }).events });
      const answer = answers.shift() ?? 200;
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    onDropped: (events, reason) => dropped.push({ events, reason }),
  });
  const pass = async (ms: number) => {
    const until = now + ms;
    // What was noted is decided.
    await new Promise((resolve) => setImmediate(resolve));
    for (;;) {
      const [next] = tasks.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
      if (!next) break;
      now = next.at;
      tasks = tasks.filter((other) => other !== next);
      next.task();
      // What the task began comes to its next wait.
      await new Promise((resolve) => setImmediate(resolve));
    }
    now = until;
  };
  return { webhooks, calls, dropped, pass };
}

it('tells several events in one signed call', async () => {
  const { webhooks, calls, pass } = setUp();
  webhooks.note({ name: 'channel_occupied', channel: 'a' });
  // Decided first.
  await pass(0);
  webhooks.note({ name: 'cache_miss', channel: 'cache-a' });
  await pass(100);
  expect(calls).toHaveLength(1);
  expect(calls[0]?.events.map(({ name }) => name)).toEqual(['channel_occupied', 'cache_miss']);
  expect(calls[0]?.headers).toEqual({ 'content-type': 'application/json', 'x-pusher-key': 'key', 'x-pusher-signature': sign(app, calls[0]?.body ?? '') });
});

it('keeps a quick reconnect to itself', async () => {
  const { webhooks, calls, pass } = setUp();
  webhooks.note({ name: 'channel_occupied', channel: 'a' });
  await pass(200);
  calls.length = 0;
  webhooks.note({ name: 'channel_vacated', channel: 'a' });
  await pass(2_900);
  webhooks.note({ name: 'channel_occupied', channel: 'a' });
  await pass(10_000);
  expect(calls).toEqual([]);
  webhooks.note({ name: 'channel_vacated', channel: 'a' });
  await pass(3_200);
  expect(calls.map(({ events }) => events[0]?.name)).toEqual(['channel_vacated']);
});

it('tells coming and going in turn, also where one node sees the coming and another the going', async () => {
  const state = new MemoryChannelState(() => 0);
  const [near, far] = [setUp([], state), setUp([], state)];
  const told = () => [...near.calls, ...far.calls].flatMap(({ events }) => events.map(({ name }) => name));
  await state.enter('a', '1.1', null);
  near.webhooks.note({ name: 'channel_occupied', channel: 'a' });
  await near.pass(200);
  expect(told()).toEqual(['channel_occupied']);
  // The last one leaves here, and somebody comes there before that is told.
  await state.leave('a', '1.1');
  near.webhooks.note({ name: 'channel_vacated', channel: 'a' });
  await near.pass(1_000);
  await state.enter('a', '2.2', null);
  far.webhooks.note({ name: 'channel_occupied', channel: 'a' });
  await far.pass(200);
  await near.pass(10_000);
  expect(told()).toEqual(['channel_occupied']);
  await state.leave('a', '2.2');
  far.webhooks.note({ name: 'channel_vacated', channel: 'a' });
  await far.pass(10_000);
  expect(told()).toEqual(['channel_occupied', 'channel_vacated']);
});

it('tries the same call again after failures', async () => {
  const { webhooks, calls, dropped, pass } = setUp([500, new Error('refused'), 302]);
  webhooks.note({ name: 'cache_miss', channel: 'a' });
  await pass(10_000);
  expect(calls).toHaveLength(4);
  expect(new Set(calls.map(({ body }) => body)).size).toBe(1);
  expect(dropped).toEqual([]);
});

it('gives up after about five minutes, and says so', async () => {
  const { webhooks, calls, dropped, pass } = setUp(Array.from({ length: 50 }, () => 503));
  webhooks.note({ name: 'cache_miss', channel: 'a' });
  await pass(10 * 60_000);
  expect(calls).toHaveLength(10);
  expect(dropped).toEqual([{ events: 1, reason: 'the answer was 503' }]);
});

it('holds a bounded number of calls for a backend that is down', async () => {
  const { webhooks, calls, dropped, pass } = setUp(Array.from({ length: 100_000 }, () => 503));
  for (let n = 0; n < 50_000; n += 1) webhooks.note({ name: 'cache_miss', channel: `c${n}` });
  expect(calls).toHaveLength(200);
  expect(dropped.reduce((sum, { events }) => sum + events, 0)).toBe(30_000);
  await pass(1_000);
  await webhooks.close();
});

it('tells what waits when it is closed', async () => {
  const { webhooks, calls } = setUp();
  webhooks.note({ name: 'cache_miss', channel: 'a' });
  await webhooks.close();
  webhooks.note({ name: 'cache_miss', channel: 'b' });
  expect(calls).toHaveLength(1);
});
