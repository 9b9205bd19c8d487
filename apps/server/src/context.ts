import { randomFillSync } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type UserId, uuidv7 } from '@couplet/protocol';
import { Admission, type AdmissionBounds } from './admission/admission.ts';
import { BLOB_PATH, BlobLinks } from './blobs/blob-links.ts';
import type { BlobStore } from './blobs/blob-store.ts';
import { openBlobStore } from './blobs/open-blob-store.ts';
import type { Config } from './config.ts';
import { keptSecret } from './data-dir.ts';
import { type Database, openDatabase } from './database/open-database.ts';
import { type AttachmentLinks, createAttachmentLinks } from './domains/attachments/stored-content.ts';
import { UploadWork } from './domains/attachments/upload-work.ts';
import { type AccessTokens, createAccessTokens } from './domains/auth/access-token.ts';
import { Authenticator } from './domains/auth/authenticate.ts';
import { PASSWORD_COST, type PasswordCost, PasswordHasher } from './domains/auth/password-hasher.ts';
import { createRefreshTokens, type RefreshTokens } from './domains/auth/refresh-token.ts';
import { chatMessageView } from './domains/chats/chat-view.ts';
import { findCoveredMessages } from './domains/chats/find-covered-messages.ts';
import { findConversations, findUnreadCounts } from './domains/conversations/conversations-repository.ts';
import { Pairs } from './domains/conversations/pairs.ts';
import { deliverSends } from './domains/messages/deliver-sends.ts';
import { findMessages } from './domains/messages/messages-repository.ts';
import { LastSeen } from './domains/presence/last-seen.ts';
import type { NodePresence } from './domains/presence/node-presence.ts';
import { saveLastSeen } from './domains/presence/presence-repository.ts';
import { Pushes } from './domains/push/push-work.ts';
import { deliverReceipts } from './domains/receipts/deliver-receipts.ts';
import { EventLogReader, type EventSources } from './event-log/event-log-reader.ts';
import { LogRetention } from './event-log/log-retention.ts';
import { createFanout } from './fanout/create-fanout.ts';
import type { Fanout } from './fanout/fanout.ts';
import { clientAddressBehind } from './http/client-address.ts';
import { followCommits, followStatements } from './tracing/follow-database.ts';
import { followFanout, followPushes } from './tracing/follow-messages.ts';
import { openTraces } from './tracing/open-traces.ts';
import type { Traces } from './tracing/traces.ts';
import { createRateCounter } from './redis/rate-counters.ts';
import { createRateLimits, type RateLimits } from './http/rate-limit.ts';
import { JobQueue } from './jobs/job-queue.ts';
import { createLog, type Logger, subsystemLog } from './log.ts';
import { createNodeState } from './many-nodes.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { PublicOrigin } from './public-origin.ts';
import type { JoinedNodes } from './redis/joined-nodes.ts';
import { RedisLink } from './redis/redis-link.ts';
import { createPushProviders, loadVapidKeys, type PushServiceOverrides, type VapidKeys } from './push-providers.ts';
import { MIGRATIONS_FOLDER } from './server-package.ts';
import type { PusherApp } from './socket/pusher/signatures.ts';
import type { ReceiptRequest } from './write-path/commit-receipts.ts';
import type { SendRequest, StoredSend } from './write-path/sends.ts';
import { WritePath } from './write-path/write-path.ts';

