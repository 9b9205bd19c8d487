import type { Messenger, MessengerEvent } from '@couplet/client';
import type { Conversation, ConversationId } from '@couplet/protocol';
import { combineReducers, configureStore } from '@reduxjs/toolkit';
import { expect, it } from 'vitest';
import { sampleConversation } from '../../test/samples.ts';
import type { NotificationsPort, PushPermission } from '../platform/notifications-port.ts';
import { authSlice } from '../state/auth-slice.ts';
import { notificationsSlice } from '../state/notifications-slice.ts';
import { outboxSlice } from '../state/outbox-slice.ts';
import { presenceSlice } from '../state/presence-slice.ts';
import type { AppStore } from '../state/store.ts';
import { uiSlice } from '../state/ui-slice.ts';
import { openedMediaSlice } from '../state/opened-media-slice.ts';
import { AppNotifications } from './app-notifications.ts';

/** A device and a server that remember what they were told. */
function world(options: { permission?: PushPermission; conversations?: Conversation[] } = {}) {
  let permission = options.permission ?? 'undecided';
  let isSignedIn = true;
  let tell: (event: MessengerEvent) => void = () => undefined;
  const asked: string[] = [];
  const calls: string[] = [];
  const badges: number[] = [];
  const shown = new Map<string, number | null>();
  let isOnline = true;
  const messenger = {
    session: { state: () => ({ status: isSignedIn ? 'signed-in' : 'signed-out' }) },
    conversations: { list: async () => ({ items: options.conversations ?? [], hasMore: false }) },
    api: {
      async call(name: string, input?: { body?: { token: string }; params?: { id: string } }) {
        if (!isOnline) throw new Error('no network');
        calls.push(`${name} ${input?.body?.token ?? input?.params?.id ?? ''}`.trim());
        return name === 'getConfig' ? { push: { vapidPublicKey: 'key' } } : { id: 'device-1' };
      },
    },
    subscribe(listener: (event: MessengerEvent) => void) {
      tell = listener;
      return () => undefined;
    },
  } as unknown as Messenger;
  const notifications: NotificationsPort = {
    permission: async () => permission,
    async ask() {
      asked.push(permission);
      permission = permission === 'undecided' ? 'granted' : permission;
      return permission;
    },
    openAddress: async (key) => ({ platform: 'web', token: `subscription of ${key}` }),
    closeAddress: async () => void calls.push('close'),
    async clear(isOver) {
      for (const [id, seq] of shown) if (isOver(id, seq)) shown.delete(id);
    },
    showUnread: (count) => void badges.push(count),
    subscribeToChosen: () => () => undefined,
  };
  const store = configureStore({
    reducer: combineReducers({ auth: authSlice.reducer, ui: uiSlice.reducer, outbox: outboxSlice.reducer, notifications: notificationsSlice.reducer, presence: presenceSlice.reducer, openedMedia: openedMediaSlice.reducer }),
  }) as unknown as AppStore;
  const app = new AppNotifications({ messenger, store, notifications });
  return {
    app,
    store,
    asked,
    calls,
    badges,
    shown,
    tell: (event: MessengerEvent) => tell(event),
    signOut() {
      isSignedIn = false;
      tell({ type: 'session-changed', state: { status: 'signed-out', reason: 'logout' } });
    },
    setOnline(value: boolean) {
      isOnline = value;
      if (value) tell({ type: 'connection-changed', state: { status: 'online' } } as MessengerEvent);
    },
  };
}

const settle = () => new Promise<void>((resolve) => void setTimeout(resolve));
const pending = { type: 'pending-changed', conversationId: 'c' as ConversationId, pending: [{}], changes: [] } as unknown as MessengerEvent;

it('asks nobody at the start, and offers notifications once the person has written something', async () => {
  const { app, store, asked, tell } = world();
  app.start();
  await settle();
  expect(store.getState().notifications).toMatchObject({ permission: 'undecided', isOfferDue: false });
  tell(pending);
  expect(store.getState().notifications.isOfferDue).toBe(true);
  expect(asked).toEqual([]);
});

it('registers the device when the person turns notifications on, once, and takes it away when they turn them off', async () => {
  const { app, store, calls, setOnline } = world();
  app.start();
  await settle();
  await app.turnOn();
  expect(calls).toEqual(['getConfig', 'registerDevice subscription of key']);
  expect(store.getState()).toMatchObject({ ui: { pushes: 'on' }, notifications: { permission: 'granted', isRegistered: true } });
  setOnline(true);
  await settle();
  expect(calls).toHaveLength(2);
  await app.turnOff();
  expect(calls.slice(2)).toEqual(['close', 'unregisterDevice device-1']);
  expect(store.getState()).toMatchObject({ ui: { pushes: 'off' }, notifications: { isRegistered: false } });
});

it('registers later what could not be registered without a network', async () => {
  const { app, store, setOnline } = world();
  setOnline(false);
  await app.turnOn();
  expect(store.getState().notifications.isRegistered).toBe(false);
  setOnline(true);
  await settle();
  expect(store.getState().notifications.isRegistered).toBe(true);
});

it('does not try again what the person refused', async () => {
  const { app, store, calls } = world({ permission: 'denied' });
  await app.turnOn();
  expect(store.getState()).toMatchObject({ ui: { pushes: 'off' }, notifications: { permission: 'denied' } });
  expect(calls).toEqual([]);
});

it('[C3] takes a notification away when what it announced was read, here or elsewhere', async () => {
  const conversation = sampleConversation(1, { readSeq: 2 });
  const { app, shown, tell } = world({ permission: 'granted' });
  app.start();
  await settle();
  shown.set(conversation.id, 3);
  tell({ type: 'conversations-changed', conversations: [conversation] });
  await settle();
  expect(shown.size).toBe(1);
  tell({ type: 'conversations-changed', conversations: [{ ...conversation, readSeq: 3 }] });
  await settle();
  expect(shown.size).toBe(0);
});

it('[C3] takes a notification away whose message the platform does not tell once nothing of its conversation is unread', async () => {
  const conversation = sampleConversation(1, { readSeq: 2, unreadCount: 1 });
  const { app, shown, tell } = world({ permission: 'granted' });
  app.start();
  await settle();
  shown.set(conversation.id, null);
  tell({ type: 'conversations-changed', conversations: [conversation] });
  await settle();
  expect(shown.size).toBe(1);
  tell({ type: 'conversations-changed', conversations: [{ ...conversation, readSeq: 3, unreadCount: 0 }] });
  await settle();
  expect(shown.size).toBe(0);
});

it('[C2] shows the sum of what is unread, follows it, and nothing of an account that left', async () => {
  const [one, other] = [sampleConversation(1, { unreadCount: 2 }), sampleConversation(2, { unreadCount: 3 })];
  const { app, badges, calls, tell, signOut, shown } = world({ permission: 'granted', conversations: [one, other] });
  app.start();
  await settle();
  expect(badges).toEqual([5]);
  tell({ type: 'conversations-changed', conversations: [{ ...one, unreadCount: 0 }] });
  expect(badges).toEqual([5, 3]);
  shown.set(other.id, 9);
  signOut();
  await settle();
  expect(badges.at(-1)).toBe(0);
  expect(shown.size).toBe(0);
  expect(calls).toEqual(['close']);
});
