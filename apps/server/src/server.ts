import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Config } from './config.ts';
import { type Context, type ContextOverrides, createContext } from './context.ts';
import { blobRoutes } from './blobs/blob-routes.ts';
import { mediaOrigins } from './blobs/open-blob-store.ts';
import { realtimeOrigins } from './fanout/create-fanout.ts';
import { findFileLink } from './domains/attachments/find-file-link.ts';
import { isUploadOpen } from './domains/attachments/uploads-repository.ts';
import { createKeyCheck } from './http/bearer.ts';
import { admittedEndpoints, limitedEndpoints } from './admission/admitted-endpoints.ts';
import { createHttpApp } from './http/create-http-app.ts';
import { limitRequestTime } from './http/limit-request-time.ts';
import { assertWithinLimit } from './http/rate-limit.ts';
import { subsystemLog } from './log.ts';
import { messagingNeeds } from './messaging-needs.ts';
import { createPusherFace } from './pusher-face.ts';
import { allRoutes } from './routes.ts';
import { SERVER_VERSION } from './server-package.ts';
import { SOCKET_LIMITS } from './socket/limits.ts';
import { createSocketServer } from './sockets.ts';
import { StartupError } from './startup-error.ts';

/** Load balancers keep idle connections for 60 s: whoever closes first must not be the server, in the middle of a request. */
const KEEP_ALIVE_MS = 72_000;
/** A client that takes longer to send its request is holding a socket, not asking. */
const REQUEST_TIMEOUT_MS = 30_000;
/** 8 MiB over a bad mobile network, 10 KB/s. */
const UPLOAD_TIMEOUT_MS = 15 * 60_000;
const HEADERS_TIMEOUT_MS = 10_000;
/** What the clients get to close their sockets and finish their requests. */
export const DRAIN_MS = 5_000;

export interface RunningServer {
  /** Where it is reached, as this machine sees it. */
  url: string;
  port: number;
  context: Context;
  /** Stops accepting and says goodbye; what was accepted is finished. */
  drain(): Promise<void>;
  /** Drains, stores what was accepted, lets go of everything. Called again it answers the same promise. */
  stop(): Promise<void>;
}

/** @throws StartupError with one sentence */
export async function startServer(config: Config, overrides: ContextOverrides = {}): Promise<RunningServer> {
  const context = await createContext(config, overrides);
  try {
    return await serve(config, context);
  } catch (cause) {
    // A start that failed holds nothing: neither the database nor the data folder.
    await context.close();
    throw cause;
  }
}

async function serve(config: Config, context: Context): Promise<RunningServer> {
  const log = subsystemLog(context.log, 'server');
  const state = { isDraining: false };
  const messaging = messagingNeeds(context);
  const pusher = createPusherFace(context, messaging);
  const sockets = createSocketServer(context, messaging, [pusher.dialect]);
  const { authenticator, metrics, database } = context;
  const gateOf = admittedEndpoints(context.admission);
  const limiterOf = limitedEndpoints(context.rateLimits);
  const app = createHttpApp({
    routes: allRoutes(context, messaging, pusher.routes),
    log: subsystemLog(context.log, 'http'),
    serverVersion: SERVER_VERSION,
    publicUrl: config.publicUrl,
    allowedOrigins: config.allowedOrigins,
    webDir: config.webDir,
    mount: (express) => pusher.mount(express),
    blobs: blobRoutes({
      store: context.blobs,
      links: context.blobLinks,
      now: context.now,
      isOpen: (key) => isUploadOpen(database.pool, key),
      findFileLink: (uploadId) => findFileLink({ pool: database.pool, attachmentLinks: context.attachmentLinks }, uploadId),
      onReceived: metrics.bytesUploaded,
    }),
    mediaOrigins: mediaOrigins(config),
    realtimeOrigins: realtimeOrigins(config),
    isDraining: () => state.isDraining,
    assertReady: async () => void (await database.pool.query('SELECT 1')),
    authenticate: (token) => authenticator.authenticate(token),
    clientAddress: context.clientAddress,
    isAdminKey: createKeyCheck(context.adminApiKey),
    trace: ({ method, path }, requestId, caller, work) =>
      context.traces.request(`${method} ${path}`, { 'http.request.method': method, 'http.route': path, 'couplet.request_id': requestId }, caller, work),
    admit: async (endpoint, viewer, answer) => {
      const limiter = viewer && limiterOf(endpoint);
      if (limiter) await assertWithinLimit(limiter, viewer.userId);
      return gateOf(endpoint)?.run(answer) ?? answer();
    },
    onAnswered: (endpoint, status, seconds) => metrics.httpAnswered(endpoint.name, status, seconds),
    metrics,
  });
  const http = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: UPLOAD_TIMEOUT_MS, headersTimeout: HEADERS_TIMEOUT_MS }, app);
  // A connection kept alive for a request that was answered while draining would hold the server open.
  http.on('request', (_request, response) => response.once('close', () => state.isDraining && setImmediate(() => http.closeIdleConnections())));
  http.on('request', (request) => limitRequestTime(request, REQUEST_TIMEOUT_MS));
  http.on('upgrade', (request, socket, head) => sockets.upgrade(request, socket, head));
  try {
    await listen(http, config);
  } catch (cause) {
    await sockets.drain(0);
    throw cause;
  }
  http.on('error', (error) => log.error({ err: error }, 'A connection could not be accepted'));
  const { port } = http.address() as AddressInfo;
  context.origin.listening(ownUrl(config.host, port));
  log.info({ port, version: SERVER_VERSION }, 'Ready');

  let drained: Promise<void> | undefined;
  const drain = () => {
    drained ??= (async () => {
      state.isDraining = true;
      context.presence.expectBackWithin(SOCKET_LIMITS.reconnectSpreadMs);
      log.info({ sockets: sockets.size }, 'Draining');
      // First no new ones, then goodbye to the open ones.
      const closed = new Promise<void>((resolve) => http.close(() => resolve()));
      await sockets.drain(DRAIN_MS);
      http.closeIdleConnections();
      const patience = setTimeout(() => http.closeAllConnections(), DRAIN_MS);
      await closed;
      clearTimeout(patience);
    })();
    return drained;
  };
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= (async () => {
      await drain();
      // What it would take over is told by way of what closes now.
      await context.joined?.registry.retire();
      await pusher.close();
      await context.close();
      log.info('Stopped');
    })();
    return stopped;
  };
  return { url: ownUrl(config.host, port), port, context, drain, stop };
}

/**
 * Connections that the system keeps until the node takes them. A crowd that comes
 * back at once fills the usual 511 in a moment, and whoever finds no room tries
 * again after a second at the earliest; a load balancer takes the node for dead.
 */
const BACKLOG = 4_096;

function listen(http: Server, config: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (cause: NodeJS.ErrnoException) => reject(new StartupError(listenComplaint(cause, config), { cause }));
    http.once('error', fail);
    http.listen({ port: config.port, host: config.host, backlog: BACKLOG }, () => {
      http.off('error', fail);
      resolve();
    });
  });
}

function listenComplaint(cause: NodeJS.ErrnoException, { port, host }: Config): string {
  switch (cause.code) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is in use by another program: stop that one, or choose another port, e.g. PORT=${port + 1}.`;
    case 'EACCES':
      return `This user may not listen on port ${port}: choose one above 1023, e.g. PORT=4000.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `HOST ${host} is not an address of this machine: use 127.0.0.1 for this machine only, or 0.0.0.0 for every network.`;
    default:
      return `Cannot listen on port ${port} of ${host}: ${cause.message}.`;
  }
}

function ownUrl(host: string, port: number): string {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}
