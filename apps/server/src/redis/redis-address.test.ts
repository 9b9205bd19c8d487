import { expect, it } from 'vitest';
import { parseRedisAddress } from './redis-address.ts';

const nobody = { username: undefined, password: undefined };

it('reads one server, with and without what may be left out', () => {
  expect(parseRedisAddress('redis://cache')).toEqual({ type: 'single', hosts: [{ host: 'cache', port: 6379 }], isEncrypted: false, ...nobody, database: 0 });
  expect(parseRedisAddress('rediss://ana:p%40ss@[::1]:7000/3')).toEqual({
    type: 'single',
    hosts: [{ host: '::1', port: 7000 }],
    isEncrypted: true,
    username: 'ana',
    password: 'p@ss',
    database: 3,
  });
  expect(parseRedisAddress('redis://:secret@cache')).toMatchObject({ username: undefined, password: 'secret' });
});

it('reads sentinels with the group they watch', () => {
  expect(parseRedisAddress('redis+sentinel://:secret@one,two:26380/couplet/1')).toEqual({
    type: 'sentinel',
    hosts: [{ host: 'one', port: 26_379 }, { host: 'two', port: 26_380 }],
    isEncrypted: false,
    username: undefined,
    password: 'secret',
    group: 'couplet',
    database: 1,
  });
});

it('reads some nodes of a cluster', () => {
  expect(parseRedisAddress('rediss+cluster://one:7000,two:7001')).toEqual({
    type: 'cluster',
    hosts: [{ host: 'one', port: 7000 }, { host: 'two', port: 7001 }],
    isEncrypted: true,
    ...nobody,
  });
});

it.each(['', 'cache:6379', 'http://cache', 'redis://', 'redis://one,two', 'redis://cache/x', 'redis+sentinel://one', 'redis+cluster://one/2', 'redis://%zz:x@cache', 'redis://cache:99999'])(
  'refuses %j',
  (text) => {
    expect(parseRedisAddress(text)).toBeNull();
  },
);
