import { expect, it } from 'vitest';
import { type AppPage, openChosen, type PushScope, receivePush } from './push-events.ts';

const conversationId = '0190a1b2-0000-7000-8000-000000000001';

/** A browser that shows what it is told to. */
function browser(pages: Partial<AppPage>[] = []) {
  let shown: { title: string; body?: string; tag?: string; data: { seq: number; conversationId: string }; close(): void }[] = [];
  const opened: string[] = [];
  const told: unknown[] = [];
  const badges: number[] = [];
  const scope = {
    registration: {
      getNotifications: async ({ tag }: { tag: string }) => shown.filter((notification) => notification.tag === tag),
      showNotification: async (title: string, options: { body: string; tag: string; data: { seq: number; conversationId: string } }) => {
        const notification = { title, ...options, close: () => void (shown = shown.filter((one) => one !== notification)) };
        shown = [...shown.filter(({ tag }) => tag !== options.tag), notification];
      },
    },
    clients: {
      matchAll: async () => pages.map((page) => ({ visibilityState: 'hidden', focus: async () => undefined, postMessage: (message: unknown) => void told.push(message), ...page })),
      openWindow: async (path: string) => void opened.push(path),
    },
    navigator: { setAppBadge: async (count: number) => void badges.push(count) },
  } as unknown as PushScope;
  return { scope, opened, told, badges, shown: () => shown };
}

const message = (seq: number, title = 'New message from Ana') => ({ type: 'message', conversationId, seq, title, body: '', badge: seq });

it('shows a message under its conversation, and the next one in its place', async () => {
  const { scope, shown, badges } = browser();
  await receivePush(scope, message(1));
  await receivePush(scope, message(2, 'New message from Ana again'));
  expect(shown().map(({ title, data }) => [title, data.seq])).toEqual([['New message from Ana again', 2]]);
  expect(badges).toEqual([1, 2]);
});

it('shows nothing twice: what a service brings again, or late', async () => {
  const { scope, shown } = browser();
  await receivePush(scope, message(2, 'Second'));
  await receivePush(scope, message(2, 'Second again'));
  await receivePush(scope, message(1, 'First'));
  expect(shown().map(({ title }) => title)).toEqual(['Second']);
});

it('shows nothing while the app is in sight', async () => {
  const { scope, shown } = browser([{ visibilityState: 'visible' }]);
  await receivePush(scope, message(1));
  expect(shown()).toEqual([]);
});

it('[C3] takes away what was read on another device, and leaves what was not', async () => {
  const { scope, shown, badges } = browser();
  await receivePush(scope, message(3));
  await receivePush(scope, { type: 'read', conversationId, seq: 2, badge: 1 });
  expect(shown()).toHaveLength(1);
  await receivePush(scope, { type: 'read', conversationId, seq: 3, badge: 0 });
  expect(shown()).toEqual([]);
  expect(badges.at(-1)).toBe(0);
});

it('opens the conversation in the page that is there, or in a new one', async () => {
  const notification = { data: { conversationId, seq: 1 }, close: () => undefined } as unknown as Notification;
  const cold = browser();
  await openChosen(cold.scope, notification);
  expect(cold.opened).toEqual([`/c/${conversationId}`]);
  const warm = browser([{}]);
  await openChosen(warm.scope, notification);
  expect(warm.opened).toEqual([]);
  expect(warm.told).toEqual([{ type: 'conversation-chosen', conversationId }]);
});

it.each([null, 'text', {}, { ...message(1), conversationId: '../../evil' }, { ...message(1), seq: 'x' }, { ...message(1), type: 'later' }])('ignores what is no push of ours: %j', async (payload) => {
  const { scope, shown, badges } = browser();
  await receivePush(scope, payload);
  expect(shown()).toEqual([]);
  expect(badges).toEqual([]);
});
