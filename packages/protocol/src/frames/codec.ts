import { z } from 'zod';
import { type DownFrame, downFrameSchema } from './down.ts';
import { type UpFrame, upFrameSchema } from './up.ts';

/**
 * What decoding can come to. `malformed`: not JSON, or no envelope (the peer is
 * broken). `unknown`: an envelope of a type this version does not know.
 * `invalid`: a known type whose data does not fit; `id` allows an answer.
 */
export type Decoded<Frame> =
  | { status: 'ok'; frame: Frame }
  | { status: 'malformed'; reason: string }
  | { status: 'unknown'; type: string; id: string }
  | { status: 'invalid'; type: string; id: string; issues: { path: string; message: string }[] };

export function decodeUpFrame(text: string): Decoded<UpFrame> {
  return decode(text, upFrameSchema, UP_TYPES);
}

export function decodeDownFrame(text: string): Decoded<DownFrame> {
  return decode(text, downFrameSchema, DOWN_TYPES);
}

export function encodeFrame(frame: UpFrame | DownFrame): string {
  return JSON.stringify(frame);
}

function decode<Frame>(text: string, schema: z.ZodType<Frame>, types: ReadonlySet<string>): Decoded<Frame> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { status: 'malformed', reason: 'not JSON' };
  }
  const result = schema.safeParse(value);
  if (result.success) return { status: 'ok', frame: result.data };
  // Only a frame that does not fit pays for a second look.
  const envelope = ENVELOPE.safeParse(value);
  if (!envelope.success) return { status: 'malformed', reason: 'not an envelope with type and id' };
  const { type, id } = envelope.data;
  if (!types.has(type)) return { status: 'unknown', type, id };
  const issues = result.error.issues.slice(0, MAX_ISSUES).map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
  return { status: 'invalid', type, id, issues };
}

const ENVELOPE = z.object({ type: z.string().min(1).max(64), id: z.string().min(1).max(64) });
/** Issues told back for one frame: enough to mend it, never more than its size. */
const MAX_ISSUES = 10;
const UP_TYPES = new Set(upFrameSchema.options.map((option) => option.shape.type.value as string));
const DOWN_TYPES = new Set(downFrameSchema.options.map((option) => option.shape.type.value as string));
