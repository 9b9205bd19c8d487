import type { z } from 'zod';
import type { ErrorCode } from '../error-codes.ts';

/**
 * One REST endpoint: the server parses with it, the client calls with it, the
 * API documentation is generated from it.
 *
 * - `auth`: `open` (no token), `user` (access token), `admin` (`ADMIN_API_KEY`)
 * - `params`: names in the path as `:name`
 * - `responses`: status → body; `z.null()` means no body
 * - `errors`: codes it can answer beyond those that every endpoint can
 *   (`validation_failed`, `not_authenticated`, `rate_limited`, `internal`, `unavailable`)
 */
export interface Endpoint {
  name: string;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  auth: 'open' | 'user' | 'admin';
  summary: string;
  params?: z.ZodObject;
  query?: z.ZodObject;
  body?: z.ZodType;
  /** Kinds of body it takes; JSON alone unless told. */
  bodyTypes?: readonly ('json' | 'form')[];
  responses: Readonly<Record<number, z.ZodType>>;
  errors?: readonly ErrorCode[];
}

export function defineEndpoint<const E extends Endpoint>(endpoint: E): E {
  return endpoint;
}

type Parsed<T> = T extends z.ZodType ? z.output<T> : undefined;
type Given<T> = T extends z.ZodType ? z.input<T> : undefined;

export type EndpointParams<E extends Endpoint> = Parsed<E['params']>;
export type EndpointQuery<E extends Endpoint> = Parsed<E['query']>;
export type EndpointBody<E extends Endpoint> = Parsed<E['body']>;
/** Any body the endpoint can answer with success. */
export type EndpointAnswer<E extends Endpoint> = z.output<E['responses'][keyof E['responses']]>;
/** What a caller hands over: only the parts the endpoint has. */
export type EndpointInput<E extends Endpoint> = Compact<{
  params: Given<E['params']>;
  query: Given<E['query']>;
  body: Given<E['body']>;
}>;
type Compact<T> = { [K in keyof T as T[K] extends undefined ? never : K]: T[K] };
