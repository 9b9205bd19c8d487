import type { CloseCode, KitCloseReason } from '../connection.ts';

/**
 * Why the gateway closes a connection. What a client does with it is in the
 * range: 4000-4099 gives up, 4100-4199 comes back after a second, 4200-4299 at
 * once, codes of WebSocket itself after a second.
 */
export type PusherCloseReason = KitCloseReason | 'noSuchKey' | 'badVersion' | 'unsupportedVersion' | 'noVersion' | 'notAuthorised' | 'noPong' | 'internal';

export const PUSHER_CLOSE_CODES: Readonly<Record<PusherCloseReason, CloseCode>> = {
  noSuchKey: { code: 4001, sentence: 'There is no app with this key' },
  badVersion: { code: 4006, sentence: 'The protocol version is not a number' },
  unsupportedVersion: { code: 4007, sentence: 'This protocol version is not supported' },
  noVersion: { code: 4008, sentence: 'Name the protocol version' },
  notAuthorised: { code: 4009, sentence: 'Not authorised, or signed out' },
  tooMany: { code: 4100, sentence: 'Too many frames, or the client reads too slowly' },
  internal: { code: 4100, sentence: 'The server failed' },
  draining: { code: 4200, sentence: 'The node is stopping or full; another one takes over' },
  noPong: { code: 4201, sentence: 'No pong arrived in time' },
  badFrame: { code: 1003, sentence: 'Frames are text' },
  frameTooLarge: { code: 1009, sentence: 'A frame was larger than the limit' },
};
