/**
 * Version of the native WebSocket protocol. Raise it with any change to a frame
 * that an older peer would misread; additions of optional fields do not count.
 *
 * 1: first version.
 */
export const PROTOCOL_VERSION = 1;

/** The oldest version the server still serves. */
export const OLDEST_SERVED_PROTOCOL_VERSION = 1;
