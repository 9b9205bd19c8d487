import { generateKeyPairSync } from 'node:crypto';
import { createSecureServer, type Http2Session, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { jwtVerify } from 'jose';
import type { TestCertificate } from './certificate.ts';
import { Received } from './received.ts';

export interface ApnsPush {
  token: string;
  headers: IncomingHttpHeaders;
  payload: { aps: { alert?: { title: string; body?: string }; badge: number; sound?: string; 'content-available'?: number; 'thread-id'?: string }; type: string; conversationId: string; seq: number };
}

export interface ApnsStandIn {
  origin: string;
  received: Received<ApnsPush>;
  /** The authorizations it was shown, one per kind. */
  authorizations: Set<string>;
  /** For APNS_KEY and its companions. */
  env: Record<string, string>;
  close(): Promise<void>;
}

const KEY_ID = 'ABC1234567';
const TEAM_ID = 'TEAM123456';
export const APNS_TOPIC = 'app.couplet.mobile';

/** APNs as Apple describes it: HTTP/2 over TLS, a token signed with ES256, one stream per notification. */
export async function startApnsStandIn(certificate: TestCertificate): Promise<ApnsStandIn> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const received = new Received<ApnsPush>();
  const authorizations = new Set<string>();
  const sessions = new Set<Http2Session>();

  async function answer(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
    const body = await text(stream);
    const refuse = (status: number, more: object, extra: Record<string, string> = {}) => {
      stream.respond({ ':status': status, ...extra });
      stream.end(JSON.stringify(more));
    };
    const authorization = headers.authorization ?? '';
    authorizations.add(authorization);
    const isKnown = await jwtVerify(authorization.replace(/^bearer /, ''), publicKey, { issuer: TEAM_ID, algorithms: ['ES256'] }).then(
      ({ payload, protectedHeader }) => protectedHeader.kid === KEY_ID && typeof payload.iat === 'number',
      () => false,
    );
    if (!isKnown) return refuse(403, { reason: 'InvalidProviderToken' });
    const fault = received.nextFault();
    if (fault === 'hang') return;
    if (fault === 'drop') return void stream.session?.destroy();
    if (fault) return refuse(fault.status, fault.body ?? {}, fault.headers);
    if (headers['apns-topic'] !== APNS_TOPIC) return refuse(400, { reason: 'TopicDisallowed' });
    const token = /^\/3\/device\/([0-9a-f]+)$/i.exec(headers[':path'] ?? '')?.[1];
    if (token === undefined) return refuse(400, { reason: 'BadDeviceToken' });
    const payload = JSON.parse(body) as ApnsPush['payload'];
    const reason = forbidden(headers, payload.aps);
    if (reason !== null) return refuse(400, { reason });
    stream.respond({ ':status': 200, 'apns-id': '00000000-0000-4000-8000-000000000000' });
    stream.end();
    received.take({ token, headers, payload });
  }

  const server = createSecureServer(certificate);
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session)).on('error', () => undefined);
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    answer(stream, headers).catch(() => stream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `https://localhost:${(server.address() as AddressInfo).port}`,
    received,
    authorizations,
    env: {
      APNS_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      APNS_KEY_ID: KEY_ID,
      APNS_TEAM_ID: TEAM_ID,
      APNS_TOPIC,
    },
    async close() {
      for (const session of sessions) session.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/**
 * What only wakes the app must not show, count or play anything, nor be urgent.
 * Apple does not say what becomes of one that does: here it is refused, so that a test sees it.
 */
function forbidden(headers: IncomingHttpHeaders, aps: ApnsPush['payload']['aps']): string | null {
  switch (headers['apns-push-type']) {
    case 'alert':
      return null;
    case 'background':
      if (headers['apns-priority'] !== '5') return 'BadPriority';
      return aps['content-available'] !== 1 || 'alert' in aps || 'badge' in aps || 'sound' in aps ? 'InvalidPushType' : null;
    default:
      return 'InvalidPushType';
  }
}
