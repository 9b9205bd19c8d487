import { createDecipheriv, createECDH, type ECDH, hkdfSync, randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { importJWK, jwtVerify } from 'jose';
import type { TestCertificate } from './certificate.ts';
import { Received } from './received.ts';

export interface WebPushed {
  /** Which subscription. */
  path: string;
  headers: IncomingHttpHeaders;
  notice: { type: string; conversationId: string; seq: number; title?: string; body?: string; badge: number };
  /** When it was taken, epoch milliseconds. */
  at: number;
  /** Whether the answer was sent while somebody was there to hear it. */
  isAnswered: boolean;
}

export interface WebPushStandIn {
  received: Received<WebPushed>;
  /** A browser that subscribed: the token to register. */
  subscribe(): string;
  close(): Promise<void>;
}

interface Subscriber {
  keys: ECDH;
  auth: Buffer;
}

/** A browser's push service: looks at who signed (RFC 8292), and as the browser opens what was sealed (RFC 8291). */
export async function startWebPushStandIn(certificate: TestCertificate): Promise<WebPushStandIn> {
  const received = new Received<WebPushed>();
  const subscribers = new Map<string, Subscriber>();
  let origin = '';

  async function take(path: string, headers: IncomingHttpHeaders, body: Buffer, response: ServerResponse): Promise<void> {
    const subscriber = subscribers.get(path);
    if (!subscriber) return void response.writeHead(404).end();
    if (!(await isSignedFor(origin, headers.authorization ?? ''))) return void response.writeHead(403).end();
    const fault = received.nextFault();
    if (fault === 'hang') return;
    if (fault === 'drop') return void response.destroy();
    if (fault) return void response.writeHead(fault.status, fault.headers).end(JSON.stringify(fault.body ?? {}));
    const notice = JSON.parse(openSealed(body, subscriber).toString()) as WebPushed['notice'];
    const push: WebPushed = { path, headers, notice, at: Date.now(), isAnswered: false };
    response.once('finish', () => {
      push.isAnswered = !response.destroyed;
    });
    response.writeHead(201).end();
    received.take(push);
  }

  const server = createServer(certificate, (request, response) => {
    buffer(request)
      .then((body) => take(request.url ?? '', request.headers, body, response))
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `https://localhost:${(server.address() as AddressInfo).port}`;
  return {
    received,
    subscribe() {
      const keys = createECDH('prime256v1');
      const path = `/push/${subscribers.size + 1}`;
      const auth = randomBytes(16);
      subscribers.set(path, { keys, auth });
      return JSON.stringify({ endpoint: origin + path, expirationTime: null, keys: { p256dh: keys.generateKeys('base64url'), auth: auth.toString('base64url') } });
    },
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function isSignedFor(origin: string, authorization: string): Promise<boolean> {
  const [, token = '', key = ''] = /^vapid t=([^,]+), ?k=([\w-]+)$/.exec(authorization) ?? [];
  const point = Buffer.from(key, 'base64url');
  if (point.length !== 65) return false;
  const publicKey = await importJWK({ kty: 'EC', crv: 'P-256', x: point.subarray(1, 33).toString('base64url'), y: point.subarray(33).toString('base64url') }, 'ES256');
  return jwtVerify(token, publicKey, { audience: origin, algorithms: ['ES256'], requiredClaims: ['exp', 'sub'] }).then(
    ({ payload }) => (payload.exp ?? 0) <= Date.now() / 1_000 + 24 * 60 * 60,
    () => false,
  );
}

/** aes128gcm with one record. */
function openSealed(body: Buffer, { keys, auth }: Subscriber): Buffer {
  const salt = body.subarray(0, 16);
  const senderKey = body.subarray(21, 21 + (body[20] ?? 0));
  const sealed = body.subarray(21 + senderKey.length);
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), keys.getPublicKey(), senderKey]);
  const secret = Buffer.from(hkdfSync('sha256', keys.computeSecret(senderKey), auth, info, 32));
  const derived = (label: string, length: number) => Buffer.from(hkdfSync('sha256', secret, salt, Buffer.from(`Content-Encoding: ${label}\0`), length));
  const opening = createDecipheriv('aes-128-gcm', derived('aes128gcm', 16), derived('nonce', 12));
  opening.setAuthTag(sealed.subarray(-16));
  const padded = Buffer.concat([opening.update(sealed.subarray(0, -16)), opening.final()]);
  return padded.subarray(0, padded.lastIndexOf(2));
}
