import { expect, it } from 'vitest';
import { HostedApiError } from './hosted-api.ts';
import type { HostedEvent } from './hosted-events.ts';
import { HostedPublisher } from './hosted-publisher.ts';

const event = (n: number, channel = 'private-chat-a'): HostedEvent => ({ channel, name: 'n', data: String(n) });

function setUp(failures: Error[] = []) {
  const calls: string[][] = [];
  const waits: number[] = [];
  const dropped: { events: number; reason: string }[] = [];
  let hold: Promise<void> = Promise.resolve();
  const publisher = new HostedPublisher({
    api: {
      async triggerBatch(events) {
        await hold;
        const failure = failures.shift();
        if (failure) throw failure;
        calls.push(events.map(({ data }) => data));
      },
      terminateUser: (userId) => Promise.resolve(void calls.push([userId])),
    },
    wait: (ms) => Promise.resolve(void waits.push(ms)),
    onDropped: (events, reason) => dropped.push({ events, reason }),
  });
  const holdCalls = () => {
    let release: () => void = () => undefined;
    hold = new Promise((resolve) => {
      release = resolve;
    });
    return () => release();
  };
  return { publisher, calls, waits, dropped, holdCalls };
}

it('publishes ten events a call, in the order of their channel', async () => {
  const { publisher, calls } = setUp();
  for (let n = 0; n < 25; n += 1) publisher.publish(event(n));
  await publisher.close();
  expect(calls.map((call) => call.length)).toEqual([10, 10, 5]);
  expect(calls.flat()).toEqual(Array.from({ length: 25 }, (_, n) => String(n)));
});

it('tries again what may pass, with growing delays, before what comes after it', async () => {
  const passing = () => new HostedApiError('answered 503', true, null);
  const { publisher, calls, waits, dropped } = setUp([passing(), passing()]);
  publisher.publish(event(1));
  await Promise.resolve();
  publisher.publish(event(2));
  for (let turn = 0; turn < 50 && calls.length < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(calls.flat()).toEqual(['1', '2']);
  expect(waits).toEqual([200, 400]);
  expect(dropped).toEqual([]);
});

it('gives up what will not pass, and goes on', async () => {
  const { publisher, calls, dropped } = setUp([new HostedApiError('answered 401', false, null)]);
  publisher.publish(event(1));
  await publisher.close();
  expect(dropped).toEqual([{ events: 1, reason: 'answered 401' }]);
  expect(calls).toEqual([]);
});

it('holds a bounded number of events while nothing is answered, the newest', async () => {
  const { publisher, calls, dropped, holdCalls } = setUp();
  const release = holdCalls();
  for (let n = 0; n < 10_000; n += 1) publisher.publish(event(n));
  const sum = dropped.reduce((total, { events }) => total + events, 0);
  expect(sum).toBe(8_000);
  release();
  await publisher.close();
  expect(calls.flat()).toEqual(Array.from({ length: 2_000 }, (_, n) => String(8_000 + n)));
});
