import type { ErrorCode } from '@couplet/protocol';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { RoundTripOutcome } from './redis/redis-link.ts';

/** From under a millisecond, where a good answer lies, to where a client gives up. */
const SECONDS_BUCKETS = [0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1, 2, 5, 10];
/** The library's 10 ms are most of what wakes a node that has nothing to do. The lag that is shown includes it. */
const EVENT_LOOP_LOOK_EVERY_MS = 50;
const BATCH_SIZE_BUCKETS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

export type Metrics = ReturnType<typeof createMetrics>;

/** Every business event of the server, one function each. The registry is the context's own, never a global one. */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: 'couplet_', eventLoopMonitoringPrecision: EVENT_LOOP_LOOK_EVERY_MS });

  const httpSeconds = new Histogram({
    name: 'couplet_http_request_seconds',
    help: 'Time to answer a REST request.',
    labelNames: ['route', 'status'],
    buckets: SECONDS_BUCKETS,
    registers,
  });
  const usersRegistered = new Counter({ name: 'couplet_users_registered_total', help: 'Users created, by way.', labelNames: ['way'], registers });
  const loginsFailed = new Counter({ name: 'couplet_logins_failed_total', help: 'Sign-ins refused, by code.', labelNames: ['code'], registers });
  const loginsSucceeded = new Counter({ name: 'couplet_logins_total', help: 'Sign-ins that succeeded.', registers });
  const sessionsRefreshed = new Counter({ name: 'couplet_sessions_refreshed_total', help: 'Token refreshes, by outcome.', labelNames: ['outcome'], registers });
  const sessionsRevoked = new Counter({ name: 'couplet_sessions_revoked_total', help: 'Sessions ended, by reason.', labelNames: ['reason'], registers });
  const tokensIssued = new Counter({ name: 'couplet_admin_tokens_total', help: 'Tokens made by the server API.', registers });
  const requestsLimited = new Counter({ name: 'couplet_rate_limited_total', help: 'Requests refused by a rate limit.', labelNames: ['limit'], registers });
  const admissionRefused = new Counter({ name: 'couplet_admission_refused_total', help: 'Work sent away because this node was full, by kind.', labelNames: ['work'], registers });
  const watched: Watched = { admission: () => [], pool: () => null };
  watchGauges(registers, watched);
  const messagesStored = new Counter({ name: 'couplet_messages_stored_total', help: 'Messages committed.', registers });
  const sendsRejected = new Counter({ name: 'couplet_sends_rejected_total', help: 'Sends refused, by code.', labelNames: ['code'], registers });
  const sendSeconds = new Histogram({ name: 'couplet_send_seconds', help: 'Time from a send that was read to its acknowledgement, with its wait for a commit.', buckets: SECONDS_BUCKETS, registers });
  const batchSize = new Histogram({ name: 'couplet_batch_requests', help: 'Requests in one commit.', labelNames: ['kind'], buckets: BATCH_SIZE_BUCKETS, registers });
  const batchSeconds = new Histogram({ name: 'couplet_batch_seconds', help: 'Time of one batch, begin to commit.', labelNames: ['kind'], buckets: SECONDS_BUCKETS, registers });
  const statementSeconds = new Histogram({
    name: 'couplet_database_statement_seconds',
    help: 'Time of one statement on a connection of the pool, by outcome; without the wait for the connection, and without the commits of batches.',
    labelNames: ['outcome'],
    buckets: SECONDS_BUCKETS,
    registers,
  });
  const connections = new Gauge({ name: 'couplet_sockets_open', help: 'Open WebSockets.', registers });
  const socketsClosed = new Counter({ name: 'couplet_sockets_closed_total', help: 'WebSockets closed, by reason.', labelNames: ['reason'], registers });
  const framesReceived = new Counter({ name: 'couplet_frames_received_total', help: 'Frames from clients, by type.', labelNames: ['type'], registers });
  const syncPages = new Counter({ name: 'couplet_sync_pages_total', help: 'Stretches of the event log served.', registers });
  const syncEvents = new Counter({ name: 'couplet_sync_events_total', help: 'Events in the stretches served.', registers });
  const eventsTrimmed = new Counter({ name: 'couplet_events_trimmed_total', help: 'Events that were older than the log is kept and went.', registers });
  const uploadedBytes = new Counter({ name: 'couplet_uploaded_bytes_total', help: 'Bytes of attachments that came through this node.', registers });
  const pushDecisions = new Counter({
    name: 'couplet_push_decisions_total',
    help: 'Messages whose grace time ended, per device: sent, or why not (acknowledged: a device had it).',
    labelNames: ['decision'],
    registers,
  });
  const pushesSent = new Counter({ name: 'couplet_pushes_sent_total', help: 'Pushes handed to their service, each try.', labelNames: ['platform', 'kind'], registers });
  const pushesAccepted = new Counter({ name: 'couplet_pushes_accepted_total', help: 'Pushes their service took.', labelNames: ['platform', 'kind'], registers });
  const pushesAcknowledged = new Counter({ name: 'couplet_pushes_acknowledged_total', help: 'Pushed messages that a device acknowledged or the person read afterwards.', registers });
  const pushesFailed = new Counter({ name: 'couplet_pushes_failed_total', help: 'Pushes their service did not take: later (tried again), refused, given-up.', labelNames: ['platform', 'outcome'], registers });
  const devicesRemoved = new Counter({ name: 'couplet_devices_removed_total', help: 'Devices forgotten because their service does not know them any more.', labelNames: ['platform'], registers });
  const rowsSkipped = new Counter({ name: 'couplet_rows_skipped_total', help: 'Stored rows that could not be read and were left out.', labelNames: ['table'], registers });
  const redisUp = new Gauge({ name: 'couplet_redis_up', help: 'Whether Redis answers this node; without REDIS_URL it is not there.', registers });
  redisUp.remove();
  const redisLosses = new Counter({ name: 'couplet_redis_losses_total', help: 'How often Redis stopped answering this node.', registers });
  const redisSeconds = new Histogram({
    name: 'couplet_redis_round_trip_seconds',
    help: 'Time of one round trip to Redis, by outcome: answered, refused (one of its commands), away (no answer in time, or the connection was lost).',
    labelNames: ['outcome'],
    buckets: SECONDS_BUCKETS,
    registers,
  });
  let wasRedisUp = false;
  const nodeDeliveries = new Counter({ name: 'couplet_fanout_between_nodes_total', help: 'Deliveries to and from other nodes, by what became of them.', labelNames: ['outcome'], registers });
  const missedLooks = new Counter({ name: 'couplet_fanout_looks_total', help: 'How often the event log was looked through for what the fan-out may have missed.', registers });
  const missedEvents = new Counter({ name: 'couplet_fanout_missed_events_total', help: 'Events found there.', registers });

  return {
    contentType: registry.contentType,
    /** The Prometheus text of everything counted. */
    exposition: () => registry.metrics(),

    httpAnswered(route: string, status: number, seconds: number) {
      httpSeconds.observe({ route, status }, seconds);
    },
    userRegistered(way: 'sign-up' | 'server-api', count = 1) {
      usersRegistered.inc({ way }, count);
    },
    loginSucceeded() {
      loginsSucceeded.inc();
    },
    loginFailed(code: ErrorCode) {
      loginsFailed.inc({ code });
    },
    sessionRefreshed(outcome: 'rotated' | 'repeated' | 'refused') {
      sessionsRefreshed.inc({ outcome });
    },
    sessionRevoked(reason: 'logout' | 'revoked' | 'token-reuse') {
      sessionsRevoked.inc({ reason });
    },
    adminTokensIssued(count: number) {
      tokensIssued.inc(count);
    },
    requestLimited(limit: string) {
      requestsLimited.inc({ limit });
    },
    admissionRefused(work: string) {
      admissionRefused.inc({ work });
    },
    /** What is not counted but looked at whenever somebody asks. */
    watch(sources: Watched) {
      Object.assign(watched, sources);
    },
    messageStored(count: number) {
      messagesStored.inc(count);
    },
    sendAcknowledged(seconds: number) {
      sendSeconds.observe(seconds);
    },
    sendRejected(code: ErrorCode) {
      sendsRejected.inc({ code });
    },
    batchCommitted(kind: 'sends' | 'receipts', requests: number, seconds: number) {
      batchSize.observe({ kind }, requests);
      batchSeconds.observe({ kind }, seconds);
    },
    statementEnded(outcome: 'answered' | 'failed', seconds: number) {
      statementSeconds.observe({ outcome }, seconds);
    },
    socketOpened() {
      connections.inc();
    },
    socketClosed(reason: string) {
      connections.dec();
      socketsClosed.inc({ reason });
    },
    frameReceived(type: string) {
      framesReceived.inc({ type });
    },
    syncServed(events: number) {
      syncPages.inc();
      syncEvents.inc(events);
    },
    eventsTrimmed(events: number) {
      eventsTrimmed.inc(events);
    },
    bytesUploaded(bytes: number) {
      uploadedBytes.inc(bytes);
    },
    redisState(isUp: boolean) {
      if (!isUp && wasRedisUp) redisLosses.inc();
      wasRedisUp = isUp;
      redisUp.set(isUp ? 1 : 0);
    },
    redisRoundTrip(outcome: RoundTripOutcome, seconds: number) {
      redisSeconds.observe({ outcome }, seconds);
    },
    pushDecided(decision: string) {
      pushDecisions.inc({ decision });
    },
    pushSent(platform: string, kind: 'message' | 'read') {
      pushesSent.inc({ platform, kind });
    },
    pushAccepted(platform: string, kind: 'message' | 'read') {
      pushesAccepted.inc({ platform, kind });
    },
    pushesAcknowledged(count: number) {
      pushesAcknowledged.inc(count);
    },
    pushFailed(platform: string, outcome: 'later' | 'refused' | 'given-up') {
      pushesFailed.inc({ platform, outcome });
    },
    deviceRemoved(platform: string) {
      devicesRemoved.inc({ platform });
    },
    /** The fan-out between nodes. */
    fanout: {
      sent: (deliveries: number) => nodeDeliveries.inc({ outcome: 'sent' }, deliveries),
      received: (deliveries: number) => nodeDeliveries.inc({ outcome: 'received' }, deliveries),
      /** Redis was away or too slow: the other nodes read them from the log. */
      dropped: (deliveries: number) => nodeDeliveries.inc({ outcome: 'dropped' }, deliveries),
      /** What came out of Redis and was not a delivery. */
      rejected: (parts: number) => nodeDeliveries.inc({ outcome: 'rejected' }, parts),
      claimed: (deliveries: number) => nodeDeliveries.inc({ outcome: 'claimed' }, deliveries),
      lookedForMissed(_users: number, events: number) {
        missedLooks.inc();
        missedEvents.inc(events);
      },
    },
    rowSkipped(table: string) {
      rowsSkipped.inc({ table });
    },
  };
}

interface Watched {
  admission(): readonly { work: string; running: number; waiting: number }[];
  pool(): { total: number; idle: number; waiting: number } | null;
}

function watchGauges(registers: Registry[], watched: Watched): void {
  new Gauge({
    name: 'couplet_admission_running',
    help: 'Work of a kind that is admitted in numbers, under way.',
    labelNames: ['work'],
    registers,
    collect() {
      for (const { work, running } of watched.admission()) this.set({ work }, running);
    },
  });
  new Gauge({
    name: 'couplet_admission_waiting',
    help: 'Work of a kind that is admitted in numbers, waiting for its turn.',
    labelNames: ['work'],
    registers,
    collect() {
      for (const { work, waiting } of watched.admission()) this.set({ work }, waiting);
    },
  });
  new Gauge({
    name: 'couplet_database_connections',
    help: 'Connections of the pool: busy and idle ones, and requests that wait for one.',
    labelNames: ['state'],
    registers,
    collect() {
      const pool = watched.pool();
      if (!pool) return;
      this.set({ state: 'busy' }, pool.total - pool.idle);
      this.set({ state: 'idle' }, pool.idle);
      this.set({ state: 'waiting' }, pool.waiting);
    },
  });
}
