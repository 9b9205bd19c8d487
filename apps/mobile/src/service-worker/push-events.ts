import { readPush } from './push-notice.ts';

/** A page of the app, as the worker sees it. */
export interface AppPage {
  readonly visibilityState: DocumentVisibilityState;
  focus(): Promise<unknown>;
  postMessage(message: unknown): void;
}

/** What of the service worker's world is used here. */
export interface PushScope {
  readonly registration: Pick<ServiceWorkerRegistration, 'getNotifications' | 'showNotification'>;
  readonly clients: {
    matchAll(options: { type: 'window'; includeUncontrolled: true }): Promise<readonly AppPage[]>;
    openWindow(path: string): Promise<unknown>;
  };
  readonly navigator: { setAppBadge?(count: number): Promise<void> };
}

/** What the worker tells a page: the person chose a notification. */
export interface ConversationChosen {
  type: 'conversation-chosen';
  conversationId: string;
}

/**
 * A push arrived. A message shows, unless a page of the app is in sight or a
 * newer one of its conversation shows already (a service may bring a push twice);
 * a reading on another device takes away what it covers.
 */
export async function receivePush(scope: PushScope, payload: unknown): Promise<void> {
  const notice = readPush(payload);
  if (notice === null) return;
  const { conversationId, seq, badge } = notice;
  // Missing where the app is not installed, refused where the person said so: it is only a number.
  await scope.navigator.setAppBadge?.(badge).catch(() => undefined);
  const shown = await scope.registration.getNotifications({ tag: conversationId });
  switch (notice.type) {
    case 'read':
      for (const notification of shown) if (seqOf(notification) <= seq) notification.close();
      return;
    case 'message': {
      const pages = await scope.clients.matchAll({ type: 'window', includeUncontrolled: true });
      if (pages.some((page) => page.visibilityState === 'visible')) return;
      if (shown.some((notification) => seqOf(notification) >= seq)) return;
      const options = { body: notice.body, tag: conversationId, renotify: true, icon: '/icons/icon-192.png', data: { conversationId, seq } };
      await scope.registration.showNotification(notice.title, options);
    }
  }
}

/** Leads to the conversation: in a page that is open, otherwise in a new one. */
export async function openChosen(scope: PushScope, notification: Notification): Promise<void> {
  notification.close();
  const { conversationId } = (notification.data ?? {}) as { conversationId?: string };
  const pages = await scope.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const [page] = [...pages].sort((one, other) => Number(other.visibilityState === 'visible') - Number(one.visibilityState === 'visible'));
  if (!page) return void (await scope.clients.openWindow(conversationId === undefined ? '/' : `/c/${conversationId}`));
  await page.focus().catch(() => undefined);
  if (conversationId !== undefined) page.postMessage({ type: 'conversation-chosen', conversationId } satisfies ConversationChosen);
}

function seqOf(notification: Notification): number {
  const { seq } = (notification.data ?? {}) as { seq?: number };
  return seq ?? 0;
}