/** Everything with a lifetime, built once. Edges hand each use case the parts it asks for. */
export interface Context {
  config: Config;
  log: Logger;
  metrics: Metrics;
  traces: Traces;
  database: Database;
  /** Null on a deployment of one node. It may be away at any time: everything that uses it has a way without. */
  redis: RedisLink | null;
  /** What joins this node to the others; null as well where there are none. */
  joined: JoinedNodes | null;
  now: () => number;
  random: (bytes: Uint8Array) => void;
  /** A UUIDv7. */
  newId: () => string;
  adminApiKey: string;
  pusherApp: PusherApp;
  accessTokens: AccessTokens;
  refreshTokens: RefreshTokens;
  passwords: PasswordHasher;
  authenticator: Authenticator;
  rateLimits: RateLimits;
  admission: Admission;
  /** What limits count by, whatever proxies stand in front. */
  clientAddress(request: IncomingMessage): string;
  fanout: Fanout;
  eventLog: EventLogReader;
  writePath: WritePath;
  pairs: Pairs;
  presence: NodePresence;
  lastSeen: LastSeen;
  origin: PublicOrigin;
  blobs: BlobStore;
  blobLinks: BlobLinks;
  attachmentLinks: AttachmentLinks;
  uploads: UploadWork;
  pushes: Pushes;
  logRetention: LogRetention;
  /** What browsers subscribe to pushes with. */
  vapidPublicKey: string;
  /** Where a person's photo is shown from, small. */
  avatarUrl(key: string): string;
  /** In the order that loses nothing: what was accepted is stored before its connections go. */
  close(): Promise<void>;
}

/** What a test may replace. */
export interface ContextOverrides {
  log?: Logger;
  /** Epoch milliseconds. */
  now?: () => number;
  random?: (bytes: Uint8Array) => void;
  fanout?: Fanout;
  admissionBounds?: Partial<AdmissionBounds>;
  passwordCost?: PasswordCost;
  pushServices?: PushServiceOverrides;
}

