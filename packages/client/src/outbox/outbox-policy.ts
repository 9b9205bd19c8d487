import { CoupletError } from '@couplet/protocol';
import { type BackoffPolicy, fullJitterDelay } from '../backoff.ts';
import { readyAttachments } from '../uploads/pending-upload.ts';
import { isChangeEntry, type OutboxEntry } from './outbox-entry.ts';

/** What the runner should do now. */
export interface OutboxPlan {
  /** To be sent, at most one per conversation. */
  send: OutboxEntry[];
  /** Epoch ms at which the next waiting entry becomes due; `null` when none waits for time. */
  wakeAt: number | null;
}

/**
 * What goes out next. Within a conversation strictly in the order written; an
 * entry that stands still is passed by, one that waits for its next try holds
 * back those after it. Conversations go side by side, bounded.
 *
 * @param entries the whole outbox, in order
 */
export function planOutbox(entries: readonly OutboxEntry[], now: number): OutboxPlan {
  const heads = new Map<string, OutboxEntry>();
  const passedBy = new Set<string>();
  for (const entry of entries) {
    if (heads.has(entry.conversationId)) continue;
    if (standsStill(entry, passedBy)) passedBy.add(entry.id);
    else heads.set(entry.conversationId, entry);
  }
  let free = PARALLEL_CONVERSATIONS;
  for (const { state } of heads.values()) if (state.status === 'sending') free -= 1;
  const send: OutboxEntry[] = [];
  let wakeAt: number | null = null;
  for (const entry of heads.values()) {
    if (entry.state.status !== 'queued') continue;
    if (entry.notBefore > now) wakeAt = Math.min(wakeAt ?? entry.notBefore, entry.notBefore);
    else if (send.length < free) send.push(entry);
  }
  return { send, wakeAt };
}

/** Nothing happens to it before something else does: a hand that retries it, its files being at the server, or the message that it changes being sent. */
function standsStill(entry: OutboxEntry, passedBy: ReadonlySet<string>): boolean {
  if (entry.state.status === 'failed') return true;
  // Later text overtakes it: a tunnel holds up a picture, not a word.
  if (entry.type === 'message' && readyAttachments(entry.uploads) === null) return true;
  return isChangeEntry(entry) && entry.target.messageId === null && passedBy.has(entry.target.clientMsgId);
}

/** The entry as it goes out. */
export function goneOut<Entry extends OutboxEntry>(entry: Entry): Entry {
  return { ...entry, mayBeStored: true, state: { status: 'sending' } };
}

/** The entry after a try that ended without an acknowledgement. */
export function afterFailure<Entry extends OutboxEntry>(entry: Entry, error: unknown, now: number, fraction: number): Entry {
  const attempts = entry.attempts + 1;
  if (error instanceof CoupletError && stopsForGood(error)) {
    // A replay of what was stored is never refused: what is refused is not stored.
    return { ...entry, attempts, notBefore: 0, heldUntil: 0, mayBeStored: false, state: { status: 'failed', code: error.code, message: error.message } };
  }
  const asked = error instanceof CoupletError ? (error.retryAfterMs ?? 0) : 0;
  const heldUntil = asked === 0 ? 0 : now + asked;
  const notBefore = Math.max(heldUntil, now + fullJitterDelay(attempts, RETRY, fraction));
  return { ...entry, attempts, notBefore, heldUntil, state: { status: 'queued' } };
}

/** The entry as if it had just been written: the person asked. */
export function dueNow<Entry extends OutboxEntry>(entry: Entry): Entry {
  return { ...entry, attempts: 0, notBefore: 0, heldUntil: 0, state: { status: 'queued' } };
}

/** The connection is back: nothing is waited for but what the server asked for. */
export function dueAgain<Entry extends OutboxEntry>(entry: Entry): Entry {
  return { ...entry, attempts: 0, notBefore: entry.heldUntil };
}

/**
 * Whether sending it again unchanged can never succeed. Errors about the session
 * or the app's version are not the entry's fault: it waits for those to mend.
 */
function stopsForGood(error: CoupletError): boolean {
  switch (error.code) {
    case 'not_authenticated':
    case 'session_revoked':
    case 'protocol_outdated':
      return false;
    default:
      return !error.retryable;
  }
}

/** From one second; never further apart than a minute, so that a server that recovers is soon found. */
const RETRY: BackoffPolicy = { baseMs: 1_000, capMs: 60_000 };
/** After a day offline: fast enough, and far below the server's limit of sends per second. */
const PARALLEL_CONVERSATIONS = 4;
