/**
 * Where in the log the device is, and what arrived ahead of its turn. Pure: each
 * function answers a new cursor.
 *
 * `seen` is the highest position known to exist. A position above `reached` that
 * is neither here nor on its way is a gap.
 */
export interface LogCursor<Entry> {
  reached: number;
  seen: number;
  held: ReadonlyMap<number, Entry>;
}

export function cursorAt<Entry>(reached: number): LogCursor<Entry> {
  return { reached, seen: reached, held: new Map() };
}

/** Takes an entry in. At or below `reached` it is old news and ignored. */
export function hold<Entry>(cursor: LogCursor<Entry>, position: number, entry: Entry): LogCursor<Entry> {
  if (position <= cursor.reached) return cursor;
  const seen = Math.max(cursor.seen, position);
  // Beyond the bound only the position is remembered: the backfill brings the rest.
  if (cursor.held.size >= MAX_HELD) return { ...cursor, seen };
  return { ...cursor, seen, held: new Map(cursor.held).set(position, entry) };
}

/** The log is known to reach to `position`; its entries may be on their way. */
export function notice<Entry>(cursor: LogCursor<Entry>, position: number): LogCursor<Entry> {
  return position <= cursor.seen ? cursor : { ...cursor, seen: position };
}

/** The entries that follow `reached` without a gap, in order. */
export function contiguous<Entry>(cursor: LogCursor<Entry>): Entry[] {
  const entries: Entry[] = [];
  for (let position = cursor.reached + 1; ; position += 1) {
    const entry = cursor.held.get(position);
    if (entry === undefined) return entries;
    entries.push(entry);
  }
}

/** The device is now at `position`: everything held up to there is done with. */
export function advance<Entry>(cursor: LogCursor<Entry>, position: number): LogCursor<Entry> {
  const reached = Math.max(cursor.reached, position);
  const held = new Map([...cursor.held].filter(([at]) => at > reached));
  return { reached, seen: Math.max(cursor.seen, reached), held };
}

export function hasGap<Entry>(cursor: LogCursor<Entry>): boolean {
  return cursor.seen > cursor.reached && !cursor.held.has(cursor.reached + 1);
}

/** Live events that wait while the past is fetched: a few minutes of a busy user, well under a megabyte. */
const MAX_HELD = 1_000;
