/**
 * Arrays as PostgreSQL reads them. Of ids, numbers, times and words without
 * quotes, backslashes, commas, braces or spaces, which need no quotes.
 */
export function plainArray(values: readonly (string | number | null)[]): string {
  return values.length === 1 ? `{${values[0] ?? 'NULL'}}` : `{${values.map((value) => value ?? 'NULL').join(',')}}`;
}

/** Of any texts. */
export function textArray(values: readonly (string | null)[]): string {
  return `{${values.map((value) => (value === null ? 'NULL' : `"${value.replace(/["\\]/g, '\\$&')}"`)).join(',')}}`;
}
