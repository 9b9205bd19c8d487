import type { IncomingMessage } from 'node:http';
import { expect, it } from 'vitest';
import { clientAddressBehind } from './client-address.ts';

const from = (remoteAddress: string, forwarded?: string, proxies: string[] = []) =>
  clientAddressBehind(proxies)({ socket: { remoteAddress }, headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded } } as unknown as IncomingMessage);

it.each([
  ['203.0.113.7', undefined, '203.0.113.7'],
  ['::ffff:203.0.113.7', undefined, '203.0.113.7'],
  // Nobody else is believed.
  ['203.0.113.7', '198.51.100.1', '203.0.113.7'],
  // A load balancer on this machine appends whom it saw last.
  ['127.0.0.1', '198.51.100.1, 203.0.113.7', '203.0.113.7'],
  ['::ffff:127.0.0.1', '203.0.113.7', '203.0.113.7'],
  ['127.0.0.1', undefined, '127.0.0.1'],
  ['127.0.0.1', 'x'.repeat(1_000), '127.0.0.1'],
  // All addresses of one IPv6 customer are one.
  ['2001:db8:1:2:3:4:5:6', undefined, '2001:db8:1:2::/64'],
  ['2001:db8:1:2::9', undefined, '2001:db8:1:2::/64'],
  ['2001:db8::9', undefined, '2001:db8:0:0::/64'],
])('a request from %s forwarded for %s counts as %s', (remote, forwarded, expected) => {
  expect(from(remote, forwarded)).toBe(expected);
});

it.each([
  // The load balancer of the deployment appends whom it saw.
  ['10.1.2.3', '198.51.100.1, 203.0.113.7', ['10.0.0.0/8'], '203.0.113.7'],
  // Two proxies of ours in a row: whoever asked the first one.
  ['10.1.2.3', '198.51.100.1, 203.0.113.7, 10.9.9.9', ['10.0.0.0/8'], '203.0.113.7'],
  ['192.0.2.1', '203.0.113.7', ['192.0.2.1'], '203.0.113.7'],
  ['192.0.2.2', '203.0.113.7', ['192.0.2.1'], '192.0.2.2'],
  ['2001:db8::1', '2001:db8:5::9', ['2001:db8::/48'], '2001:db8:5:0::/64'],
  // All that is named is ours: the request came from one of them.
  ['10.1.2.3', '10.4.5.6', ['10.0.0.0/8'], '10.1.2.3'],
  ['10.1.2.3', 'unknown', ['10.0.0.0/8'], '10.1.2.3'],
])('a request from %s forwarded for %s counts, behind the proxies %j, as %s', (remote, forwarded, proxies, expected) => {
  expect(from(remote, forwarded, proxies)).toBe(expected);
});
