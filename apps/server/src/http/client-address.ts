import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/**
 * Makes what tells the address that limits count by. A proxy of ours is believed
 * when it says for whom it asks; anybody else could write anything there. So the
 * list of `X-Forwarded-For` is read from its end, and the first address that is
 * no proxy of ours is the one. One IPv6 customer has a whole /64: it counts as one.
 *
 * @param trustedProxies addresses and networks (`10.0.0.0/8`) besides this machine itself
 */
export function clientAddressBehind(trustedProxies: readonly string[]): (request: IncomingMessage) => string {
  const trusted = new BlockList();
  for (const place of ['127.0.0.0/8', '::1', ...trustedProxies]) trust(trusted, place);
  const isTrusted = (address: string) => isIP(address) !== 0 && trusted.check(address, family(address));
  return (request) => {
    const peer = unmapped(request.socket.remoteAddress ?? 'unknown');
    if (!isTrusted(peer)) return network(peer);
    const header = request.headers['x-forwarded-for'];
    const forwarded = (Array.isArray(header) ? header.join(',') : (header ?? '')).slice(-LONGEST_READ).split(',').map((text) => unmapped(text.trim()));
    const nearest = forwarded.findLast((address) => !isTrusted(address));
    return nearest !== undefined && isIP(nearest) !== 0 ? network(nearest) : peer;
  };
}

/** Whether this can be named as a proxy: an address, or a network with its length. */
export function isAddressOrNetwork(place: string): boolean {
  const [address = '', length, ...rest] = place.split('/');
  const bits = isIP(address) === 6 ? 128 : 32;
  return isIP(address) !== 0 && rest.length === 0 && (length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= bits));
}

/** Characters of the header from its end: twenty addresses; what a client wrote in front of them does not count. */
const LONGEST_READ = 1_000;

function trust(trusted: BlockList, place: string): void {
  const [address = '', length] = place.split('/');
  if (length === undefined) trusted.addAddress(address, family(address));
  else trusted.addSubnet(address, Number(length), family(address));
}

function family(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

function unmapped(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice('::ffff:'.length) : address;
}

function network(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head.split(':').filter((group) => group !== '');
  if (tail !== undefined) {
    const rest = tail.split(':').filter((group) => group !== '');
    while (groups.length + rest.length < IPV6_GROUPS) groups.push('0');
    groups.push(...rest);
  }
  return `${groups.slice(0, IPV6_GROUPS / 2).join(':')}::/64`;
}

const IPV6_GROUPS = 8;
