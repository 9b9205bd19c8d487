import type { ConversationId, MessageId } from '@couplet/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import webPushLibrary from 'web-push';
import { createCertificate } from '../../../../test/push-services/certificate.ts';
import { startWebPushStandIn, type WebPushStandIn } from '../../../../test/push-services/web-push-stand-in.ts';
import type { PushNotice } from '../push-provider.ts';
import { isPublicAddress, publicLookup } from './public-address.ts';
import { WebPush } from './web-push.ts';
import { parseSubscription } from '../web-subscription.ts';

const conversationId = '0190a1b2-0000-7000-8000-000000000001' as ConversationId;
const NOTICE: PushNotice = { type: 'message', conversationId, messageId: '0190a1b2-0000-7000-8000-000000000002' as MessageId, seq: 7, title: 'New message from Ana', body: '', badge: 3 };
const VAPID = { subject: 'https://chat.example.org', ...webPushLibrary.generateVAPIDKeys() };

const certificate = createCertificate();
let service: WebPushStandIn;
let webPush: WebPush;
beforeAll(async () => {
  service = await startWebPushStandIn(certificate);
  webPush = new WebPush({ vapid: VAPID, hosts: ['localhost'], now: Date.now, ca: certificate.cert });
});
afterAll(async () => {
  await webPush.close();
  await service.close();
});

it('is signed, and sealed for the one browser that can open it', async () => {
  expect(await webPush.send({ token: service.subscribe(), appId: null }, NOTICE)).toEqual({ status: 'accepted' });
  const { headers, notice } = service.received.pushes.at(-1) ?? {};
  expect(headers).toMatchObject({ 'content-encoding': 'aes128gcm', urgency: 'high', ttl: String(7 * 24 * 60 * 60) });
  expect(String(headers?.['topic']).length).toBe(32);
  expect(notice).toEqual(NOTICE);
});

it.each([
  [{ status: 410 }, { status: 'gone', reason: '410' }],
  [{ status: 404 }, { status: 'gone', reason: '404' }],
  [{ status: 429, headers: { 'retry-after': '5' } }, { status: 'later', reason: '429', retryAfterMs: 5_000 }],
  [{ status: 502 }, { status: 'later', reason: '502' }],
  [{ status: 413 }, { status: 'refused', reason: '413' }],
] as const)('understands the refusal %j', async (fault, outcome) => {
  service.received.faults.push(fault);
  expect(await webPush.send({ token: service.subscribe(), appId: null }, NOTICE)).toEqual(outcome);
});

it('is tried later when the connection is cut', async () => {
  service.received.faults.push('drop');
  expect(await webPush.send({ token: service.subscribe(), appId: null }, NOTICE)).toMatchObject({ status: 'later' });
});

it('is tried later when no answer comes', async () => {
  const impatient = new WebPush({ vapid: VAPID, hosts: ['localhost'], now: Date.now, ca: certificate.cert, timeoutMs: 500 });
  service.received.faults.push('hang');
  expect(await impatient.send({ token: service.subscribe(), appId: null }, NOTICE)).toMatchObject({ status: 'later' });
  await impatient.close();
});

it('[X3] calls nothing on this machine or its networks, whatever a browser names and wherever a name leads', async () => {
  const { keys } = JSON.parse(service.subscribe()) as { keys: object };
  const at = (endpoint: string, hosts: readonly string[] | null = null) => parseSubscription(JSON.stringify({ endpoint, keys }), hosts);
  for (const endpoint of ['http://push.example.org/1', 'https://localhost/1', 'https://127.0.0.1/1', 'https://[::1]/1', 'https://2130706433/1', 'https://db.internal/1', 'https://push.example.org:8443/1', 'https://me:pw@push.example.org/1', 'file:///etc/passwd']) {
    expect(at(endpoint), endpoint).toBeNull();
  }
  expect(at('https://push.example.org/1')).not.toBeNull();
  expect(at('https://push.example.org/1', ['elsewhere.example.org'])).toBeNull();
  for (const address of ['127.0.0.1', '10.1.2.3', '169.254.169.254', '172.20.0.1', '192.168.1.1', '100.64.0.1', '::1', 'fd00::1', 'fe80::1', '::ffff:10.0.0.1']) {
    expect(isPublicAddress(address), address).toBe(false);
  }
  expect(isPublicAddress('93.184.216.34')).toBe(true);
  // A name that leads home: refused where the connection is made.
  const led = await new Promise((resolve) => publicLookup('localhost', { all: true }, (error) => resolve(error?.message)));
  expect(led).toBe('localhost is not a public address');
});
