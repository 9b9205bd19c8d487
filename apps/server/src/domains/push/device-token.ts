import { createHash } from 'node:crypto';
import { CoupletError } from '@couplet/protocol';
import type { DevicePlatform } from './push-provider.ts';
import { parseSubscription } from './web-subscription.ts';

/** Hexadecimal; Apple does not say how long. */
const APNS_TOKEN = /^[0-9a-fA-F]{16,400}$/;
/** Stands in JSON only, so it may hold what it likes but spaces. */
const FCM_TOKEN = /^[\x21-\x7e]+$/;

/**
 * What names the installation behind a token, hashed: the same app that registers
 * under another session takes its place.
 *
 * @param webPushHosts see `WebPushOptions.hosts`
 * @throws CoupletError `validation_failed`
 */
export function deviceTokenHash(platform: DevicePlatform, token: string, webPushHosts: readonly string[] | null): Buffer {
  return createHash('sha256').update(`${platform} ${nameOf(platform, token, webPushHosts)}`).digest();
}

function nameOf(platform: DevicePlatform, token: string, webPushHosts: readonly string[] | null): string {
  switch (platform) {
    case 'ios':
      if (!APNS_TOKEN.test(token)) throw refused('A token of APNs has hexadecimal digits only.');
      return token.toLowerCase();
    case 'android':
      if (!FCM_TOKEN.test(token)) throw refused('That is no token of FCM.');
      return token;
    case 'web': {
      const subscription = parseSubscription(token, webPushHosts);
      if (subscription === null) throw refused('That is no push subscription of a service this server calls.');
      return subscription.endpoint;
    }
  }
}

function refused(message: string): CoupletError {
  return new CoupletError('validation_failed', message, { issues: [{ path: 'token', message }] });
}
