import { z } from 'zod';

/**
 * Every error a client can meet, on REST (as a problem document) and on the
 * WebSocket (as an `error` frame). Closed list: a new code is a protocol change.
 * `retryable` says whether the same request can succeed later unchanged.
 */
export const ERROR_CODES = {
  validation_failed: { status: 400, retryable: false, title: 'The request does not have the expected shape.' },
  bad_json: { status: 400, retryable: false, title: 'The body is not valid JSON.' },
  not_authenticated: { status: 401, retryable: false, title: 'Sign in first: the access token is missing, wrong or expired.' },
  session_revoked: { status: 401, retryable: false, title: 'This session was signed out.' },
  wrong_credentials: { status: 401, retryable: false, title: 'That login and password do not match.' },
  forbidden: { status: 403, retryable: false, title: 'You may not do this.' },
  blocked: { status: 403, retryable: false, title: 'You cannot write to this person.' },
  registration_closed: { status: 403, retryable: false, title: 'This server does not take new registrations.' },
  not_found: { status: 404, retryable: false, title: 'There is nothing here, or it is not yours.' },
  conflict: { status: 409, retryable: false, title: 'This conflicts with what is already there.' },
  already_registered: { status: 409, retryable: false, title: 'Somebody already signed up with this.' },
  too_old: { status: 410, retryable: false, title: 'That position is no longer in the log: take a snapshot.' },
  body_too_large: { status: 413, retryable: false, title: 'The body is larger than the server takes.' },
  unsupported_media_type: { status: 415, retryable: false, title: 'Send JSON.' },
  protocol_outdated: { status: 426, retryable: false, title: 'This version of the app is too old for the server.' },
  rate_limited: { status: 429, retryable: true, title: 'Too many requests: wait a moment.' },
  internal: { status: 500, retryable: true, title: 'Something went wrong on the server.' },
  unavailable: { status: 503, retryable: true, title: 'The server cannot do this right now: try again shortly.' },
} as const satisfies Record<string, { status: number; retryable: boolean; title: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;

export const errorCodeSchema = z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]);

/** RFC 9457 problem document, as every failed REST call answers it. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string().optional(),
  instance: z.string().optional(),
  code: errorCodeSchema,
  retryable: z.boolean(),
  requestId: z.string().optional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof problemSchema>;
