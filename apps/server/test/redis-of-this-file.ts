import { afterAll, afterEach, beforeAll, vi } from 'vitest';
import type { JoinedNodes } from '../src/redis/joined-nodes.ts';
import { startTestRedis, type TestRedis } from './test-redis.ts';

export interface RedisOfThisFile {
  redis: TestRedis;
  /** After the test that asks for it, the last one first. */
  closeAfterTest(close: () => Promise<void>): void;
}

/** A Redis for the tests of one file; what a test took away of it is back for the next. */
export function redisOfThisFile(): RedisOfThisFile {
  let started: TestRedis | undefined;
  const closing: (() => Promise<void>)[] = [];
  const own = () => {
    if (!started) throw new Error('The Redis of a file starts before its first test');
    return started;
  };
  beforeAll(async () => {
    started = await startTestRedis();
    await started.client.connect();
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
    await own().start();
  });
  afterAll(() => started?.close());
  return {
    redis: {
      get url() {
        return own().url;
      },
      get client() {
        return own().client;
      },
      start: () => own().start(),
      stop: () => own().stop(),
      kill: () => own().kill(),
      pause: () => own().pause(),
      resume: () => own().resume(),
      flush: () => own().flush(),
      close: () => own().close(),
    },
    closeAfterTest: (close) => void closing.push(close),
  };
}

/** From here on the other nodes know this one, and it hears what they publish. */
export async function untilHeard({ registry, channels }: JoinedNodes): Promise<void> {
  await registry.beat();
  await vi.waitUntil(() => channels.isListening, { timeout: 20_000, interval: 5 });
}
