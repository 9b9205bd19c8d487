import type { ConversationChosen } from '../service-worker/push-events.ts';
import type { NotificationsPort, PushPermission } from './notifications-port.ts';

export type { NotificationsPort, PushAddress, PushPermission } from './notifications-port.ts';

const APP_NAME = 'Couplet';

/** Notifications of this browser, through its push service and the app's service worker. */
export const notifications: NotificationsPort = {
  async permission() {
    // Missing in a page without TLS, and on iOS in an app that is not on the home screen. In development no worker runs.
    if (__DEV__ || !('serviceWorker' in navigator) || !('PushManager' in window) || !('Notification' in window)) return 'unsupported';
    return PERMISSIONS[Notification.permission];
  },
  async ask() {
    return PERMISSIONS[await Notification.requestPermission()];
  },
  async openAddress(vapidPublicKey) {
    if (vapidPublicKey === null) return null;
    const { pushManager } = await navigator.serviceWorker.ready;
    const subscription = (await currentSubscription(pushManager, vapidPublicKey)) ?? (await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: vapidPublicKey }));
    return { platform: 'web', token: JSON.stringify(subscription) };
  },
  async closeAddress() {
    const registration = await navigator.serviceWorker?.getRegistration();
    await (await registration?.pushManager?.getSubscription())?.unsubscribe();
  },
  async clear(isOver) {
    const registration = await navigator.serviceWorker?.getRegistration();
    for (const notification of (await registration?.getNotifications()) ?? []) {
      const { conversationId, seq } = (notification.data ?? {}) as { conversationId?: string; seq?: number };
      if (conversationId !== undefined && isOver(conversationId, seq ?? 0)) notification.close();
    }
  },
  showUnread(count) {
    document.title = count === 0 ? APP_NAME : `(${count}) ${APP_NAME}`;
    // Where the app is not installed the browser refuses: the title tells.
    if ('setAppBadge' in navigator) navigator.setAppBadge(count).catch(() => undefined);
  },
  subscribeToChosen(listener) {
    if (!('serviceWorker' in navigator)) return () => undefined;
    const onMessage = ({ data }: MessageEvent<Partial<ConversationChosen> | null>) => {
      if (data?.type === 'conversation-chosen' && typeof data.conversationId === 'string') listener(data.conversationId);
    };
    navigator.serviceWorker.addEventListener('message', onMessage);
    return () => navigator.serviceWorker.removeEventListener('message', onMessage);
  },
};

const PERMISSIONS: Readonly<Record<NotificationPermission, PushPermission>> = { default: 'undecided', granted: 'granted', denied: 'denied' };

/** Null when there is none, or one of another server's key, which is ended: a browser keeps one. */
async function currentSubscription(pushManager: PushManager, vapidPublicKey: string): Promise<PushSubscription | null> {
  const subscription = await pushManager.getSubscription();
  if (subscription === null) return null;
  const key = subscription.options.applicationServerKey;
  if (key !== null && base64url(new Uint8Array(key)) === vapidPublicKey) return subscription;
  await subscription.unsubscribe();
  return null;
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}
