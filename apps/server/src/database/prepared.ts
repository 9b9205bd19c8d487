import { createHash } from 'node:crypto';

/** A statement with its values, as node-postgres takes it. */
export interface PreparedStatement {
  name: string;
  text: string;
  values: unknown[];
}

const names = new Map<string, string>();

/**
 * A statement that each connection parses and plans once instead of every time:
 * for what runs so often that planning it is most of its cost. Signing in and
 * catching up took four times as long to plan as to run.
 *
 * @param text a constant, with its values as parameters: every connection keeps every text it has seen
 */
export function prepared(text: string, values: unknown[]): PreparedStatement {
  let name = names.get(text);
  if (name === undefined) {
    // By its text, so that one name is one statement in all processes behind one pooler.
    name = createHash('sha256').update(text).digest('base64url').slice(0, 32);
    names.set(text, name);
  }
  return { name, text, values };
}

/**
 * The condition for rows with one of these ids. A single one is asked for by
 * equality: of a list PostgreSQL guesses that it has ten, finds the plan for any
 * list dearer than one for this list, and goes on planning every time.
 *
 * @param parameter which `$n` takes the value
 */
export function withIdAmong(column: string, parameter: number, ids: readonly string[]): { condition: string; value: unknown } {
  const [only] = ids;
  return ids.length === 1 ? { condition: `${column} = $${parameter}`, value: only } : { condition: `${column} = ANY($${parameter}::uuid[])`, value: ids };
}
