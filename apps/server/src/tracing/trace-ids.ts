import type { MessageId } from '@couplet/protocol';

export interface SpanPlace {
  traceId: string;
  spanId: string;
}

/**
 * The trace of a message is the message's own id, and its first span the random
 * end of that id. So every node, and a push long after, joins the same trace
 * without a context that travels through Redis and the database.
 */
export function placeOfMessage(messageId: MessageId): SpanPlace {
  const hex = messageId.replaceAll('-', '');
  return { traceId: hex, spanId: hex.slice(-SPAN_ID_DIGITS) };
}

const SPAN_ID_DIGITS = 16;
const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const ZEROS = /^0+$/;

/** What the `traceparent` header of a caller says (W3C Trace Context, version 00); null for anything else. */
export function parseTraceparent(header: string | undefined): (SpanPlace & { isSampled: boolean }) | null {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(header ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return null;
  if (ZEROS.test(traceId) || ZEROS.test(spanId)) return null;
  return { traceId, spanId, isSampled: (parseInt(flags, 16) & 1) === 1 };
}
