import type { ReconnectAdvice } from '@couplet/protocol';
import { type BackoffPolicy, fullJitterDelay } from '../backoff.ts';
import type { ConnectionState, SyncPhase } from './connection-state.ts';

/** The state and what the next decision needs to remember. */
export interface ConnectionMachine {
  state: ConnectionState;
  /** Connections in a row that failed, or ended before they were of use. */
  failures: number;
  /** The server refused the token: the next attempt begins with a new one. */
  needsNewToken: boolean;
  /** What `server.draining` asked for; `null` when it did not. */
  drainMs: number | null;
  /** Epoch ms before which the server asked not to be tried: neither the network's return nor a person changes that. */
  heldUntil: number;
}

export type ConnectionInput =
  | { type: 'started' }
  | { type: 'stopped' }
  | { type: 'opened'; connectionId: string }
  | { type: 'phase-changed'; phase: SyncPhase }
  | { type: 'lost'; advice: ReconnectAdvice; reason: string; retryAfterMs?: number | undefined }
  /** The session ended: no token will come. */
  | { type: 'session-lost' }
  | { type: 'drain-announced'; reconnectInMs: number }
  | { type: 'retry-due' }
  | { type: 'woken' }
  | { type: 'network-returned' }
  | { type: 'network-lost' };

export type ConnectionEffect =
  /** Get a token, a new one if `newToken`, and open a transport with it. */
  | { type: 'open'; newToken: boolean }
  | { type: 'close' }
  | { type: 'schedule-retry'; delayMs: number }
  | { type: 'probe' };

export interface Step {
  machine: ConnectionMachine;
  effects: ConnectionEffect[];
}

export const CLOSED_MACHINE: ConnectionMachine = { state: { status: 'closed' }, failures: 0, needsNewToken: false, drainMs: null, heldUntil: 0 };

/**
 * What an input makes of the connection. Pure: time and chance come with it.
 * Inputs that mean nothing in a state change nothing.
 */
export function transition(machine: ConnectionMachine, input: ConnectionInput, now: number, fraction: number): Step {
  const { state } = machine;
  switch (input.type) {
    case 'started':
      return state.status === 'closed' || state.status === 'needs-auth' ? open({ ...CLOSED_MACHINE }) : stay(machine);
    case 'stopped':
      return state.status === 'closed' ? stay(machine) : { machine: CLOSED_MACHINE, effects: [{ type: 'close' }] };
    case 'session-lost':
      return state.status === 'needs-auth'
        ? stay(machine)
        : { machine: { ...CLOSED_MACHINE, state: { status: 'needs-auth' } }, effects: [{ type: 'close' }] };
    case 'opened':
      if (state.status !== 'connecting') return stay(machine);
      return stay({
        ...machine,
        needsNewToken: false,
        drainMs: null,
        heldUntil: 0,
        state: { status: 'online', connectionId: input.connectionId, since: now, phase: 'backfill' },
      });
    case 'phase-changed':
      return state.status === 'online' ? stay({ ...machine, state: { ...state, phase: input.phase } }) : stay(machine);
    case 'drain-announced':
      return stay({ ...machine, drainMs: input.reconnectInMs });
    case 'lost':
      return state.status === 'connecting' || state.status === 'online' ? lose(machine, input, now, fraction) : stay(machine);
    case 'retry-due':
      return state.status === 'offline' ? open(machine) : stay(machine);
    case 'network-returned':
      return wake(machine, now);
    case 'woken':
      // The person asks: also where the server said not to come back.
      return state.status === 'outdated' ? open(machine) : wake(machine, now);
    case 'network-lost':
      // The socket may take minutes to notice what the platform knows already.
      return state.status === 'connecting' || state.status === 'online'
        ? withClose(lose(machine, { advice: 'backoff', reason: 'The network went away.' }, now, fraction))
        : stay(machine);
  }
}

function wake(machine: ConnectionMachine, now: number): Step {
  switch (machine.state.status) {
    case 'offline':
      return now < machine.heldUntil ? stay(machine) : open(machine);
    case 'online':
      return { machine, effects: [{ type: 'probe' }] };
    case 'closed':
    case 'connecting':
    case 'needs-auth':
    case 'outdated':
      return stay(machine);
  }
}

function open(machine: ConnectionMachine): Step {
  return {
    machine: { ...machine, state: { status: 'connecting', attempt: machine.failures + 1 } },
    effects: [{ type: 'open', newToken: machine.needsNewToken }],
  };
}

function lose(machine: ConnectionMachine, loss: { advice: ReconnectAdvice; reason: string; retryAfterMs?: number | undefined }, now: number, fraction: number): Step {
  const failures = wasOfUse(machine.state, now) ? 1 : machine.failures + 1;
  const askedMs = loss.retryAfterMs ?? 0;
  const next = { ...machine, failures, drainMs: null, heldUntil: now + askedMs };
  const backoffMs = Math.max(askedMs, fullJitterDelay(failures, RECONNECT, fraction));
  switch (loss.advice) {
    case 'never':
      return stay({ ...next, state: { status: 'outdated' } });
    case 'reauthenticate':
      // At once with a new token; if that one is refused too, with patience.
      if (failures === 1 && askedMs === 0) return open({ ...next, needsNewToken: true });
      return waitFor({ ...next, needsNewToken: true }, backoffMs, loss.reason, now);
    case 'server-delay':
      return waitFor(next, machine.drainMs ?? backoffMs, loss.reason, now);
    case 'backoff':
      return waitFor(next, backoffMs, loss.reason, now);
  }
}

function waitFor(machine: ConnectionMachine, delayMs: number, reason: string, now: number): Step {
  return {
    machine: { ...machine, state: { status: 'offline', attempt: machine.failures, retryAt: now + delayMs, reason } },
    effects: [{ type: 'schedule-retry', delayMs }],
  };
}

/** A server that takes connections and drops them must not be hammered: only one that lasted clears the count. */
function wasOfUse(state: ConnectionState, now: number): boolean {
  return state.status === 'online' && state.phase === 'live' && now - state.since >= OF_USE_MS;
}

function withClose(step: Step): Step {
  return { ...step, effects: [{ type: 'close' }, ...step.effects] };
}

function stay(machine: ConnectionMachine): Step {
  return { machine, effects: [] };
}

/** Full jitter from 1 s to 30 s: a node's clients come back spread, and nobody waits longer than half a minute. */
const RECONNECT: BackoffPolicy = { baseMs: 1_000, capMs: 30_000 };
const OF_USE_MS = 5_000;
