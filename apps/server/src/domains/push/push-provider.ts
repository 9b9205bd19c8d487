import type { ConversationId, MessageId } from '@couplet/protocol';

export type DevicePlatform = 'ios' | 'android' | 'web';

/** Where one device is woken. */
export interface DeviceAddress {
  /** As it was registered. */
  token: string;
  appId: string | null;
}

/** What a push brings. `badge` is the unread count of everything the user has. */
export type PushNotice =
  | { type: 'message'; conversationId: ConversationId; messageId: MessageId; seq: number; title: string; body: string; badge: number }
  /** Silent: notifications of this conversation up to `seq` go away. */
  | { type: 'read'; conversationId: ConversationId; seq: number; badge: number };

/** What became of one push. */
export type PushOutcome =
  | { status: 'accepted' }
  /** The device is not there any more. `since` (epoch ms): not if it was registered again after that. */
  | { status: 'gone'; reason: string; since?: number }
  /** Will never be taken, whatever is tried: a setting of ours is wrong, or the notice. */
  | { status: 'refused'; reason: string }
  /** Not now. `retryAfterMs` as the service asked for, if it did. */
  | { status: 'later'; reason: string; retryAfterMs?: number };

/** One of the services that wake devices. Never rejects. */
export interface PushProvider {
  send(address: DeviceAddress, notice: PushNotice): Promise<PushOutcome>;
  close(): Promise<void>;
}

export type PushProviders = Readonly<Partial<Record<DevicePlatform, PushProvider>>>;

/** A service that has not answered by then is tried again later; the device shows a doubled push once. */
export const PROVIDER_TIMEOUT_MS = 10_000;
/** How long a service keeps what it cannot deliver: a phone that was off for longer has more to catch up with than this. */
export const PUSH_TTL_SECONDS = 7 * 24 * 60 * 60;

/** `Retry-After`, in seconds or as a date. */
export function retryAfterMs(header: string | null | undefined, now: number): { retryAfterMs: number } | Record<never, never> {
  if (!header) return {};
  const ms = /^\d{1,6}$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - now;
  return Number.isNaN(ms) ? {} : { retryAfterMs: Math.max(0, ms) };
}

/** The connection failed, was cut, or nothing came in time. */
export function unreachable(cause: unknown): PushOutcome {
  return { status: 'later', reason: cause instanceof Error ? cause.message : String(cause) };
}
