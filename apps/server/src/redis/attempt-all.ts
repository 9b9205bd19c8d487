/**
 * One after the other, and the others too where one fails: what a lost part of
 * Redis refuses keeps nothing from what the other parts would take.
 *
 * @throws what failed first, after all of them
 */
export async function attemptAll(attempts: Iterable<() => Promise<unknown>>): Promise<void> {
  const failures: unknown[] = [];
  for (const attempt of attempts) await attempt().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

/** The same, for so many items at once. */
export function attemptInLots<Item>(items: readonly Item[], lotSize: number, attempt: (lot: readonly Item[]) => Promise<unknown>): Promise<void> {
  const starts = Array.from({ length: Math.ceil(items.length / lotSize) }, (_, lot) => lot * lotSize);
  return attemptAll(starts.map((start) => () => attempt(items.slice(start, start + lotSize))));
}
