import type { PushOutcome } from './push-provider.ts';

/** What becomes of a push that a service did not take. */
export type NextTry = { status: 'give-up' } | { status: 'retry'; afterMs: number };

/** With the pauses below, the better part of an hour. */
const TRIES = 10;
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 15 * 60_000;
/** Somebody who is told of a message a day late was better not disturbed. */
export const PUSH_EXPIRES_MS = 24 * 60 * 60_000;

/**
 * A random time up to a bound that doubles, never earlier than the service asked for.
 *
 * @param tries made so far
 * @param ageMs since the push came due
 * @param fraction in [0, 1)
 */
export function nextTry(outcome: Extract<PushOutcome, { status: 'later' }>, tries: number, ageMs: number, fraction: number): NextTry {
  const bound = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (tries - 1));
  const afterMs = Math.max(outcome.retryAfterMs ?? 0, Math.ceil(bound * (0.5 + fraction / 2)));
  if (tries >= TRIES || ageMs + afterMs > PUSH_EXPIRES_MS) return { status: 'give-up' };
  return { status: 'retry', afterMs };
}