/** @throws StartupError with one sentence */
export async function createContext(config: Config, overrides: ContextOverrides = {}): Promise<Context> {
  const traces = await openTraces(config);
  const log = overrides.log ?? createLog(config.logLevel, config.nodeId, undefined, traces.isOn ? () => traces.logFields() : undefined);
  const metrics = createMetrics();
  const now = overrides.now ?? Date.now;
  const random = overrides.random ?? ((bytes: Uint8Array) => void randomFillSync(bytes));
  const database = await openDatabase({
    url: config.databaseUrl ?? null,
    poolerUrl: config.databasePoolerUrl ?? null,
    replicaUrl: config.databaseReplicaUrl ?? null,
    dataDir: config.dataDir,
    poolSize: config.databasePoolSize,
    migrationsFolder: MIGRATIONS_FOLDER,
    log: subsystemLog(log, 'database'),
    onStatement: metrics.statementEnded,
  });
  const secrets = await loadSecrets(config).catch(async (cause: unknown) => {
    await database.close();
    throw cause;
  });
  const redis = await openRedis(config, log, metrics);
  const { pool } = database;
  followStatements(pool, traces);
  const admission = new Admission({ waitingForDatabase: () => pool.waitingCount, onRefused: metrics.admissionRefused }, overrides.admissionBounds);
  metrics.watch({
    admission: () => (['signIn', 'catchUp'] as const).map((work) => ({ work, running: admission[work].running, waiting: admission[work].waiting })),
    pool: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
  });
  const accessTokens = createAccessTokens(secrets.authSecret, config.accessTokenTtl, now);
  const origin = new PublicOrigin(config.publicUrl);
  const blobLinks = new BlobLinks(secrets.authSecret, () => origin.url);
  const attachmentLinks = createAttachmentLinks({ links: blobLinks, cdnUrl: config.cdnUrl, now });
  const eventLog = createEventLog(database, attachmentLinks, log, metrics);
  const authenticator = new Authenticator({ pool, accessTokens, now });
  const presenceLog = subsystemLog(log, 'presence');
  const lastSeen = new LastSeen(
    (batch) => saveLastSeen(pool, batch),
    (error) => presenceLog.warn({ err: error }, 'Last-seen times could not be written; they are kept for the next try'),
  );
  const onLeft = (userId: UserId, at: string) => lastSeen.note(userId, at);
  const { blobs, jobs, uploads, pushes, logRetention } = await startJobs({ config, database, log, metrics, traces, now, blobLinks }, secrets.vapid, overrides.pushServices).catch(async (cause: unknown) => {
    await redis?.close();
    await database.close();
    throw cause;
  });
  // After whatever may take long: from its first beat on this node takes over from others, and must soon have everything that has a part in it.
  const nodes = await createNodeState({ config, redis, pool, eventLog, authenticator, log, metrics, traces, now, onLeft, fanout: overrides.fanout });
  const { presence } = nodes;
  const delivered = createFanout(nodes.fanout, config, secrets.pusherApp, {
    chatMessage: chatMessageView,
    coveredMessages: (receipt, viewerId) => findCoveredMessages(pool, attachmentLinks, viewerId, [receipt]),
    log: subsystemLog(log, 'fanout'),
  });
  const fanout = followFanout(delivered, traces, subsystemLog(log, 'fanout'));
  const writePath = createWritePath({ config, database, log, metrics, traces, now, fanout, eventLog, attachmentLinks });
  return {
    config,
    log,
    metrics,
    traces,
    database,
    redis,
    joined: nodes.joined,
    now,
    random,
    newId: () => uuidv7(now(), random),
    adminApiKey: secrets.adminApiKey,
    pusherApp: secrets.pusherApp,
    accessTokens,
    refreshTokens: createRefreshTokens(secrets.authSecret),
    passwords: new PasswordHasher(overrides.passwordCost ?? PASSWORD_COST),
    authenticator,
    admission,
    clientAddress: clientAddressBehind(config.trustedProxies),
    rateLimits: createRateLimits({
      isEnabled: config.rateLimits,
      now,
      countTogether: redis && ((policy) => createRateCounter(redis, config.redisPrefix, policy)),
      onLimited: metrics.requestLimited,
    }),
    fanout,
    eventLog,
    writePath,
    pairs: new Pairs(pool),
    presence,
    lastSeen,
    origin,
    blobs,
    blobLinks,
    attachmentLinks,
    uploads,
    pushes,
    logRetention,
    vapidPublicKey: secrets.vapid.publicKey,
    avatarUrl: (key) => (config.cdnUrl === undefined ? `${origin.url}${BLOB_PATH}${key}` : `${config.cdnUrl}/${key}`),
    async close() {
      admission.close();
      await writePath.close();
      await pushes.close();
      await logRetention.close();
      await jobs.close();
      await pushes.closeProviders();
      await uploads.close();
      await blobs.close();
      presence.close();
      await lastSeen.close();
      await fanout.close();
      await nodes.joined?.close();
      await redis?.close();
      await database.close();
      await traces.close();
    },
  };
}

async function openRedis({ redisUrl: address, nodeId }: Config, log: Logger, metrics: Metrics): Promise<RedisLink | null> {
  if (address === undefined) return null;
  return RedisLink.open({ address, name: `couplet-${nodeId}`, log: subsystemLog(log, 'redis'), onState: metrics.redisState, onRoundTrip: metrics.redisRoundTrip });
}

async function loadSecrets(config: Config): Promise<{ authSecret: string; adminApiKey: string; pusherApp: PusherApp; vapid: VapidKeys }> {
  return {
    vapid: await loadVapidKeys(config),
    authSecret: config.authSecret ?? (await keptSecret(config.dataDir, 'auth-secret')),
    adminApiKey: config.adminApiKey ?? (await keptSecret(config.dataDir, 'admin-api-key')),
    pusherApp: {
      id: config.pusherAppId ?? (await keptSecret(config.dataDir, 'pusher-app-id')),
      key: config.pusherKey ?? (await keptSecret(config.dataDir, 'pusher-key')),
      secret: config.pusherSecret ?? (await keptSecret(config.dataDir, 'pusher-secret')),
    },
  };
}

