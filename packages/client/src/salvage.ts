/** The part of a schema that parsing needs. */
export interface Parser<Output> {
  safeParse(value: unknown):
    | { success: true; data: Output }
    | { success: false; error: { issues: readonly { path: readonly PropertyKey[]; message: string }[] } };
}

export type Salvaged<Output> = { status: 'parsed'; value: Output; dropped: number } | { status: 'refused'; reason: string };

/**
 * Parses; where elements of a list do not fit, drops those elements and keeps the
 * rest, so that one malformed row costs itself and not the page it is on. What
 * does not fit outside of a list refuses the whole.
 */
export function salvage<Output>(schema: Parser<Output>, value: unknown): Salvaged<Output> {
  let rest = value;
  let dropped = 0;
  // Each round drops at least one element, and a round can bring out errors in
  // an outer list only: the depth of the answers bounds the rounds.
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const result = schema.safeParse(rest);
    if (result.success) return { status: 'parsed', value: result.data, dropped };
    const issues = result.error.issues;
    const [first] = issues;
    const reason = first ? `${first.path.join('.')}: ${first.message}` : 'does not fit';
    const lists = new Map<string, { path: readonly PropertyKey[]; indexes: Set<number> }>();
    for (const { path } of issues) {
      const at = path.findIndex((step) => typeof step === 'number');
      if (at < 0) return { status: 'refused', reason };
      const list = path.slice(0, at);
      const key = list.join('.');
      const entry = lists.get(key) ?? { path: list, indexes: new Set<number>() };
      entry.indexes.add(path[at] as number);
      lists.set(key, entry);
    }
    for (const { path, indexes } of lists.values()) {
      rest = withoutElements(rest, path, indexes);
      dropped += indexes.size;
    }
  }
  return { status: 'refused', reason: 'does not fit after dropping elements' };
}

function withoutElements(value: unknown, path: readonly PropertyKey[], indexes: ReadonlySet<number>): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return Array.isArray(value) ? value.filter((_, index) => !indexes.has(index)) : value;
  if (typeof value !== 'object' || value === null) return value;
  return { ...value, [step]: withoutElements((value as Record<PropertyKey, unknown>)[step], rest, indexes) };
}

const MAX_ROUNDS = 4;
