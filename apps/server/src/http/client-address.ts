import type { IncomingMessage } from 'node:http';

/**
 * The address that limits count by. A load balancer on this machine is believed
 * when it says for whom it asks; anybody else could write anything there.
 * One IPv6 customer has a whole /64: it counts as one.
 */
export function clientAddress(request: IncomingMessage): string {
  const peer = unmapped(request.socket.remoteAddress ?? 'unknown');
  if (peer !== '::1' && !peer.startsWith('127.')) return network(peer);
  const forwarded = request.headers['x-forwarded-for'];
  const nearest = (Array.isArray(forwarded) ? forwarded.at(-1) : forwarded)?.split(',').at(-1)?.trim();
  return nearest && nearest.length <= LONGEST_ADDRESS ? network(unmapped(nearest)) : peer;
}

const LONGEST_ADDRESS = 45;

function unmapped(address: string): string {
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
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
