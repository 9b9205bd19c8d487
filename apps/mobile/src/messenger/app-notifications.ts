import type { Messenger, MessengerEvent } from '@couplet/client';
import type { Conversation, RegisteredDeviceId } from '@couplet/protocol';
import type { NotificationsPort, PushAddress } from '../platform/notifications-port.ts';
import { offerBecameDue, permissionLearnt, registrationChanged } from '../state/notifications-slice.ts';
import type { AppStore } from '../state/store.ts';
import { pushesChosen } from '../state/ui-slice.ts';
import { UnreadTotal } from './unread-total.ts';

export interface AppNotificationsOptions {
  messenger: Messenger;
  store: AppStore;
  notifications: NotificationsPort;
}

/**
 * Keeps the platform's notifications in step with the messenger: the server knows
 * where this device is woken, for as long as the person wants that and is signed
 * in; what was read is not announced any more; the icon shows what is unread.
 */
export class AppNotifications {
  readonly #options: AppNotificationsOptions;
  readonly #unread: UnreadTotal;
  readonly #unsubscribe: () => void;
  #registered: (PushAddress & { id: RegisteredDeviceId }) | null = null;
  /** One after another: a sign-out must not overtake the registration before it. */
  #turn: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: AppNotificationsOptions) {
    this.#options = options;
    const { messenger, notifications } = options;
    this.#unread = new UnreadTotal(messenger.conversations, (total) => notifications.showUnread(total));
    this.#unsubscribe = messenger.subscribe((event) => this.#apply(event));
  }

  /** What the last start left is looked at; nobody is asked anything. */
  start(): void {
    void this.#inTurn(async () => {
      const { store, notifications } = this.#options;
      store.dispatch(permissionLearnt(await notifications.permission()));
      await this.#register();
    });
    this.#count();
  }

  /** Asks the person where the platform needs that. Called while they press something. */
  async turnOn(): Promise<void> {
    const { store, notifications } = this.#options;
    const permission = await notifications.ask();
    store.dispatch(permissionLearnt(permission));
    store.dispatch(pushesChosen(permission === 'granted' ? 'on' : 'off'));
    await this.#inTurn(() => this.#register());
  }

  /** Also the answer "not now" to the offer. */
  async turnOff(): Promise<void> {
    this.#options.store.dispatch(pushesChosen('off'));
    await this.#inTurn(() => this.#leave('unregister'));
  }

  close(): void {
    this.#closed = true;
    this.#unsubscribe();
  }

  #apply(event: MessengerEvent): void {
    switch (event.type) {
      case 'session-changed':
        if (event.state.status === 'signed-in') {
          void this.#inTurn(() => this.#register());
          this.#count();
        } else if (event.state.status === 'signed-out') this.#signedOut();
        return;
      case 'connection-changed':
        // A registration that failed without a network.
        if (event.state.status === 'online' && this.#registered === null) void this.#inTurn(() => this.#register());
        return;
      case 'conversations-changed':
        this.#unread.apply(event);
        this.#clearRead(event.conversations);
        return;
      case 'resynced':
        this.#count();
        return;
      case 'pending-changed':
        if (event.pending.length > 0) this.#options.store.dispatch(offerBecameDue());
        return;
      case 'messages-changed':
      case 'typing':
      case 'presence':
      case 'upload-progress':
      case 'uploads-held':
      case 'metered-wait-chosen':
        return;
    }
  }

  #count(): void {
    // Reads that fail leave the icon as it is until the next change.
    if (this.#isSignedIn()) this.#unread.load().catch(() => undefined);
  }

  #clearRead(conversations: readonly Conversation[]): void {
    if (this.#options.store.getState().notifications.permission !== 'granted') return;
    const changed = new Map<string, Conversation>(conversations.map((conversation) => [conversation.id, conversation]));
    const isRead = ({ readSeq, unreadCount }: Conversation, seq: number | null) => (seq === null ? unreadCount === 0 : readSeq >= seq);
    this.#options.notifications
      .clear((conversationId, seq) => {
        const conversation = changed.get(conversationId);
        return conversation !== undefined && isRead(conversation, seq);
      })
      .catch(() => undefined);
  }

  #signedOut(): void {
    const { notifications } = this.#options;
    this.#unread.forget();
    notifications.showUnread(0);
    // The server forgot the device with the session.
    void this.#inTurn(async () => {
      await this.#leave('forget');
      await notifications.clear(() => true);
    });
  }

  async #register(): Promise<void> {
    const { messenger, store, notifications } = this.#options;
    if (!this.#isSignedIn() || store.getState().ui.pushes !== 'on' || store.getState().notifications.permission !== 'granted') return;
    const { push } = await messenger.api.call('getConfig');
    const address = await notifications.openAddress(push?.vapidPublicKey ?? null);
    if (address === null || address.token === this.#registered?.token) return;
    const { id } = await messenger.api.call('registerDevice', { body: address });
    this.#registered = { ...address, id };
    store.dispatch(registrationChanged(true));
  }

  async #leave(way: 'unregister' | 'forget'): Promise<void> {
    const { messenger, store, notifications } = this.#options;
    const left = this.#registered;
    this.#registered = null;
    store.dispatch(registrationChanged(false));
    await notifications.closeAddress();
    if (left !== null && way === 'unregister') await messenger.api.call('unregisterDevice', { params: { id: left.id } });
  }

  #isSignedIn(): boolean {
    return this.#options.messenger.session.state().status === 'signed-in';
  }

  /** What fails is tried again at the next occasion: a start, a connection, a press. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(() => (this.#closed ? undefined : work())).catch(() => undefined);
    return this.#turn;
  }
}
