/**
 * What a client does when its socket was closed:
 * - `backoff`: come back after the usual jittered delay
 * - `reauthenticate`: refresh the token first, never come back with the same one
 * - `server-delay`: come back after the `reconnectInMs` of `server.draining`
 * - `never`: do not come back until the person or an update changed something
 */
export type ReconnectAdvice = 'backoff' | 'reauthenticate' | 'server-delay' | 'never';

/** Why the server closes a native WebSocket. One sentence and one advice each. */
export const CLOSE_CODES = {
  badFrame: { code: 4400, reconnect: 'backoff', sentence: 'A frame was not valid JSON in the envelope, or came before auth.' },
  notAuthenticated: { code: 4401, reconnect: 'reauthenticate', sentence: 'The token is missing, expired or revoked.' },
  heartbeatMissed: { code: 4408, reconnect: 'backoff', sentence: 'No presence.ping arrived within the time to live.' },
  protocolOutdated: { code: 4409, reconnect: 'never', sentence: 'The client speaks a protocol version that is no longer served.' },
  frameTooLarge: { code: 4413, reconnect: 'backoff', sentence: 'A frame was larger than the limit.' },
  tooMany: { code: 4429, reconnect: 'backoff', sentence: 'Too many sockets or frames, or the client reads too slowly.' },
  internal: { code: 4500, reconnect: 'backoff', sentence: 'The server failed.' },
  draining: { code: 4503, reconnect: 'server-delay', sentence: 'The node is stopping or full; another one takes over.' },
} as const satisfies Record<string, { code: number; reconnect: ReconnectAdvice; sentence: string }>;

export type CloseReason = keyof typeof CLOSE_CODES;

/** Advice for any close code, also for those of the WebSocket standard and of later versions. */
export function reconnectAdvice(code: number): ReconnectAdvice {
  for (const entry of Object.values(CLOSE_CODES)) if (entry.code === code) return entry.reconnect;
  return 'backoff';
}
