import { type SignedIn, signedInSchema } from '@couplet/protocol';

/** What the device keeps of a session: the tokens and when, by its own clock, they are due. */
export interface StoredSession {
  signedIn: SignedIn;
  /** Epoch ms on the device's clock. */
  obtainedAt: number;
  /** How long the access token lives, from `obtainedAt`. Free of the difference between the clocks. */
  lifetimeMs: number;
}

export function encodeStoredSession(session: StoredSession): string {
  return JSON.stringify({ ...session.signedIn, obtainedAt: session.obtainedAt, lifetimeMs: session.lifetimeMs });
}

/** `null` for anything that is not a session this version wrote: a damaged entry signs out, it never crashes. */
export function parseStoredSession(text: string): StoredSession | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const signedIn = signedInSchema.safeParse(value);
  if (!signedIn.success) return null;
  const { obtainedAt, lifetimeMs } = value as { obtainedAt?: unknown; lifetimeMs?: unknown };
  if (!isTime(obtainedAt) || !isTime(lifetimeMs)) return null;
  return { signedIn: signedIn.data, obtainedAt, lifetimeMs };
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

/** @param serverNow the server's clock, where its answer told it: the device's clock may be wrong by hours. */
export function storedSessionOf(signedIn: SignedIn, serverNow: number | null, now: number): StoredSession {
  const lifetimeMs = Math.max(0, Date.parse(signedIn.accessTokenExpiresAt) - (serverNow ?? now));
  return { signedIn, obtainedAt: now, lifetimeMs };
}

/** When the next pair should be fetched: early enough that a slow network does not meet an expired token. */
export function refreshDueAt(session: StoredSession): number {
  return session.obtainedAt + Math.max(MIN_REFRESH_INTERVAL_MS, session.lifetimeMs * REFRESH_AT_FRACTION);
}

/** A fifth of 15 min leaves 3 min for tries before the token is refused. */
const REFRESH_AT_FRACTION = 0.8;
/** A device clock that runs ahead makes every token look expired; this keeps it from refreshing without end. */
const MIN_REFRESH_INTERVAL_MS = 20_000;