/** What is done after the request that asked for it, in one job queue. */
async function startJobs(needs: Pick<Context, 'config' | 'database' | 'log' | 'metrics' | 'traces' | 'now' | 'blobLinks'>, vapid: VapidKeys, services: PushServiceOverrides | undefined) {
  const { config, database, metrics, now } = needs;
  const { pool } = database;
  const blobs = openBlobStore(config, needs.blobLinks, now);
  const providers = followPushes(createPushProviders(config, vapid, now, services), needs.traces, subsystemLog(needs.log, 'push'));
  const log = subsystemLog(needs.log, 'jobs');
  const jobs = await JobQueue.start(database.address, log, needs.traces);
  try {
    const uploads = await UploadWork.start({ pool, jobs, log, blobs, now, keepOriginals: config.keepOriginals });
    const logRetention = await LogRetention.start({ pool, jobs, log: subsystemLog(needs.log, 'events'), metrics, now, days: config.eventLogDays });
    const pushes = await Pushes.start({ pool, jobs, log: subsystemLog(needs.log, 'push'), metrics, providers, content: config.pushContent, now, fraction: Math.random });
    return { blobs, jobs, uploads, pushes, logRetention };
  } catch (cause) {
    await jobs.close();
    throw cause;
  }
}

function createEventLog(database: Database, links: AttachmentLinks, log: Logger, metrics: Metrics): EventLogReader {
  const eventsLog = subsystemLog(log, 'events');
  const sources: EventSources = {
    findMessages: (db, viewerId, ids) => findMessages(db, links, viewerId, ids),
    findConversations: (db, viewerId, ids) => findConversations(db, links, viewerId, ids),
    findUnreadCounts,
  };
  return new EventLogReader(database.pool, sources, ({ position, type }, reason) => {
    metrics.rowSkipped('events');
    eventsLog.error({ position, type, reason }, 'An event could not be read and was left out');
  });
}

function createWritePath(
  needs: Pick<Context, 'config' | 'database' | 'log' | 'metrics' | 'traces' | 'now' | 'fanout' | 'eventLog' | 'attachmentLinks'>,
): WritePath {
  const { metrics, fanout, eventLog, attachmentLinks } = needs;
  const writeLog = subsystemLog(needs.log, 'write-path');
  const commits = followCommits(needs.traces);
  return new WritePath({
    connection: needs.database.address,
    answers: needs.database.answers,
    now: needs.now,
    pushGraceSeconds: needs.config.pushGrace,
    onSendsCommitted: (stored) => {
      commits.stored(stored);
      metrics.messageStored(stored.length);
      if (writeLog.isLevelEnabled('debug')) for (const send of stored) writeLog.debug(logged(send), 'Stored');
      deliverSends({ fanout, log: eventLog, attachmentLinks }, stored, (error) => writeLog.warn({ err: error }, 'A new conversation was not announced live; sync brings it'));
    },
    onReceiptsCommitted: (stored) => deliverReceipts(fanout, stored),
    onBatch: (kind, requests, seconds) => {
      metrics.batchCommitted(kind, requests, seconds);
      if (kind === 'sends') commits.measured(requests, seconds);
    },
    onBatchFailed: (kind, requests, error) => writeLog.error({ err: error, kind, size: requests.length, requestIds: requestIds(requests) }, 'A batch could not be committed; its requests were told to try again'),
  });
}

/** A batch may be of hundreds: the first ones are enough to find what clients and proxies know of it. */
const REQUEST_IDS_LOGGED = 20;

/** Receipts have none. */
function requestIds(requests: readonly (SendRequest | ReceiptRequest)[]): string[] {
  return requests.slice(0, REQUEST_IDS_LOGGED).flatMap((request) => ('requestId' in request ? [request.requestId] : []));
}

/** Ids only: what people write is in no log. */
function logged({ requestId, messageId, clientMsgId, conversationId, senderId, seq }: StoredSend) {
  return { requestId, messageId, clientMsgId, conversationId, senderId, seq };
}
