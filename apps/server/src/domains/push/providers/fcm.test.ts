import type { ConversationId, MessageId } from '@couplet/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FcmStandIn, startFcmStandIn } from '../../../../test/push-services/fcm-stand-in.ts';
import { loadConfig } from '../../../config.ts';
import type { PushNotice } from '../push-provider.ts';
import { Fcm } from './fcm.ts';

const conversationId = '0190a1b2-0000-7000-8000-000000000001' as ConversationId;
const messageId = '0190a1b2-0000-7000-8000-000000000002' as MessageId;
const NOTICE: PushNotice = { type: 'message', conversationId, messageId, seq: 7, title: 'Ana', body: 'Lunch?', badge: 3 };
const DEVICE = { token: 'a-device:of-android', appId: null };

let google: FcmStandIn;
let fcm: Fcm;
let clock = Date.now();
beforeAll(async () => {
  google = await startFcmStandIn();
  const { fcmServiceAccount: account } = loadConfig(google.env);
  if (!account) throw new Error('The service account was not understood');
  fcm = new Fcm({ account, origin: google.origin, now: () => clock });
});
afterAll(() => google.close());

it('brings a message as a notification under the tag of its conversation', async () => {
  expect(await fcm.send(DEVICE, NOTICE)).toEqual({ status: 'accepted' });
  expect(google.received.pushes.at(-1)).toMatchObject({
    token: DEVICE.token,
    notification: { title: 'Ana', body: 'Lunch?' },
    data: { type: 'message', conversationId, messageId, seq: '7', badge: '3' },
    android: { priority: 'HIGH', notification: { tag: conversationId, notification_count: 3 } },
  });
});

it('brings a reading as data alone', async () => {
  expect(await fcm.send(DEVICE, { type: 'read', conversationId, seq: 7, badge: 0 })).toEqual({ status: 'accepted' });
  const pushed = google.received.pushes.at(-1);
  expect(pushed?.data).toEqual({ type: 'read', conversationId, seq: '7', badge: '0' });
  expect(pushed).not.toHaveProperty('notification');
});

it.each([
  [{ status: 404, body: { error: { status: 'NOT_FOUND', details: [{ errorCode: 'UNREGISTERED' }] } } }, { status: 'gone', reason: 'UNREGISTERED' }],
  [{ status: 400, body: { error: { status: 'INVALID_ARGUMENT', details: [{ fieldViolations: [{ field: 'message.token' }] }] } } }, { status: 'gone', reason: 'INVALID_ARGUMENT' }],
  [{ status: 400, body: { error: { status: 'INVALID_ARGUMENT', details: [{ fieldViolations: [{ field: 'message.data' }] }] } } }, { status: 'refused', reason: 'INVALID_ARGUMENT' }],
  [{ status: 429, headers: { 'retry-after': '90' }, body: { error: { status: 'RESOURCE_EXHAUSTED', details: [{ errorCode: 'QUOTA_EXCEEDED' }] } } }, { status: 'later', reason: 'QUOTA_EXCEEDED', retryAfterMs: 90_000 }],
  [{ status: 503, body: { error: { status: 'UNAVAILABLE' } } }, { status: 'later', reason: 'UNAVAILABLE' }],
] as const)('understands the refusal %j', async (fault, outcome) => {
  google.received.faults.push(fault);
  expect(await fcm.send(DEVICE, NOTICE)).toEqual(outcome);
});

it('is tried later when the connection is cut', async () => {
  google.received.faults.push('drop');
  expect(await fcm.send(DEVICE, NOTICE)).toMatchObject({ status: 'later' });
});

it('asks for one access token for many pushes, for the next one before it runs out, and when it is told that it did', async () => {
  const before = google.tokensGiven.length;
  await Promise.all(Array.from({ length: 20 }, () => fcm.send(DEVICE, NOTICE)));
  expect(google.tokensGiven.length).toBe(before);
  clock += 3_590_000;
  expect(await fcm.send(DEVICE, NOTICE)).toEqual({ status: 'accepted' });
  expect(google.tokensGiven.length).toBe(before + 1);
  google.tokensGiven.push('revoked-by-google');
  expect(await fcm.send(DEVICE, NOTICE)).toEqual({ status: 'later', reason: 'UNAUTHENTICATED' });
  expect(await fcm.send(DEVICE, NOTICE)).toEqual({ status: 'accepted' });
});

it('is tried later when no answer comes', async () => {
  const { fcmServiceAccount: account } = loadConfig(google.env);
  if (!account) throw new Error('The service account was not understood');
  const impatient = new Fcm({ account, origin: google.origin, now: () => clock, timeoutMs: 1_500 });
  // Of two accounts' access tokens the one that was given last counts: this test has to be the last.
  expect(await impatient.send(DEVICE, NOTICE)).toEqual({ status: 'accepted' });
  google.received.faults.push('hang');
  expect(await impatient.send(DEVICE, NOTICE)).toMatchObject({ status: 'later' });
});
