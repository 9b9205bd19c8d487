import type { ConversationId, MessageId } from '@couplet/protocol';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { APNS_TOPIC, type ApnsStandIn, startApnsStandIn } from '../../../../test/push-services/apns-stand-in.ts';
import { createCertificate } from '../../../../test/push-services/certificate.ts';
import type { PushNotice } from '../push-provider.ts';
import { Apns } from './apns.ts';

const conversationId = '0190a1b2-0000-7000-8000-000000000001' as ConversationId;
const NOTICE: PushNotice = { type: 'message', conversationId, messageId: '0190a1b2-0000-7000-8000-000000000002' as MessageId, seq: 7, title: 'New message from Ana', body: '', badge: 3 };
const DEVICE = { token: 'abcdef0123456789', appId: null };

const certificate = createCertificate();
let apple: ApnsStandIn;
let apns: Apns;
let clock = Date.now();
beforeAll(async () => {
  apple = await startApnsStandIn(certificate);
});
afterAll(async () => {
  await apns.close();
  await apple.close();
});
/** Soon enough for a test. */
const IMPATIENT = { timeoutMs: 200 };
const connect = (more: { timeoutMs?: number } = {}) =>
  new Apns({
    ...more,
    origin: apple.origin,
    key: apple.env['APNS_KEY'] ?? '',
    keyId: apple.env['APNS_KEY_ID'] ?? '',
    teamId: apple.env['APNS_TEAM_ID'] ?? '',
    topics: [APNS_TOPIC],
    now: () => clock,
    ca: certificate.cert,
  });
beforeEach(async () => {
  await (apns as Apns | undefined)?.close();
  apple.authorizations.clear();
  apns = connect();
});

it('brings a message as an alert that takes the place of the one before it', async () => {
  expect(await apns.send(DEVICE, NOTICE)).toEqual({ status: 'accepted' });
  const { token, headers, payload } = apple.received.pushes.at(-1) ?? {};
  expect(token).toBe(DEVICE.token);
  expect(headers).toMatchObject({ 'apns-push-type': 'alert', 'apns-priority': '10', 'apns-collapse-id': conversationId, 'apns-topic': APNS_TOPIC });
  expect(Number(headers?.['apns-expiration'])).toBeGreaterThan(clock / 1_000);
  expect(payload).toEqual({
    aps: { alert: { title: 'New message from Ana' }, badge: 3, sound: 'default', 'thread-id': conversationId },
    type: 'message',
    conversationId,
    messageId: NOTICE.type === 'message' && NOTICE.messageId,
    seq: 7,
  });
});

it('brings a reading in silence, with the badge that only an alert may carry', async () => {
  expect(await apns.send(DEVICE, { type: 'read', conversationId, seq: 7, badge: 0 })).toEqual({ status: 'accepted' });
  const { headers, payload } = apple.received.pushes.at(-1) ?? {};
  expect(headers).toMatchObject({ 'apns-push-type': 'alert', 'apns-priority': '5' });
  expect(payload).toEqual({ aps: { 'content-available': 1, badge: 0 }, type: 'read', conversationId, seq: 7 });
});

it.each([
  [{ status: 410, body: { reason: 'Unregistered', timestamp: 1_700_000_000_000 } }, { status: 'gone', reason: 'Unregistered', since: 1_700_000_000_000 }],
  [{ status: 400, body: { reason: 'BadDeviceToken' } }, { status: 'gone', reason: 'BadDeviceToken' }],
  [{ status: 429, headers: { 'retry-after': '30' }, body: { reason: 'TooManyRequests' } }, { status: 'later', reason: 'TooManyRequests', retryAfterMs: 30_000 }],
  [{ status: 500, body: { reason: 'InternalServerError' } }, { status: 'later', reason: 'InternalServerError' }],
  [{ status: 413, body: { reason: 'PayloadTooLarge' } }, { status: 'refused', reason: 'PayloadTooLarge' }],
] as const)('understands the refusal %j', async (fault, outcome) => {
  apple.received.faults.push(fault);
  expect(await apns.send(DEVICE, NOTICE)).toEqual(outcome);
});

it('connects anew after the connection was cut, and goes on', async () => {
  expect(await apns.send(DEVICE, NOTICE)).toEqual({ status: 'accepted' });
  apple.received.faults.push('drop');
  expect(await apns.send(DEVICE, NOTICE)).toMatchObject({ status: 'later' });
  expect(await apns.send(DEVICE, NOTICE)).toEqual({ status: 'accepted' });
});

it('is tried later when no answer comes', async () => {
  const impatient = connect(IMPATIENT);
  apple.received.faults.push('hang');
  expect(await impatient.send(DEVICE, NOTICE)).toMatchObject({ status: 'later' });
  await impatient.close();
});

it('signs one token for many pushes, another one within the hour, and another one when it is told that it ran out', async () => {
  await Promise.all(Array.from({ length: 50 }, () => apns.send(DEVICE, NOTICE)));
  expect(apple.authorizations.size).toBe(1);
  clock += 51 * 60_000;
  await apns.send(DEVICE, NOTICE);
  expect(apple.authorizations.size).toBe(2);
  apple.received.faults.push({ status: 403, body: { reason: 'ExpiredProviderToken' } });
  clock += 1_000;
  expect(await apns.send(DEVICE, NOTICE)).toMatchObject({ status: 'later' });
  await apns.send(DEVICE, NOTICE);
  expect(apple.authorizations.size).toBe(3);
});

it('sends nothing under a bundle id that is not configured', async () => {
  const calls = apple.received.calls;
  expect(await apns.send({ ...DEVICE, appId: 'org.example.other' }, NOTICE)).toMatchObject({ status: 'refused' });
  expect(apple.received.calls).toBe(calls);
});
