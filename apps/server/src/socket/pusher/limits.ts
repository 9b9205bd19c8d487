/** Bounds of the Pusher protocol. Those that Pusher documents are kept at its values. */
export const PUSHER_LIMITS = {
  /** Documented are 164; the official server library lets 200 through. */
  channelNameLength: 200,
  eventNameLength: 200,
  /** Bytes of an event's data, over HTTP and in client events. */
  eventBytes: 10_240,
  /** Of one `POST /events`. */
  channelsPerEvent: 100,
  eventsPerBatch: 10,
  /** Users of one presence channel. */
  presenceMembers: 100,
  userIdLength: 128,
  /** Of one member of a presence channel, as JSON. */
  userInfoBytes: 1_024,
  userDataBytes: 10_240,
  watchlist: 100,
  clientEventsPerSecond: 10,
  /** Channels of one connection: every conversation of a busy person, with room. */
  channelsPerConnection: 1_000,
  /** A client subscribes to all its channels again in the first moment after a reconnect. */
  frameBurst: 1_500,
  /** Frames of one connection that wait for a database look-up of an earlier one; sends nobody waits longer than a few milliseconds. */
  waitingFrames: 2_000,
  /** Events for one connection that wait for such a look-up, before it is closed as too slow. */
  waitingDeliveries: 2_000,
  /** Told to the client, and used here: silence for this long is followed by a ping. */
  activityTimeoutMs: 20_000,
  /** Without an answer to the ping for this long the connection is dead: with the sweeps' steps 40 s after its last word at most, about as a socket of our own protocol. */
  pongTimeoutMs: 15_000,
  /** A revocation arrives at once; should it be lost, this is how often a session is looked up again. */
  sessionCheckMs: 120_000,
  /** Up to here every change of a channel's subscription count is told at once, beyond it at intervals: one change costs as many frames as there are subscribers. */
  countToldAtOnce: 100,
  countIntervalMs: 5_000,
  /** What a cache channel remembers, Pusher's half hour. */
  cacheMs: 30 * 60_000,
  /** Cached events kept at most, 10 kB each. */
  cachedEvents: 2_000,
  /** Largest body of the HTTP API: a batch of ten events of 10 kB with their escapes. */
  httpBodyBytes: 1024 * 1024,
  /** How far the clock of whoever signs a request may be off, either way. */
  clockToleranceSeconds: 600,
} as const;
