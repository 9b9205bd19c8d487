import { CoupletError } from '@couplet/protocol';
import type { z } from 'zod';

/** The place after which the next page begins, as opaque text. */
export function encodeCursor(place: Record<string, unknown>): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** @throws CoupletError `validation_failed` for anything that was not made by `encodeCursor` for the same list */
export function decodeCursor<Place>(cursor: string, schema: z.ZodType<Place>): Place {
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch (cause) {
    throw new CoupletError('validation_failed', 'This cursor is not one of this list.', {
      issues: [{ path: 'cursor', message: 'Use a cursor that this list answered' }],
      cause,
    });
  }
}
