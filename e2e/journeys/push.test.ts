import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCertificate, startWebPushStandIn } from '@couplet/test-system/push-service';
import type { Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { type Account, beginConversation, callApi, createAccount, sendText } from '../api.ts';
import { browserOfThisFile, type Device } from '../browser.ts';
import { Person } from '../person.ts';
import { serverOfThisFile } from '../server-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'couplet-push-'));
const certificate = createCertificate();
writeFileSync(join(folder, 'ca.pem'), certificate.cert);
const service = await startWebPushStandIn(certificate);
afterAll(async () => {
  await service.close();
  rmSync(folder, { recursive: true });
});

const server = serverOfThisFile({ environment: { PUSH_GRACE: '0', WEB_PUSH_HOSTS: 'localhost', NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') } });
const browser = browserOfThisFile();

/** The browser's own push service is on the internet: this one stands in for it, up to the moment a push reaches the browser. */
async function subscribeHere(page: Page) {
  const subscription: unknown = JSON.parse(service.subscribe());
  await page.addInitScript((value) => {
    PushManager.prototype.getSubscription = async () => null;
    PushManager.prototype.subscribe = async () => ({ toJSON: () => value }) as unknown as PushSubscription;
  }, subscription);
}

/** What the push service hands to the browser. */
async function bringPush(device: Device, notice: object) {
  const steering = await device.page.context().newCDPSession(device.page);
  const known = new Promise<string>((resolve) => {
    steering.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const registration = registrations.find(({ scopeURL, isDeleted }) => scopeURL.startsWith(server.url) && !isDeleted);
      if (registration) resolve(registration.registrationId);
    });
  });
  await steering.send('ServiceWorker.enable');
  await steering.send('ServiceWorker.deliverPushMessage', { origin: server.url, registrationId: await known, data: JSON.stringify(notice) });
  await steering.detach();
}

/** As a push service does it that was not told that its push arrived: what a busy browser let fall comes again. */
function bringUntilShown(device: Device, notice: object, shown: readonly { title: string; tag: string }[]) {
  const bringAndLook = async () => {
    await bringPush(device, notice);
    return shownOn(device);
  };
  return expect.poll(bringAndLook, { interval: 1_000 }).toEqual(shown);
}

/** The part of a service worker's world that the tests look into. */
interface WorkerWorld {
  registration: ServiceWorkerRegistration;
  clients: { openWindow(path: string): Promise<void>; matchAll(options: object): Promise<{ visibilityState: string }[]> };
  NotificationEvent: new (type: string, options: { notification: Notification }) => Event;
  dispatchEvent(event: Event): boolean;
}

function workerOf(device: Device) {
  const worker = device.page.context().serviceWorkers().find((candidate) => candidate.url().startsWith(server.url));
  if (!worker) throw new Error('No service worker runs');
  return worker;
}

const shownOn = (device: Device) =>
  workerOf(device).evaluate(async () => (await (globalThis as unknown as WorkerWorld).registration.getNotifications()).map(({ title, tag }) => ({ title, tag })));

/** Pages of the app that a person could be looking at, as the worker counts them. */
const pagesInSight = (device: Device) =>
  workerOf(device).evaluate(async () => (await (globalThis as unknown as WorkerWorld).clients.matchAll({ type: 'window', includeUncontrolled: true })).filter((page) => page.visibilityState === 'visible').length);

/** As a press on the notification: browsers let no test press it. Answers what would be opened in a new window. */
const choose = (device: Device) =>
  workerOf(device).evaluate(async () => {
    const world = globalThis as unknown as WorkerWorld;
    const [notification] = await world.registration.getNotifications();
    if (!notification) throw new Error('No notification shows');
    const opened: string[] = [];
    world.clients.openWindow = async (path) => void opened.push(path);
    const event = new world.NotificationEvent('notificationclick', { notification });
    // Only a trusted event may be waited for.
    const work: Promise<unknown>[] = [];
    Object.defineProperty(event, 'waitUntil', { value: (promise: Promise<unknown>) => void work.push(promise) });
    world.dispatchEvent(event);
    await Promise.all(work);
    return opened;
  });

async function sitDown(account: Account, path: string): Promise<Person> {
  const device = await browser.open(account.viewer.name);
  await device.page.context().grantPermissions(['notifications'], { origin: server.url });
  await subscribeHere(device.page);
  const person = new Person(account.viewer.name, device, server);
  await person.signIn(account, path);
  await device.offlineReady();
  return person;
}

test('[P3] [C3] notifications are offered after the first message, come when the app is closed, lead to the conversation, and go when it was read elsewhere', async () => {
  const [ana, boAccount] = [await createAccount(server, 'Ana Push'), await createAccount(server, 'Bo Push')];
  const { id } = await beginConversation(server, ana, boAccount);
  await sendText(server, ana, id, 'Hello');
  const bo = await sitDown(boAccount, `/c/${id}`);
  const { device } = bo;
  await bo.seeMessage('Hello');
  await bo.seeNo('notifications-offer');
  await bo.send('Are you there?');
  await bo.get('notifications-offer-action').click();
  await bo.seeNo('notifications-offer');
  await bo.goto('/settings');
  await bo.get('settings-notifications').getByText('You are told when somebody writes').waitFor();

  await expect.poll(async () => (await callApi(server, 'getConversation', { params: { id } }, boAccount.token)).unreadCount).toBe(0);

  await device.page.goto('about:blank');
  await expect.poll(() => pagesInSight(device)).toBe(0);
  await sendText(server, ana, id, 'Yes!');
  const [first] = await service.received.untilPushed(1);
  expect(first?.notice).toMatchObject({ type: 'message', title: 'New message from Ana Push', conversationId: id, badge: 1 });
  await bringUntilShown(device, first?.notice ?? {}, [{ title: 'New message from Ana Push', tag: id }]);

  // Read on another device: the notification goes.
  await callApi(server, 'markRead', { params: { id }, body: { seq: 3 } }, boAccount.token);
  const second = (await service.received.untilPushed(2)).at(-1);
  expect(second?.notice).toMatchObject({ type: 'read', conversationId: id, badge: 0 });
  await bringUntilShown(device, second?.notice ?? {}, []);

  // No page is open: the notification opens one at the conversation.
  await sendText(server, ana, id, 'Come over');
  const third = (await service.received.untilPushed(3)).at(-1);
  await bringUntilShown(device, third?.notice ?? {}, [{ title: 'New message from Ana Push', tag: id }]);
  expect(await choose(device)).toEqual([`/c/${id}`]);
  await bo.goto('/');
  await expect.poll(() => device.page.title()).toBe('(1) Couplet');
  await bo.goto(`/c/${id}`);
  await bo.seeMessage('Come over');
  await expect.poll(() => device.page.title()).toBe('Couplet');

  // A page is open somewhere else in the app: it goes there.
  await bo.goto('/settings');
  await bo.see('settings-notifications');
  await workerOf(device).evaluate((conversationId) => (globalThis as unknown as WorkerWorld).registration.showNotification('Shown before', { tag: conversationId, data: { conversationId, seq: 4 } }), id);
  expect(await choose(device)).toEqual([]);
  await bo.seeMessage('Come over');
  await device.page.waitForURL(`**/c/${id}`);
});

test('while the app is looked at, a message is told of over the screen, leads to its conversation, and is put away', async () => {
  const [ana, boAccount] = [await createAccount(server, 'Ana Banner'), await createAccount(server, 'Bo Banner')];
  const { id } = await beginConversation(server, ana, boAccount);
  const bo = new Person('Bo Banner', await browser.open('Bo Banner', { screen: 'phone' }), server);
  await bo.signIn(boAccount);
  await bo.seeChats();
  await bo.get('open-settings').click();
  await bo.see('settings-photo');
  // It is loaded after the screens: until then messages only count.
  await bo.page.getByTestId('message-banners').waitFor({ state: 'attached' });
  // Nor is anything told that came while it caught up.
  await bo.get('settings-connection').getByText('Connected', { exact: true }).waitFor();
  await sendText(server, ana, id, 'Are you there?');
  await bo.get('message-banner').getByText('Are you there?').waitFor();
  await bo.get('message-banner-open').click();
  await bo.seeMessage('Are you there?');
  await bo.seeNo('message-banner');
  await bo.page.goBack();
  await bo.see('settings-photo');
  await sendText(server, ana, id, 'Bring the map');
  await bo.get('message-banner').getByText('Bring the map').waitFor();
  await bo.get('message-banner-dismiss').click();
  await bo.seeNo('message-banner');
  await bo.see('settings-photo');

  await callApi(server, 'updateConversation', { params: { id }, body: { mutedUntil: '9999-12-31T23:59:59.000Z' } }, boAccount.token);
  await sendText(server, ana, id, 'And the tent');
  await bo.page.goBack();
  await bo.chatRow('Ana Banner').getByText('And the tent').waitFor();
  await bo.seeNo('message-banner');
});
