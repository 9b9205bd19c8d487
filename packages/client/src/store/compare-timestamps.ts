/**
 * Order of two ISO 8601 UTC timestamps with any number of decimals: negative
 * when `a` is earlier. As text alone `…:00Z` would come after `…:00.5Z`.
 */
export function compareTimestamps(a: string, b: string): number {
  const left = sortableTimestamp(a);
  const right = sortableTimestamp(b);
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** The timestamp as text that sorts by time, for an index. */
export function sortableTimestamp(timestamp: string): string {
  const text = timestamp.endsWith('Z') ? timestamp.slice(0, -1) : timestamp;
  return text.includes('.') ? text.replace(/0+$/, '') : `${text}.`;
}
