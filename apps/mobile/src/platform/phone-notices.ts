import { type PushNotice, readPush } from '../service-worker/push-notice.ts';

/** A notification as expo-notifications tells of it: what of it is looked at here. */
export interface PhoneNotification {
  /** Epoch ms on Android, seconds on iOS. */
  date: number;
  request: {
    identifier: string;
    content: { data?: unknown };
    trigger: object | null;
  };
}

/** What a notification on the screen tells of. */
export interface Announced {
  conversationId: string;
  /** Null on Android, where Google's code shows what arrives while the app sleeps and keeps the tag alone. */
  seq: number | null;
}

/** How expo-notifications names what it did not show itself. */
const SHOWN_BY_GOOGLE = /^expo-notifications:\/\/foreign_notifications\?tag=([0-9a-f-]{36})&/;

/** Null for one that is not of a conversation. */
export function announced({ request: { identifier, content, trigger } }: PhoneNotification): Announced | null {
  // iOS gives what was pushed as the trigger's, Android as the content's.
  const notice = noticeIn(trigger !== null && 'payload' in trigger ? trigger.payload : null) ?? noticeIn(content.data);
  if (notice !== null) return notice;
  const [, conversationId] = SHOWN_BY_GOOGLE.exec(identifier) ?? [];
  return conversationId === undefined ? null : { conversationId, seq: null };
}

/**
 * Which of the notifications that show are over now that this was pushed, by
 * identifier. Where the phone does not tell of which message one is, the time
 * decides: a phone at rest is given the silent push late, and by then a newer
 * message may show.
 *
 * @param pushed as a task of expo-notifications gets it
 */
export function coveredBy(pushed: object, shown: readonly PhoneNotification[]): string[] {
  // `sentTime`, epoch ms by Google's clock, is there on Android.
  const { data, aps, sentTime } = pushed as { data?: object | null; aps?: object; sentTime?: unknown };
  const notice = noticeIn({ ...data, aps });
  if (notice?.type !== 'read') return [];
  const sentAt = typeof sentTime === 'number' ? sentTime : 0;
  return shown.flatMap((notification) => {
    const of = announced(notification);
    if (of?.conversationId !== notice.conversationId) return [];
    const isCovered = of.seq === null ? notification.date < sentAt : of.seq <= notice.seq;
    return isCovered ? [notification.request.identifier] : [];
  });
}

function noticeIn(pushed: unknown): PushNotice | null {
  if (typeof pushed !== 'object' || pushed === null) return null;
  // On iOS the badge is among Apple's own fields, and so are the words, which nobody needs here.
  const { aps } = pushed as { aps?: { badge?: unknown } | null };
  return readPush({ title: '', body: '', badge: aps?.badge, ...pushed });
}
