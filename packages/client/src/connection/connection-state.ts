/** Where the connection to the server stands. `offline` carries when the next try is due (epoch ms). */
export type ConnectionState =
  | { status: 'closed' }
  | { status: 'offline'; attempt: number; retryAt: number | null; reason: string }
  | { status: 'connecting'; attempt: number }
  | { status: 'online'; connectionId: string; since: number; phase: SyncPhase }
  | { status: 'needs-auth' }
  | { status: 'outdated' };

/** `backfill` while the past is being fetched, `live` once every event arrives as it happens. */
export type SyncPhase = 'backfill' | 'live';
