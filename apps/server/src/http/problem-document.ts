import { CoupletError, ERROR_CODES, type ErrorCode, type Problem } from '@couplet/protocol';
import { isDatabaseUnavailable } from '../database/pool.ts';

export interface ProblemAnswer {
  problem: Problem;
  /** Seconds for the Retry-After header of 429 and 503. */
  retryAfter: number | undefined;
  /** A fault of the server's: worth a line in the log with its cause. */
  isFault: boolean;
}

/** How long to wait when whoever refused did not say: PostgreSQL restarts in about this. */
const USUAL_RETRY_AFTER_MS = 2_000;

/** RFC 9457: turns whatever was thrown into what the client may know of it. A 500 reveals nothing. */
export function toProblem(cause: unknown, requestId: string, instance: string): ProblemAnswer {
  const error = toCoupletError(cause);
  const { status, title, retryable } = ERROR_CODES[error.code];
  const problem: Problem = {
    type: `urn:couplet:error:${error.code}`,
    title,
    status,
    ...(error.message !== title && { detail: error.message }),
    instance,
    code: error.code,
    retryable,
    requestId,
    ...(error.issues.length > 0 && { errors: [...error.issues] }),
  };
  const waits = status === 429 || status === 503;
  return {
    problem,
    retryAfter: waits ? Math.max(1, Math.ceil((error.retryAfterMs ?? USUAL_RETRY_AFTER_MS) / 1_000)) : undefined,
    isFault: status >= 500,
  };
}

/** The one place where a foreign failure gets a code of the closed list; used by every edge. */
export function toCoupletError(cause: unknown): CoupletError {
  if (cause instanceof CoupletError) return cause;
  const code = codeOf(cause);
  return new CoupletError(code, undefined, { cause });
}

function codeOf(cause: unknown): ErrorCode {
  if (isDatabaseUnavailable(cause)) return 'unavailable';
  if (typeof cause !== 'object' || cause === null) return 'internal';
  // What reading a body can throw names itself in `type`.
  if ('type' in cause && typeof cause.type === 'string') {
    const code = BODY_FAILURES[cause.type];
    if (code) return code;
  }
  // Text that PostgreSQL cannot hold (a NUL character) is the client's fault.
  if ('code' in cause && (cause.code === '22021' || cause.code === '22P05')) return 'validation_failed';
  // A path that is not valid percent-encoding.
  if (cause instanceof URIError || ('status' in cause && cause.status === 400)) return 'validation_failed';
  return 'internal';
}

const BODY_FAILURES: Readonly<Record<string, ErrorCode>> = {
  'entity.too.large': 'body_too_large',
  'entity.parse.failed': 'bad_json',
  'request.aborted': 'bad_json',
  'request.size.invalid': 'bad_json',
  'encoding.unsupported': 'unsupported_media_type',
  'charset.unsupported': 'unsupported_media_type',
};
