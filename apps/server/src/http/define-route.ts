import type { Endpoint, EndpointBody, EndpointParams, EndpointQuery, SessionId, UserId } from '@couplet/protocol';
import type { z } from 'zod';

/** Who asks, as every edge knows them. `expiresAt` in epoch milliseconds. */
export interface Viewer {
  userId: UserId;
  sessionId: SessionId;
  expiresAt: number;
}

/** A request, parsed: everything an answer may depend on. */
export interface RouteRequest<E extends Endpoint> {
  params: EndpointParams<E>;
  query: EndpointQuery<E>;
  body: EndpointBody<E>;
  viewer: E['auth'] extends 'user' ? Viewer : undefined;
  requestId: string;
  /** What limits count by. */
  ip: string;
  userAgent: string | undefined;
}

/** One of the endpoint's responses: a status and the body that belongs to it. */
export type RouteAnswer<E extends Endpoint, Status extends keyof E['responses'] = keyof E['responses']> = {
  [S in Status]: { status: S; body: z.input<E['responses'][S]> };
}[Status];

/** An endpoint and what answers it, with its types checked and then forgotten. */
export interface Route {
  endpoint: Endpoint;
  answer(request: UncheckedRequest): Promise<{ status: number; body: unknown }>;
}

export interface UncheckedRequest {
  params: unknown;
  query: unknown;
  body: unknown;
  viewer: Viewer | undefined;
  requestId: string;
  ip: string;
  userAgent: string | undefined;
}

/** Joins an endpoint of the protocol with its use case: translation, no rules. */
export function defineRoute<E extends Endpoint, const A extends RouteAnswer<E>>(
  endpoint: E,
  answer: (request: RouteRequest<E>) => Promise<A>,
): Route {
  // mountRoutes has parsed the request with this endpoint's own schemas before it calls this.
  return { endpoint, answer: (request) => answer(request as RouteRequest<E>) as Promise<{ status: number; body: unknown }> };
}
