import type { ClockPort, Messenger, MessengerEvent } from '@couplet/client';
import type { ConversationId, UserId } from '@couplet/protocol';
import { combineReducers, configureStore } from '@reduxjs/toolkit';
import { beforeEach, expect, test } from 'vitest';
import { CONVERSATION_ID, PEER, sampleConversation, sampleId, sampleMessage, samplePending, SESSION_ID, VIEWER } from '../../test/samples.ts';
import type { ConversationPages } from '../data/conversation-pages.ts';
import { createQueryClient } from '../data/query-client.ts';
import { queryKeys } from '../data/query-keys.ts';
import { messagesOf, type ThreadPages } from '../data/thread-pages.ts';
import { authSlice } from '../state/auth-slice.ts';
import { notificationsSlice } from '../state/notifications-slice.ts';
import { outboxSlice } from '../state/outbox-slice.ts';
import { presenceSlice } from '../state/presence-slice.ts';
import { openedMediaSlice } from '../state/opened-media-slice.ts';
import { uiSlice } from '../state/ui-slice.ts';
import { ChatCoordinator } from './chat-coordinator.ts';

/** The messenger's listeners and what the coordinator asked of it; timers that run when told. */
function setUp() {
  const listeners = new Set<(event: MessengerEvent) => void>();
  const foreground = new Set<(isActive: boolean) => void>();
  const asked: string[] = [];
  const timers = new Set<() => void>();
  const clock: ClockPort = {
    now: () => 1_000,
    schedule(_delayMs, task) {
      timers.add(task);
      return () => void timers.delete(task);
    },
  };
  const messenger = {
    subscribe(listener: (event: MessengerEvent) => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    connection: { setActive: (isActive: boolean) => asked.push(`active ${isActive}`), wake: () => asked.push('wake') },
    presence: {
      watch: (ids: UserId[]) => asked.push(`watch ${ids.length}`),
      get: (userId: UserId) => ({ userId, status: 'online' as const, lastSeenAt: null }),
    },
  } as unknown as Messenger;
  const queryClient = createQueryClient();
  const store = configureStore({ reducer: combineReducers({ auth: authSlice.reducer, ui: uiSlice.reducer, outbox: outboxSlice.reducer, notifications: notificationsSlice.reducer, presence: presenceSlice.reducer, openedMedia: openedMediaSlice.reducer }) });
  const coordinator = new ChatCoordinator({
    messenger,
    queryClient,
    store,
    clock,
    subscribeToForeground(listener) {
      foreground.add(listener);
      return () => void foreground.delete(listener);
    },
  });
  return {
    coordinator,
    queryClient,
    store,
    asked,
    listeners,
    emit: (event: MessengerEvent) => listeners.forEach((listener) => listener(event)),
    setForeground: (isActive: boolean) => foreground.forEach((listener) => listener(isActive)),
    runTimers: () => [...timers].forEach((task) => task()),
    timerCount: () => timers.size,
  };
}

let at: ReturnType<typeof setUp>;
beforeEach(() => {
  at = setUp();
});

const typing = (isTyping: boolean, expiresAt = 6_000): MessengerEvent => ({ type: 'typing', conversationId: CONVERSATION_ID, userId: PEER.id, isTyping, expiresAt });
const typist = () => at.store.getState().presence.typing[CONVERSATION_ID];

test('typing shows, and ends by itself when no signal ends it', () => {
  at.emit(typing(true));
  expect(typist()).toBe(PEER.id);
  at.runTimers();
  expect(typist()).toBeUndefined();
});

test('typing again keeps one timer, and stopping takes it away', () => {
  at.emit(typing(true));
  at.emit(typing(true, 7_000));
  expect(at.timerCount()).toBe(1);
  at.emit(typing(false));
  expect(typist()).toBeUndefined();
  expect(at.timerCount()).toBe(0);
});

test('a typing signal that came too late shows nothing', () => {
  at.emit(typing(true, 900));
  expect(typist()).toBeUndefined();
});

test('who has just spoken is not typing any more, but the viewer’s own message ends nothing', () => {
  at.emit(typing(true));
  at.emit({ type: 'messages-changed', conversationId: CONVERSATION_ID, messages: [sampleMessage(1, { senderId: VIEWER.id })] });
  expect(typist()).toBe(PEER.id);
  at.emit({ type: 'messages-changed', conversationId: CONVERSATION_ID, messages: [sampleMessage(2)] });
  expect(typist()).toBeUndefined();
});

test('messages reach every visit to their thread and no other thread', () => {
  const open = (id: ConversationId, visit: number) =>
    at.queryClient.setQueryData<ThreadPages>(queryKeys.threadVisit(id, visit), { pages: [{ items: [sampleMessage(1)], hasOlder: false, hasNewer: false }], pageParams: [{ at: 'open' }] });
  const other = sampleId(101) as ConversationId;
  open(CONVERSATION_ID, 0);
  open(CONVERSATION_ID, 1);
  open(other, 0);
  at.emit({ type: 'messages-changed', conversationId: CONVERSATION_ID, messages: [sampleMessage(2)] });
  const count = (id: ConversationId, visit: number) => messagesOf(at.queryClient.getQueryData<ThreadPages>(queryKeys.threadVisit(id, visit))!).length;
  expect([count(CONVERSATION_ID, 0), count(CONVERSATION_ID, 1), count(other, 0)]).toEqual([2, 2, 1]);
});

test('conversations that change reach the list, and the own entry of those a screen asked for', () => {
  at.queryClient.setQueryData<ConversationPages>(queryKeys.conversations, { pages: [{ items: [sampleConversation(1)], hasMore: false }], pageParams: [0] });
  const changed = sampleConversation(1, { unreadCount: 3 });
  const [found, unasked] = [sampleConversation(2), sampleConversation(3)];
  at.queryClient.setQueryData(queryKeys.conversation(changed.id), sampleConversation(1));
  // Asked for before the device had it.
  at.queryClient.setQueryData(queryKeys.conversation(found.id), null);
  at.emit({ type: 'conversations-changed', conversations: [changed, found, unasked] });
  expect(at.queryClient.getQueryData<ConversationPages>(queryKeys.conversations)?.pages[0]?.items.find(({ id }) => id === changed.id)?.unreadCount).toBe(3);
  expect(at.queryClient.getQueryData(queryKeys.conversation(changed.id))).toEqual(changed);
  expect(at.queryClient.getQueryData(queryKeys.conversation(found.id))).toEqual(found);
  expect(at.queryClient.getQueryData(queryKeys.conversation(unasked.id))).toBeUndefined();
});

test('people in sight are followed once, whatever part of the screen shows them', () => {
  at.coordinator.showPeople('list', [PEER.id, VIEWER.id]);
  at.coordinator.showPeople('thread', [PEER.id]);
  at.coordinator.showPeople('thread', []);
  at.coordinator.showPeople('list', []);
  expect(at.asked).toEqual(['watch 2', 'watch 0']);
});

test('without a connection nobody is known to be online or typing', () => {
  at.coordinator.showPeople('list', [PEER.id]);
  at.emit(typing(true));
  at.emit({ type: 'connection-changed', state: { status: 'offline', attempt: 1, retryAt: null, reason: 'lost' } });
  expect(at.store.getState().presence.byUser[PEER.id]?.status).toBe('unknown');
  expect(typist()).toBeUndefined();
});

test('the connection learns when the app is looked at, and is woken then', () => {
  at.setForeground(false);
  at.setForeground(true);
  expect(at.asked).toEqual(['active false', 'active true', 'wake']);
});

test('signing out leaves nothing of the account in the caches', () => {
  at.emit({ type: 'session-changed', state: { status: 'signed-in', viewer: VIEWER, sessionId: SESSION_ID } });
  at.emit({ type: 'pending-changed', conversationId: CONVERSATION_ID, pending: [samplePending('c1')], changes: [] });
  at.coordinator.showPeople('list', [PEER.id]);
  at.queryClient.setQueryData(queryKeys.conversation(CONVERSATION_ID), sampleConversation(0));
  at.queryClient.setQueryData(queryKeys.place(CONVERSATION_ID), { seq: 3, offset: 0 });
  at.emit({ type: 'session-changed', state: { status: 'signed-out', reason: 'logout' } });
  const state = at.store.getState();
  expect(state.auth).toEqual({ status: 'signed-out', viewer: null, endedBy: 'logout' });
  expect(state.outbox).toEqual({});
  expect(state.presence).toEqual({ byUser: {}, typing: {} });
  expect(at.queryClient.getQueryCache().getAll()).toEqual([]);
});

test('closed, it listens to nothing and holds no timer', () => {
  at.emit(typing(true));
  at.coordinator.close();
  expect(at.listeners.size).toBe(0);
  expect(at.timerCount()).toBe(0);
});

test('what was chosen in another tab shows here', () => {
  const { emit, store } = setUp();
  emit({ type: 'metered-wait-chosen', waits: true });
  expect(store.getState().ui.waitsWhileMetered).toBe(true);
});
