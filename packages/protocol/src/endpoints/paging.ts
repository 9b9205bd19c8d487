import { z } from 'zod';
import { LIMITS } from '../limits.ts';

/** Opaque text for the next page. The client never looks inside. */
export const cursorSchema = z.string().min(1).max(512);

/** A number in a query string. */
export function queryInt(min: number, max: number) {
  return z.string().regex(/^\d{1,15}$/, 'Use a whole number').transform(Number).pipe(z.number().int().min(min).max(max));
}

/**
 * A time in a query string, answered as ISO 8601: either that, with up to
 * microseconds, or epoch milliseconds.
 */
export function queryTimestamp() {
  const iso = z.string().regex(/^[12]\d{3}-[^.]{12,14}(\.\d{1,6})?Z$/, 'Use ISO 8601 in UTC, or epoch milliseconds').pipe(z.iso.datetime());
  const millis = z
    .string()
    .regex(/^\d{1,13}$/)
    .transform((text) => new Date(Number(text)).toISOString());
  return z.union([iso, millis]);
}

export const pageLimitSchema = queryInt(1, LIMITS.pageSize).optional();
