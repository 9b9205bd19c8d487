import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { loadConfig } from '../src/config.ts';
import { type RunningServer, startServer } from '../src/server.ts';
import type { Person } from './people.ts';
import { type ApnsStandIn, startApnsStandIn } from './push-services/apns-stand-in.ts';
import { createCertificate } from './push-services/certificate.ts';
import { type FcmStandIn, startFcmStandIn } from './push-services/fcm-stand-in.ts';
import { startWebPushStandIn, type WebPushStandIn } from './push-services/web-push-stand-in.ts';
import { TEST_OVERRIDES } from './test-overrides.ts';
import { startTestServer, TEST_ADMIN_KEY, TEST_AUTH_SECRET, type TestServer } from './test-server.ts';

/** The three services, and what a server needs to be told to use them. */
export interface PushServices {
  apple: ApnsStandIn;
  google: FcmStandIn;
  browsers: WebPushStandIn;
  /** With a grace time that ends only when a test says so. */
  env: Record<string, string>;
  overrides: { pushServices: { apnsOrigin: string; fcmOrigin: string; ca: string } };
  close(): Promise<void>;
}

export async function startPushServices(): Promise<PushServices> {
  const certificate = createCertificate();
  const [apple, google, browsers] = await Promise.all([startApnsStandIn(certificate), startFcmStandIn(), startWebPushStandIn(certificate)]);
  return {
    apple,
    google,
    browsers,
    env: { ...apple.env, ...google.env, WEB_PUSH_HOSTS: 'localhost', PUSH_GRACE: '300' },
    overrides: { pushServices: { apnsOrigin: apple.origin, fcmOrigin: google.origin, ca: certificate.cert } },
    close: async () => void (await Promise.all([apple.close(), google.close(), browsers.close()])),
  };
}

export const startPushServer = (services: PushServices, env: Record<string, string> = {}): Promise<TestServer> =>
  startTestServer({ ...services.overrides, env: { ...services.env, ...env } });

/** One more node on a database. */
export async function startNode(services: PushServices, databaseUrl: string): Promise<RunningServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'couplet-test-'));
  const config = loadConfig({
    PORT: '0',
    DATABASE_URL: databaseUrl,
    DATA_DIR: dataDir,
    LOG_LEVEL: 'silent',
    RATE_LIMITS: 'off',
    AUTH_SECRET: TEST_AUTH_SECRET,
    ADMIN_API_KEY: TEST_ADMIN_KEY,
    ...services.env,
  });
  const server = await startServer(config, { ...TEST_OVERRIDES, ...services.overrides });
  return { ...server, stop: () => server.stop().finally(() => rm(dataDir, { recursive: true, force: true })) };
}

/** Time passes: whatever waits has waited long enough. */
export async function endGrace(pool: Pick<pg.Pool, 'query'>): Promise<void> {
  await pool.query('UPDATE due_pushes SET due_at = now()');
}

let tokens = 0;

/** A token of APNs that no other device has. */
export function appleToken(): string {
  return (tokens += 1).toString(16).padStart(64, 'a');
}

export async function registerDevice(server: TestServer, who: Pick<Person, 'token'>, platform: 'ios' | 'android' | 'web', token: string): Promise<string> {
  const { status, body } = await server.call<{ id: string }>('POST', '/api/devices/register', { token: who.token, body: { platform, token } });
  if (status !== 200) throw new Error(`Registering was answered ${status}: ${JSON.stringify(body)}`);
  return body.id;
}
