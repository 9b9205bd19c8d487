/** Bounds of one node's sockets. Every one of them is a way for a client to cost memory or time. */
export const SOCKET_LIMITS = {
  /**
   * One person's devices and tabs, with room for leftovers of lost networks. Per
   * node, because it is a node's memory that it bounds: 64 idle sockets are half
   * a megabyte. Counting over all nodes would make every sign-in wait for Redis.
   */
  perUser: 64,
  /** A socket that reads slower than it is written to is closed past this many unsent bytes, and syncs later. */
  bufferedBytes: 1024 * 1024,
  /** Frames at once per connection: what an outbox drains in parallel, with room. */
  requestsInFlight: 256,
  /** Frames a second, and at once: ten times what an app does. */
  framesPerSecond: 100,
  frameBurst: 400,
  /** The first frame must come within this. */
  authWithinMs: 10_000,
  /**
   * Without a presence.ping for this long the socket is dead, at most. Pings come 15
   * to 25 s after the answer to the one before, and a client whose ping is not
   * answered for 10 s opens another socket. Presence says "offline" 3 s later. Should
   * the node stop just then, it takes some 10 s to end and is found dead 12 s after
   * it: within a minute after the last ping in the worst case, too.
   */
  heartbeatTtlMs: 38_000,
  /** How often a client should ping; it adds jitter. */
  heartbeatMs: 20_000,
  /** auth.expiring is sent this long before the token ends. */
  expiryNoticeMs: 60_000,
  /** All timers of all connections are this one sweep. */
  sweepEveryMs: 5_000,
  /** Reconnects after a drain are spread over this. */
  reconnectSpreadMs: 5_000,
} as const;
