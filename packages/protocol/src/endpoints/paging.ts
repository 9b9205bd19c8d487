import { z } from 'zod';
import { LIMITS } from '../limits.ts';

/** Opaque text for the next page. The client never looks inside. */
export const cursorSchema = z.string().min(1).max(512);

/** A number in a query string. */
export function queryInt(min: number, max: number) {
  return z.string().regex(/^\d{1,15}$/, 'Use a whole number').transform(Number).pipe(z.number().int().min(min).max(max));
}

export const pageLimitSchema = queryInt(1, LIMITS.pageSize).optional();
