import { CoupletError } from '@couplet/protocol';
import compression from 'compression';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { Logger } from '../log.ts';
import { mountApiDocs } from './api-docs.ts';
import { allowOrigins } from './cors.ts';
import type { Route } from './define-route.ts';
import { mountRoutes, type RouteEdge } from './mount-routes.ts';
import { toProblem } from './problem-document.ts';
import { RateLimitedError } from './rate-limit.ts';
import { assignRequestId, requestIdOf } from './request-id.ts';
import { appSecurityHeaders } from './security-headers.ts';
import { mountWebApp } from './web-app.ts';

/** What leaves in one packet anyway is not worth compressing. */
const COMPRESS_FROM_BYTES = 1_400;

export interface HttpAppOptions extends RouteEdge {
  routes: readonly Route[];
  log: Logger;
  serverVersion: string;
  publicUrl: string | undefined;
  allowedOrigins: readonly string[];
  webDir: string;
  /** What answers under `/blobs`. */
  blobs: RequestHandler;
  /** Where else attachments are put to and loaded from. */
  mediaOrigins: readonly string[];
  /** Where else the app's live events come from. */
  realtimeOrigins: readonly string[];
  /** Stopping: whoever has a connection open is asked to open the next one elsewhere. */
  isDraining(): boolean;
  /** Resolves when the server can do its work, rejects when not. */
  assertReady(): Promise<void>;
  /** What is spoken beside the REST API. */
  mount(app: Express): void;
  metrics: { contentType: string; exposition(): Promise<string> };
}

/** Everything that speaks HTTP on the one port. */
export function createHttpApp(options: HttpAppOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.use(assignRequestId());
  if (options.log.isLevelEnabled('debug')) app.use(logAnswers(options.log));
  app.use((_request, response, next) => {
    if (options.isDraining()) response.setHeader('connection', 'close');
    next();
  });
  // The app of another origin asks /healthz whether there is a network.
  app.use(['/api', '/broadcasting', '/healthz', '/blobs'], allowOrigins(options.allowedOrigins));
  mountProbes(app, options);
  app.use('/blobs', options.blobs);
  app.use(appSecurityHeaders(options.publicUrl, options.mediaOrigins, options.realtimeOrigins));
  app.use(compression({ threshold: COMPRESS_FROM_BYTES }));
  app.use('/api', (_request, response, next) => {
    response.setHeader('cache-control', 'no-store');
    next();
  });
  mountRoutes(app, options.routes, options);
  options.mount(app);
  mountApiDocs(app, options.serverVersion);
  mountWebApp(app, options.webDir);
  app.use(() => {
    throw new CoupletError('not_found');
  });
  app.use(answerProblem(options.log));
  return app;
}

/** Alive, ready, measured. */
function mountProbes(app: Express, options: HttpAppOptions): void {
  app.get('/healthz', (_request, response) => {
    response.json({ alive: true });
  });
  app.get('/readyz', async (_request, response) => {
    const ready = !options.isDraining() && (await options.assertReady().then(() => true, () => false));
    response.status(ready ? 200 : 503).json({ ready });
  });
  app.get('/metrics', async (request, response) => {
    // Not for the world: whoever watches asks the node itself, and what came through a proxy came from outside.
    if (request.headers['x-forwarded-for'] !== undefined) throw new CoupletError('not_found');
    response.setHeader('content-type', options.metrics.contentType);
    response.end(await options.metrics.exposition());
  });
}

/** The path without its query, which can hold what people search for. */
function logAnswers(log: Logger): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now();
    const { method, path } = request;
    response.once('finish', () => {
      const ms = Math.round(performance.now() - startedAt);
      log.debug({ requestId: requestIdOf(response), method, path, status: response.statusCode, ms }, 'Answered');
    });
    next();
  };
}

function answerProblem(log: Logger): ErrorRequestHandler {
  return (cause: unknown, request, response, next) => {
    const requestId = requestIdOf(response);
    const { problem, retryAfter, isFault } = toProblem(cause, requestId, request.path);
    if (isFault) log.error({ err: cause, requestId, method: request.method, path: request.path }, 'A request failed');
    // Too late for an answer: Express closes the connection.
    if (response.headersSent) return next(cause);
    if (retryAfter !== undefined) response.setHeader('retry-after', String(retryAfter));
    if (cause instanceof RateLimitedError) response.set(cause.headers);
    response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  };
}
