import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { jwtVerify } from 'jose';
import { Received } from './received.ts';

export interface FcmPush {
  token: string;
  notification?: { title: string; body?: string };
  data: Record<string, string>;
  android: { priority: string; ttl: string; notification?: { tag: string; notification_count: number } };
}

export interface FcmStandIn {
  origin: string;
  received: Received<FcmPush>;
  /** Access tokens it gave out; the last one is the one it takes. */
  tokensGiven: string[];
  /** For FCM_SERVICE_ACCOUNT. */
  env: Record<string, string>;
  close(): Promise<void>;
}

const PROJECT = 'couplet-test';
const ACCOUNT = 'push@couplet-test.example.org';

/** Google's two ends: a signed assertion for an access token, then one call per message. */
export async function startFcmStandIn(): Promise<FcmStandIn> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const received = new Received<FcmPush>();
  const tokensGiven: string[] = [];
  let origin = '';

  const reply = (response: ServerResponse, status: number, value: object, headers: Record<string, string> = {}) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));

  async function exchange(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = new URLSearchParams(await text(request));
    const isSigned = await jwtVerify(form.get('assertion') ?? '', publicKey, { issuer: ACCOUNT, audience: `${origin}/token`, algorithms: ['RS256'] }).then(
      ({ payload }) => payload['scope'] === 'https://www.googleapis.com/auth/firebase.messaging',
      () => false,
    );
    if (form.get('grant_type') !== 'urn:ietf:params:oauth:grant-type:jwt-bearer' || !isSigned) return reply(response, 400, { error: 'invalid_grant' });
    tokensGiven.push(`token-${tokensGiven.length + 1}`);
    reply(response, 200, { access_token: tokensGiven.at(-1), expires_in: 3_599, token_type: 'Bearer' });
  }

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    if (request.headers.authorization !== `Bearer ${tokensGiven.at(-1)}`) return reply(response, 401, { error: { status: 'UNAUTHENTICATED' } });
    const fault = received.nextFault();
    if (fault === 'hang') return;
    if (fault === 'drop') return void request.socket.destroy();
    if (fault) return reply(response, fault.status, fault.body ?? {}, fault.headers);
    reply(response, 200, { name: `projects/${PROJECT}/messages/1` });
    received.take((JSON.parse(body) as { message: FcmPush }).message);
  }

  const server = createServer((request, response) => {
    const answer = request.url === '/token' ? exchange : request.url === `/v1/projects/${PROJECT}/messages:send` ? take : null;
    if (answer === null) return reply(response, 404, {});
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    received,
    tokensGiven,
    env: {
      FCM_SERVICE_ACCOUNT: JSON.stringify({
        type: 'service_account',
        project_id: PROJECT,
        client_email: ACCOUNT,
        private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
        token_uri: `${origin}/token`,
      }),
    },
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
