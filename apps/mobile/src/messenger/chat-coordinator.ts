import type { ClockPort, Messenger, MessengerEvent } from '@couplet/client';
import type { Conversation, ConversationId, UserId } from '@couplet/protocol';
import type { QueryClient } from '@tanstack/react-query';
import { applyEvent } from '../data/apply-event.ts';
import { queryKeys } from '../data/query-keys.ts';
import { placeQuery } from '../data/reading-place.ts';
import { OPENING, threadQuery } from '../data/thread-query.ts';
import { sessionChanged } from '../state/auth-slice.ts';
import { outboxForgotten, pendingChanged } from '../state/outbox-slice.ts';
import { presenceChanged, presenceErased, presenceForgotten, typingEnded, typingStarted } from '../state/presence-slice.ts';
import type { AppStore } from '../state/store.ts';
import { conversationSelected, meteredWaitChosen } from '../state/ui-slice.ts';

export interface ChatCoordinatorOptions {
  messenger: Messenger;
  queryClient: QueryClient;
  store: AppStore;
  clock: ClockPort;
  subscribeToForeground: (listener: (isActive: boolean) => void) => () => void;
}

/**
 * Ties the messenger to the screens: what happens reaches React Query and Redux,
 * the people in sight are followed, what will be opened is read ahead, and the
 * connection learns when the app is looked at. Lives from start to sign-out of
 * the app's process; one per messenger.
 */
export class ChatCoordinator {
  readonly #options: ChatCoordinatorOptions;
  readonly #subscriptions: (() => void)[];
  readonly #visible = new Map<string, readonly UserId[]>();
  readonly #typingTimers = new Map<ConversationId, () => void>();
  #watched = '';

  constructor(options: ChatCoordinatorOptions) {
    this.#options = options;
    const { messenger, subscribeToForeground } = options;
    this.#subscriptions = [
      messenger.subscribe((event) => this.#apply(event)),
      subscribeToForeground((isActive) => {
        messenger.connection.setActive(isActive);
        if (isActive) messenger.connection.wake();
      }),
    ];
  }

  /** Reads ahead what a thread opens with: the pointer is over the row, or the finger is down. */
  prefetchThread(conversation: Conversation): void {
    const { messenger, queryClient } = this.#options;
    const { id } = conversation;
    // As the row shows it; what happens to it from now on reaches this as well.
    queryClient.setQueryData<Conversation | null>(queryKeys.conversation(id), (known) => known ?? conversation);
    void queryClient.prefetchQuery(placeQuery(messenger, id));
    if (!queryClient.getQueryData(queryKeys.threadVisit(id, OPENING))) void queryClient.prefetchInfiniteQuery(threadQuery(messenger, id));
  }

  /** The conversation with this person, ready to be shown. */
  async openWith(userId: UserId): Promise<Conversation> {
    const conversation = await this.#options.messenger.conversations.openWith(userId);
    this.#options.queryClient.setQueryData(queryKeys.conversation(conversation.id), conversation);
    return conversation;
  }

  /** Shows what waits in a conversation's outbox; from then on events keep it. */
  async loadPending(conversationId: ConversationId): Promise<void> {
    const { messages } = this.#options.messenger;
    const [pending, changes] = await Promise.all([messages.pending(conversationId), messages.pendingChanges(conversationId)]);
    this.#options.store.dispatch(pendingChanged({ conversationId, pending, changes }));
  }

  /** Follows the people a part of the screen shows; an empty list when it goes. */
  showPeople(part: string, userIds: readonly UserId[]): void {
    const { messenger, store } = this.#options;
    if (userIds.length === 0) this.#visible.delete(part);
    else this.#visible.set(part, userIds);
    const all = [...new Set([...this.#visible.values()].flat())].sort();
    const watched = all.join();
    if (watched === this.#watched) return;
    this.#watched = watched;
    messenger.presence.watch(all);
    for (const userId of all) store.dispatch(presenceChanged(messenger.presence.get(userId)));
  }

  close(): void {
    for (const unsubscribe of this.#subscriptions) unsubscribe();
    for (const cancel of this.#typingTimers.values()) cancel();
    this.#typingTimers.clear();
  }

  #apply(event: MessengerEvent): void {
    const { queryClient, store } = this.#options;
    applyEvent(queryClient, event);
    switch (event.type) {
      case 'session-changed':
        store.dispatch(sessionChanged(event.state));
        if (event.state.status === 'signed-out') this.#forget();
        return;
      case 'connection-changed':
        if (event.state.status !== 'online') store.dispatch(presenceForgotten());
        return;
      case 'pending-changed':
        store.dispatch(pendingChanged({ conversationId: event.conversationId, pending: event.pending, changes: event.changes }));
        return;
      case 'typing':
        this.#showTyping(event);
        return;
      case 'presence':
        store.dispatch(presenceChanged(event.presence));
        return;
      case 'messages-changed': {
        // Who has just spoken is not typing any more, though no signal said so.
        const typist = store.getState().presence.typing[event.conversationId];
        if (typist && event.messages.some((message) => message.senderId === typist)) this.#endTyping(event.conversationId);
        return;
      }
      case 'metered-wait-chosen':
        store.dispatch(meteredWaitChosen(event.waits));
        return;
      case 'conversations-changed':
      // Told to whoever shows that one file, and to nobody else.
      case 'upload-progress':
      case 'uploads-held':
      case 'resynced':
        return;
    }
  }

  /** A typing signal expires by itself: the one that ends it may be lost. */
  #showTyping(event: Extract<MessengerEvent, { type: 'typing' }>): void {
    const { store, clock } = this.#options;
    const { conversationId, userId, isTyping, expiresAt } = event;
    const remaining = expiresAt - clock.now();
    if (!isTyping || remaining <= 0) return this.#endTyping(conversationId);
    this.#typingTimers.get(conversationId)?.();
    this.#typingTimers.set(conversationId, clock.schedule(Math.min(remaining, LONGEST_TYPING_MS), () => this.#endTyping(conversationId)));
    store.dispatch(typingStarted({ conversationId, userId }));
  }

  #endTyping(conversationId: ConversationId): void {
    this.#typingTimers.get(conversationId)?.();
    this.#typingTimers.delete(conversationId);
    this.#options.store.dispatch(typingEnded(conversationId));
  }

  /** Nothing of an account stays when it leaves the device. */
  #forget(): void {
    const { store } = this.#options;
    this.#watched = '';
    this.#visible.clear();
    store.dispatch(outboxForgotten());
    store.dispatch(presenceErased());
    store.dispatch(conversationSelected(null));
  }
}

/** A wrong clock on either side must not leave somebody typing for hours. */
const LONGEST_TYPING_MS = 15_000;
