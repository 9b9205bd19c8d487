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
   * Without a presence.ping for this long the socket is dead. Pings come every 15
   * to 25 s, and a client whose ping is not answered opens another socket long
   * before this. With the 3 s until presence says "offline" that is well within a
   * minute.
   */
  heartbeatTtlMs: 45_000,
  /** How often a client should ping; it adds jitter. */
  heartbeatMs: 20_000,
  /** auth.expiring is sent this long before the token ends. */
  expiryNoticeMs: 60_000,
  /** All timers of all connections are this one sweep. */
  sweepEveryMs: 5_000,
  /** Reconnects after a drain are spread over this. */
  reconnectSpreadMs: 5_000,
} as const;
