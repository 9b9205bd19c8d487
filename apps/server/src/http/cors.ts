import type { RequestHandler } from 'express';

/** Ten minutes: how long a browser may remember the answer to its preflight. */
const PREFLIGHT_SECONDS = 600;

/** Lets pages of other origins call the API. They hold a bearer token, so cookies are never asked for. */
export function allowOrigins(origins: readonly string[]): RequestHandler {
  const allowed = new Set(origins);
  return (request, response, next) => {
    const origin = request.get('origin');
    response.vary('Origin');
    if (origin === undefined || !(allowed.has(origin) || allowed.has('*'))) return next();
    response.setHeader('access-control-allow-origin', origin);
    response.setHeader('access-control-expose-headers', 'x-request-id, retry-after, ratelimit, ratelimit-policy, etag');
    if (request.method !== 'OPTIONS') return next();
    response.setHeader('access-control-allow-methods', 'GET, POST, PUT, PATCH, DELETE');
    response.setHeader('access-control-allow-headers', 'authorization, content-type, x-request-id');
    response.setHeader('access-control-max-age', String(PREFLIGHT_SECONDS));
    response.status(204).end();
  };
}
