import type { ConversationId, RegisteredDeviceId, UserId } from '@couplet/protocol';
import type { Queryable } from '../../database/transaction.ts';
import type { Metrics } from '../../metrics.ts';
import { deleteGoneDevice } from './devices-repository.ts';
import { nextTry, PUSH_EXPIRES_MS } from './push-policy.ts';
import type { PushNotice, PushOutcome, PushProviders } from './push-provider.ts';
import { PUSH_TEXT_LENGTH, type PushContent, pushWords } from './push-words.ts';
import { findPushedDevice, findPushedMessage, markPushed, type PushKind } from './pushes-repository.ts';

/** One push to one device: ids only, because a job is kept for a while. */
export interface PushWork {
  kind: PushKind;
  deviceId: RegisteredDeviceId;
  userId: UserId;
  conversationId: ConversationId;
  seq: number;
  /** Made so far. */
  tries: number;
  /** Epoch ms. */
  dueAt: number;
}

export interface SendPushNeeds {
  pool: Queryable;
  providers: PushProviders;
  content: PushContent;
  now: () => number;
  /** In [0, 1). */
  fraction: () => number;
  metrics: Pick<Metrics, 'pushSent' | 'pushAccepted' | 'pushFailed' | 'deviceRemoved'>;
  /** Rejected by the service, for whoever runs the server. */
  onRefused(work: PushWork, notice: PushNotice, reason: string): void;
}

/**
 * Brings one push to its service. What was read, silenced, deleted or signed out
 * since it came due is dropped; a later try also drops what a device has acknowledged.
 *
 * @returns how long to wait before the next try, or null when this was the last
 */
export async function sendPush(needs: SendPushNeeds, work: PushWork): Promise<{ afterMs: number } | null> {
  const { pool, providers, metrics, now } = needs;
  if (now() - work.dueAt > PUSH_EXPIRES_MS) return null;
  const device = await findPushedDevice(pool, work.deviceId);
  const provider = device && providers[device.platform];
  if (!device || !provider) return null;
  const notice = await noticeOf(needs, work, device.badge);
  if (notice === null) return null;
  metrics.pushSent(device.platform, work.kind);
  const outcome = await provider.send({ token: device.token, appId: device.app_id }, notice);
  switch (outcome.status) {
    case 'accepted':
      metrics.pushAccepted(device.platform, work.kind);
      return null;
    case 'gone': {
      const since = outcome.since === undefined ? null : new Date(outcome.since);
      if (await deleteGoneDevice(pool, { id: work.deviceId, token: device.token, since })) metrics.deviceRemoved(device.platform);
      return null;
    }
    case 'refused':
      metrics.pushFailed(device.platform, 'refused');
      needs.onRefused(work, notice, outcome.reason);
      return null;
    case 'later': {
      const pause = pauseAfter(needs, work, device.platform, outcome);
      if (pause === null) needs.onRefused(work, notice, outcome.reason);
      return pause;
    }
  }
}

function pauseAfter({ now, fraction, metrics }: SendPushNeeds, work: PushWork, platform: string, outcome: Extract<PushOutcome, { status: 'later' }>): { afterMs: number } | null {
  const next = nextTry(outcome, work.tries + 1, now() - work.dueAt, fraction());
  if (next.status === 'retry') {
    metrics.pushFailed(platform, 'later');
    return { afterMs: next.afterMs };
  }
  metrics.pushFailed(platform, 'given-up');
  return null;
}

async function noticeOf({ pool, content }: SendPushNeeds, work: PushWork, badge: number): Promise<PushNotice | null> {
  const { kind, conversationId, seq, userId } = work;
  if (kind === 'read') return { type: 'read', conversationId, seq, badge };
  const message = await findPushedMessage(pool, { conversationId, userId, seq, textLength: PUSH_TEXT_LENGTH });
  if (message === null) return null;
  // Last, so that what is marked as pushed is pushed.
  const marked = await markPushed(pool, { conversationId, userId, seq });
  if (marked === null || (work.tries > 0 && marked.acknowledged)) return null;
  return { type: 'message', conversationId, messageId: message.id, seq, badge, ...pushWords(content, message) };
}
