import Pusher from 'pusher';
import type { PusherApp } from '../../socket/pusher/signatures.ts';
import type { HostedEvent } from './hosted-events.ts';

/** What is asked of a hosted app. Rejects with a `HostedApiError`. */
export interface HostedApi {
  triggerBatch(events: readonly HostedEvent[]): Promise<void>;
  terminateUser(userId: string): Promise<void>;
}

export class HostedApiError extends Error {
  /** Whether the same call may succeed later. */
  readonly isPassing: boolean;

  constructor(message: string, isPassing: boolean, cause: unknown) {
    super(message, { cause });
    this.name = 'HostedApiError';
    this.isPassing = isPassing;
  }
}

/** Beyond it a call counts as lost; it is tried again. */
const ANSWER_WITHIN_MS = 5_000;

/** The official library. @param place a cluster of the hosted service, or the address of a server that speaks its HTTP API */
export function createHostedApi(app: PusherApp, place: { cluster: string } | { url: string }): HostedApi {
  const library = new Pusher({ appId: app.id, key: app.key, secret: app.secret, timeout: ANSWER_WITHIN_MS, ...addressOf(place) });
  return {
    triggerBatch: (events) => answered(library.triggerBatch(events.map(({ channel, name, data }) => ({ channel, name, data })))),
    terminateUser: (userId) => answered(library.terminateUserConnections(userId)),
  };
}

function addressOf(place: { cluster: string } | { url: string }) {
  if ('cluster' in place) return { cluster: place.cluster, useTLS: true };
  const { hostname, port, protocol } = new URL(place.url);
  return { host: hostname, useTLS: protocol === 'https:', ...(port === '' ? {} : { port }) };
}

async function answered(call: Promise<{ status: number }>): Promise<void> {
  try {
    await call;
  } catch (cause) {
    const status = cause instanceof Error && 'status' in cause && typeof cause.status === 'number' ? cause.status : undefined;
    const isPassing = status === undefined || status === 429 || status >= 500;
    throw new HostedApiError(status === undefined ? 'The hosted app did not answer' : `The hosted app answered ${status}`, isPassing, cause);
  }
}
