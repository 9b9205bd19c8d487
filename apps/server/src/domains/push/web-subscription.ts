import { isIP } from 'node:net';
import { z } from 'zod';
import { parseJson } from '../../parse-json.ts';

/** What a browser's `PushSubscription` says of itself. */
const subscriptionSchema = z.object({
  endpoint: z.url({ protocol: /^https$/ }).max(2_048),
  keys: z.object({
    /** A point of the curve P-256: 65 bytes. */
    p256dh: z.string().regex(/^[A-Za-z0-9_-]{87}=?$/),
    /** 16 bytes. */
    auth: z.string().regex(/^[A-Za-z0-9_-]{22}(==)?$/),
  }),
});
export type WebSubscription = z.infer<typeof subscriptionSchema>;

/**
 * The subscription in this text, or null when it is none or leads where this
 * server calls nobody: an address that is no name on the internet, or with
 * `hosts`, another host than those.
 */
export function parseSubscription(text: string, hosts: readonly string[] | null): WebSubscription | null {
  const parsed = subscriptionSchema.safeParse(parseJson(text));
  if (!parsed.success) return null;
  const { hostname, port, username, password } = new URL(parsed.data.endpoint);
  if (username !== '' || password !== '') return null;
  const isAllowed = hosts === null ? port === '' && isPublicName(hostname) : hosts.includes(hostname);
  return isAllowed ? parsed.data : null;
}

/** Whether it can be the name of somebody else's server; where it leads is looked at when it is called. */
function isPublicName(hostname: string): boolean {
  return hostname.includes('.') && isIP(hostname) === 0 && !hostname.startsWith('[') && !/\.(localhost|local|internal|lan|home|arpa)\.?$/i.test(hostname);
}
