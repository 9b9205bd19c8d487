import { createHash } from 'node:crypto';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import type { RatePolicy } from '../http/rate-limiter.ts';
import type { SharedCounter } from '../http/shared-rate-limit.ts';
import type { RedisLink } from './redis-link.ts';

/** Counts a limit in Redis: one key for each that is limited, which goes with its window. */
export function createRateCounter(redis: RedisLink, prefix: string, { name, perSecond, burst }: RatePolicy): SharedCounter {
  const limiter = new RateLimiterRedis({
    storeClient: redis.commands,
    keyPrefix: `${prefix}rate:${name}`,
    points: burst,
    duration: Math.ceil(burst / perSecond),
  });
  return {
    async add(key, points) {
      if (!redis.isUp) throw new Error('Redis is away');
      const { consumedPoints, msBeforeNext } = await redis.inTime(limiter.penalty(hashed(key), points));
      return { count: consumedPoints, endsInMs: msBeforeNext };
    },
  };
}

/** Addresses and logins stay out of Redis. */
function hashed(key: string): string {
  return createHash('sha256').update(key).digest('base64url').slice(0, KEY_LENGTH);
}

/** 132 bits. */
const KEY_LENGTH = 22;
