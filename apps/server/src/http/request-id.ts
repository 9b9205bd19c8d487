import { randomUUID } from 'node:crypto';
import type { RequestHandler, Response } from 'express';

/** What a load balancer or a client may have chosen: short and harmless in a log line. */
const SANE_ID = /^[A-Za-z0-9_.:-]{1,128}$/;

/** Every response names the request, so that a complaint can be found in the log. */
export function assignRequestId(): RequestHandler {
  return (request, response, next) => {
    const given = request.get('x-request-id');
    const requestId = given !== undefined && SANE_ID.test(given) ? given : randomUUID();
    response.locals['requestId'] = requestId;
    response.setHeader('x-request-id', requestId);
    next();
  };
}

export function requestIdOf(response: Response): string {
  return String(response.locals['requestId']);
}
