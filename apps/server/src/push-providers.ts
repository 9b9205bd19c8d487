import { createECDH } from 'node:crypto';
import type { Config } from './config.ts';
import { ConfigError } from './config/config-error.ts';
import { keptSecret } from './data-dir.ts';
import type { PushProviders } from './domains/push/push-provider.ts';
import { Apns } from './domains/push/providers/apns.ts';
import { Fcm } from './domains/push/providers/fcm.ts';
import { WebPush } from './domains/push/providers/web-push.ts';

/** Where stand-ins of the services are, in tests. */
export interface PushServiceOverrides {
  apnsOrigin?: string;
  fcmOrigin?: string;
  /** Of the stand-ins' certificates, PEM. */
  ca?: string;
}

const APNS_ORIGINS = { production: 'https://api.push.apple.com', sandbox: 'https://api.sandbox.push.apple.com' } as const;
const FCM_ORIGIN = 'https://fcm.googleapis.com';

/** Without TLS browsers subscribe on localhost only, which is for trying things out. */
const LOCAL_SUBJECT = 'mailto:nobody@example.org';

export interface VapidKeys {
  /** base64url, as browsers want it. */
  publicKey: string;
  privateKey: string;
}

/** The given pair, or one that was made on first use and is kept in the data folder. */
export async function loadVapidKeys(config: Config): Promise<VapidKeys> {
  // 32 random bytes are a private key of P-256, but for one in 2^32, which `publicKeyOf` refuses.
  const privateKey = config.vapidPrivateKey ?? (await keptSecret(config.dataDir, 'vapid-private-key'));
  const publicKey = publicKeyOf(privateKey);
  if (config.vapidPublicKey !== undefined && config.vapidPublicKey !== publicKey) throw new ConfigError('VAPID_PUBLIC_KEY', 'does not belong to VAPID_PRIVATE_KEY');
  return { publicKey, privateKey };
}

function publicKeyOf(privateKey: string): string {
  const curve = createECDH('prime256v1');
  try {
    curve.setPrivateKey(Buffer.from(privateKey, 'base64url'));
  } catch {
    throw new ConfigError('VAPID_PRIVATE_KEY', 'is no private key of the curve P-256, 32 bytes in base64url');
  }
  return curve.getPublicKey().toString('base64url');
}

/** Web Push always; the others with their keys. */
export function createPushProviders(config: Config, vapid: VapidKeys, now: () => number, overrides: PushServiceOverrides = {}): PushProviders {
  const { fcmServiceAccount: account, webPushHosts: hosts } = config;
  const apns = apnsAccount(config);
  const ca = overrides.ca === undefined ? {} : { ca: overrides.ca };
  return {
    web: new WebPush({ vapid: { ...vapid, subject: config.vapidSubject ?? subjectOf(config.publicUrl) }, hosts, now, ...ca }),
    ...(account === undefined ? {} : { android: new Fcm({ account, origin: overrides.fcmOrigin ?? FCM_ORIGIN, now }) }),
    ...(apns === null ? {} : { ios: new Apns({ ...apns, origin: overrides.apnsOrigin ?? APNS_ORIGINS[config.apnsEnvironment], now, ...ca }) }),
  };
}

/** The four belong together. */
function apnsAccount({ apnsKey: key, apnsKeyId: keyId, apnsTeamId: teamId, apnsTopic }: Config) {
  if (key === undefined) return null;
  if (keyId === undefined) throw new ConfigError('APNS_KEY_ID', 'is needed with APNS_KEY');
  if (teamId === undefined) throw new ConfigError('APNS_TEAM_ID', 'is needed with APNS_KEY');
  const [first, ...others] = apnsTopic ?? [];
  if (first === undefined) throw new ConfigError('APNS_TOPIC', 'is needed with APNS_KEY');
  return { key, keyId, teamId, topics: [first, ...others] as const };
}

/** Whom a push service turns to. It has to be a real address on the internet, or none is taken. */
function subjectOf(publicUrl: string | undefined): string {
  return publicUrl?.startsWith('https://') === true ? publicUrl : LOCAL_SUBJECT;
}
