/** `undecided`: the person has not been asked yet. */
export type PushPermission = 'unsupported' | 'undecided' | 'granted' | 'denied';

/** Where this installation of the app is woken. */
export interface PushAddress {
  platform: 'ios' | 'android' | 'web';
  token: string;
}

/** Notifications of the platform. */
export interface NotificationsPort {
  permission(): Promise<PushPermission>;
  /** Shows the platform's question; called while the person presses something. */
  ask(): Promise<PushPermission>;
  /** @param vapidPublicKey the server's, which browsers need; null where it has none */
  openAddress(vapidPublicKey: string | null): Promise<PushAddress | null>;
  closeAddress(): Promise<void>;
  /** Takes away the notifications of which this holds. `seq` is null where the platform does not tell which message it was. */
  clear(isOver: (conversationId: string, seq: number | null) => boolean): Promise<void>;
  /** On the app's icon, and in the title of a page. */
  showUnread(count: number): void;
  /** The person chose a notification of this conversation, also the one that started the app. */
  subscribeToChosen(listener: (conversationId: string) => void): () => void;
}
