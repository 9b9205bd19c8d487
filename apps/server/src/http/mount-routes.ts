import { CoupletError, type Endpoint, LIMITS } from '@couplet/protocol';
import express, { type Express, type RequestHandler } from 'express';
import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { bearerToken } from './bearer.ts';
import type { Route, Viewer } from './define-route.ts';
import { requestIdOf } from './request-id.ts';

/** A list of 1,000 users with long names and addresses stays below it. */
const ADMIN_BODY_BYTES = 2 * 1024 * 1024;

export interface RouteEdge {
  /** @throws CoupletError `not_authenticated` or `session_revoked` */
  authenticate(token: string): Promise<Viewer>;
  isAdminKey(key: string): boolean;
  /** What limits count by. */
  clientAddress(request: IncomingMessage): string;
  /** Runs the answer when this person may ask and this node takes it on. */
  admit<T>(endpoint: Endpoint, viewer: Viewer | undefined, answer: () => Promise<T>): Promise<T>;
  /** Runs everything that a request asks for, and tells whoever listens how it went. */
  trace<T>(endpoint: Endpoint, requestId: string, caller: string | undefined, work: () => Promise<T>): Promise<T>;
  onAnswered(endpoint: Endpoint, status: number, seconds: number): void;
}

/** Puts every route on the app: who asks is settled before the body is read, the body before the use case runs. */
export function mountRoutes(app: Express, routes: readonly Route[], edge: RouteEdge): void {
  const readBody = jsonReader(LIMITS.bodyBytes);
  const readAdminBody = jsonReader(ADMIN_BODY_BYTES);
  const readForm = express.urlencoded({ limit: LIMITS.bodyBytes, inflate: false, extended: false, parameterLimit: MAX_FORM_FIELDS });
  // `/users/me` before `/users/:id`.
  const literalFirst = routes.toSorted((a, b) => parameterCount(a.endpoint) - parameterCount(b.endpoint));
  for (const route of literalFirst) {
    const { endpoint } = route;
    const takesForms = endpoint.bodyTypes?.includes('form') ?? false;
    // Each reader leaves alone what one before it has read.
    const readers = [requireBody(takesForms ? ['json', FORM] : ['json']), ...(takesForms ? [readForm] : []), endpoint.auth === 'admin' ? readAdminBody : readBody];
    app[METHODS[endpoint.method]](endpoint.path, measure(endpoint, edge), identify(endpoint, edge), ...(endpoint.body ? readers : []), answerWith(route, edge));
  }
}

const METHODS = { GET: 'get', POST: 'post', PUT: 'put', PATCH: 'patch', DELETE: 'delete' } as const;

function parameterCount(endpoint: Endpoint): number {
  return endpoint.path.split('/:').length - 1;
}

/** Compressed bodies are refused: a few bytes could unpack to the whole limit. */
function jsonReader(limit: number): RequestHandler {
  return express.json({ limit, inflate: false, strict: false, type: () => true });
}

function requireBody(types: string[]): RequestHandler {
  return (request, _response, next) => {
    const hasBody = request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
    next(hasBody && !request.is(types) ? new CoupletError('unsupported_media_type') : undefined);
  };
}

const FORM = 'application/x-www-form-urlencoded';
/** Clients add fields of their own to the ones that are asked for. */
const MAX_FORM_FIELDS = 50;

function measure(endpoint: Endpoint, edge: RouteEdge): RequestHandler {
  return (_request, response, next) => {
    const startedAt = performance.now();
    response.once('finish', () => edge.onAnswered(endpoint, response.statusCode, (performance.now() - startedAt) / 1_000));
    next();
  };
}

function identify(endpoint: Endpoint, edge: RouteEdge): RequestHandler {
  return async (request, response, next) => {
    switch (endpoint.auth) {
      case 'open':
        break;
      case 'user':
        response.locals['viewer'] = await edge.authenticate(bearerToken(request));
        break;
      case 'admin':
        if (!edge.isAdminKey(bearerToken(request))) throw new CoupletError('forbidden');
        break;
    }
    next();
  };
}

function answerWith(route: Route, edge: RouteEdge): RequestHandler {
  const { endpoint } = route;
  return async (request, response) => {
    const [params, query, body] = parseAll([
      [endpoint.params, request.params],
      [endpoint.query, request.query],
      [endpoint.body, request.body],
    ]);
    const asked = {
      params,
      query,
      body,
      viewer: response.locals['viewer'] as Viewer | undefined,
      requestId: requestIdOf(response),
      ip: edge.clientAddress(request),
      userAgent: request.headers['user-agent'],
    };
    const { status, body: answer } = await edge.trace(endpoint, asked.requestId, request.get('traceparent'), () => edge.admit(endpoint, asked.viewer, () => route.answer(asked)));
    response.status(status);
    if (answer === null) response.end();
    else response.json(answer);
  };
}

/** @throws CoupletError `validation_failed` with the issues of all parts */
function parseAll(parts: readonly [schema: z.ZodType | undefined, given: unknown][]): unknown[] {
  const issues: { path: string; message: string }[] = [];
  const parsed = parts.map(([schema, given]) => {
    const result = schema?.safeParse(given);
    if (result?.success === false) issues.push(...result.error.issues.slice(0, MAX_ISSUES).map(({ path, message }) => ({ path: path.join('.'), message })));
    return result?.data;
  });
  if (issues.length > 0) throw new CoupletError('validation_failed', undefined, { issues });
  return parsed;
}

/** A list of 1,000 wrong entries is explained by its first ones. */
const MAX_ISSUES = 20;
