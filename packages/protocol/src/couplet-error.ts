import { ERROR_CODES, type ErrorCode } from './error-codes.ts';

/**
 * A failure with a code from the closed list. The server throws it in use cases
 * and its edges translate it; the client throws it from commands.
 */
export class CoupletError extends Error {
  readonly code: ErrorCode;
  /** Milliseconds after which a retry makes sense, where the server said so. */
  readonly retryAfterMs: number | undefined;
  /** Per field, for `validation_failed`. */
  readonly issues: readonly { path: string; message: string }[];

  constructor(
    code: ErrorCode,
    detail?: string,
    options: { retryAfterMs?: number; issues?: readonly { path: string; message: string }[]; cause?: unknown } = {},
  ) {
    super(detail ?? ERROR_CODES[code].title, { cause: options.cause });
    this.name = 'CoupletError';
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
    this.issues = options.issues ?? [];
  }

  /** Whether the same request can succeed later, unchanged. */
  get retryable(): boolean {
    return ERROR_CODES[this.code].retryable;
  }
}
