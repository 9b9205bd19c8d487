import { CoupletError } from '@couplet/client';

/** What went wrong in words for a person. A network that gave no answer has no words of its own. */
export function errorText(error: unknown): string {
  if (error instanceof CoupletError) return error.code === 'unavailable' ? 'The server cannot be reached. Check the connection and try again.' : error.message;
  return 'Something went wrong. Try again.';
}

/** Somebody else has this email address, phone number or username. */
export function isTaken(error: unknown): boolean {
  return error instanceof CoupletError && error.code === 'already_registered';
}

/** The server's complaint about one field, if it had one. */
export function fieldError(error: unknown, paths: readonly string[]): string | null {
  if (!(error instanceof CoupletError)) return null;
  return error.issues.find((issue) => paths.includes(issue.path))?.message ?? null;
}
