import { parseRedisAddress } from '../redis/redis-address.ts';
import { ConfigError } from './config-error.ts';
import { option } from './option.ts';
import { wholeNumber, word } from './option-values.ts';

export const REDIS_OPTIONS = {
  redisUrl: option({
    name: 'REDIS_URL',
    type: 'url',
    fallback: 'none: one node, which needs none',
    sentence: 'The Redis (7 or later) that joins several nodes: redis://host:6379, redis+sentinel://host,host/group or redis+cluster://host,host; with rediss over TLS.',
    parse: (given, name) => {
      if (given === undefined) return undefined;
      const address = parseRedisAddress(given);
      if (!address) throw new ConfigError(name, 'must look like redis://user:password@host:6379/0, redis+sentinel://host:26379,host:26379/group or redis+cluster://host:6379,host:6379');
      return address;
    },
  }),
  redisPrefix: option({
    name: 'REDIS_PREFIX',
    type: 'word',
    fallback: 'couplet',
    sentence: 'What the names of keys and channels in Redis begin with: another for each deployment on one Redis.',
    parse: (given = 'couplet', name) => word(given, name) ?? 'couplet',
  }),
  shards: option({
    name: 'SHARDS',
    type: 'number',
    fallback: '64',
    sentence: "Into how many parts users' keys in Redis are divided, by a hash of their id: what a Redis Cluster can spread over its nodes; the same on every node.",
    parse: wholeNumber(64, 1, 4_096),
  }),
};
