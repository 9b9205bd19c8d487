/**
 * Order of two ISO 8601 UTC timestamps with any number of decimals: negative
 * when `a` is earlier. As text alone `…:00Z` would come after `…:00.5Z`.
 */
export function compareTimestamps(a: string, b: string): number {
  const left = sortable(a);
  const right = sortable(b);
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function sortable(timestamp: string): string {
  const text = timestamp.endsWith('Z') ? timestamp.slice(0, -1) : timestamp;
  return text.includes('.') ? text.replace(/0+$/, '') : `${text}.`;
}
