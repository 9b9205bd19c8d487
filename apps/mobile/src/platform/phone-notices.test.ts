import { expect, it } from 'vitest';
import { announced, coveredBy, type PhoneNotification } from './phone-notices.ts';

const ID = '0190a1b2-0000-7000-8000-000000000001';
const OTHER = '0190a1b2-0000-7000-8000-000000000002';

/** As iOS tells of what the server sent through APNs: everything is the trigger's, and the content has no data. */
const onIos = (conversationId: string, seq: number): PhoneNotification => ({
  date: 1_700_000_000,
  request: {
    identifier: `apns-${conversationId}`,
    content: {},
    trigger: { type: 'push', payload: { aps: { alert: { title: 'Ana' }, badge: 2 }, type: 'message', conversationId, messageId: 'm', seq } },
  },
});

/** As Android tells of what Google's code showed: by its tag, and with what the system noted about its looks. */
const onAndroid = (conversationId: string, date = 0): PhoneNotification => ({
  date,
  request: {
    identifier: `expo-notifications://foreign_notifications?tag=${conversationId}&id=0`,
    content: { data: { 'android.title': 'Ana', 'android.text': 'Lunch?' } },
    trigger: null,
  },
});

/** As Android tells of the one that was pressed. */
const pressedOnAndroid = (conversationId: string): PhoneNotification => ({
  date: 0,
  request: {
    identifier: '0:1700000000000000%abc',
    content: { data: { type: 'message', conversationId, messageId: 'm', seq: '7', badge: '2', 'google.sent_time': 1_700_000_000_000 } },
    trigger: { type: 'push', channelId: null },
  },
});

it('knows the conversation of a notification on either phone, shown or pressed, and the message where the phone tells', () => {
  expect(announced(onIos(ID, 7))).toMatchObject({ conversationId: ID, seq: 7 });
  expect(announced(pressedOnAndroid(ID))).toMatchObject({ conversationId: ID, seq: 7 });
  expect(announced(onAndroid(OTHER))).toEqual({ conversationId: OTHER, seq: null });
});

it('knows nothing of other notifications', () => {
  expect(announced({ date: 0, request: { identifier: 'x', content: { data: { hello: 'there' } }, trigger: null } })).toBeNull();
  expect(announced(onAndroid('FCM-Notification%3A123'))).toBeNull();
});

/** What the task gets of the silent push. */
const readOnIos = (conversationId: string, seq: number) => ({ data: { type: 'read', conversationId, seq }, notification: null, aps: { 'content-available': 1, badge: 0 } });
const readOnAndroid = (conversationId: string, seq: number, sentTime: number) => ({
  data: { type: 'read', conversationId, seq: String(seq), badge: '0', dataString: null },
  notification: null,
  sentTime,
});

it('[C3] what was read elsewhere takes the notifications of its conversation away, up to the message that was read', () => {
  const shown = [onIos(ID, 6), onIos(OTHER, 3), { ...onIos(ID, 8), request: { ...onIos(ID, 8).request, identifier: 'newer' } }];
  expect(coveredBy(readOnIos(ID, 7), shown)).toEqual([`apns-${ID}`]);
});

it('[C3] on Android it takes away what shows of the conversation, unless that came after the reading was told of', () => {
  const shown = [onAndroid(ID, 1_000), onAndroid(OTHER, 1_000)];
  expect(coveredBy(readOnAndroid(ID, 7, 2_000), shown)).toEqual([onAndroid(ID).request.identifier]);
  expect(coveredBy(readOnAndroid(ID, 7, 900), shown)).toEqual([]);
});

it('a message that arrives and a button that is pressed take nothing away', () => {
  const shown = [onIos(ID, 6)];
  expect(coveredBy({ data: { type: 'message', conversationId: ID, seq: 7 }, aps: { badge: 1 } }, shown)).toEqual([]);
  expect(coveredBy({ actionIdentifier: 'reply', notification: onIos(ID, 6) }, shown)).toEqual([]);
});
