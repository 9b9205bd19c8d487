import type pg from 'pg';
import { isDatabaseUnavailable } from './pool.ts';

/** A connection inside BEGIN … COMMIT. What takes one does its work in the caller's transaction. */
export type Transaction = pg.PoolClient;
/** A connection or the pool: for statements that need no transaction of their own. */
export type Queryable = Pick<pg.Pool, 'query'>;

export type Isolation = 'read committed' | 'repeatable read' | 'serializable';

/** The first one and two more: a third deadlock in a row is not bad luck but a wrong lock order. */
const MAX_ATTEMPTS = 3;

/**
 * Commits what `work` did, or rolls back and throws what it threw. Runs `work`
 * again after a deadlock or serialization failure, so it must have no effects
 * outside the transaction.
 */
export async function inTransaction<T>(
  pool: pg.Pool,
  work: (tx: Transaction) => Promise<T>,
  options: { isolation?: Isolation; readOnly?: boolean } = {},
): Promise<T> {
  const begin = `BEGIN ISOLATION LEVEL ${options.isolation ?? 'read committed'}${options.readOnly ? ' READ ONLY' : ''}`;
  for (let attempt = 1; ; attempt += 1) {
    const client = await pool.connect();
    let broken: Error | undefined;
    try {
      await client.query(begin);
      const result = await work(client);
      // COMMIT of a failed transaction answers ROLLBACK without an error.
      const { command } = await client.query('COMMIT');
      if (command !== 'COMMIT') throw new Error('The transaction was rolled back: a failed statement in it was ignored');
      return result;
    } catch (cause) {
      // Who gave no answer would give none to a ROLLBACK.
      if (cause instanceof Error && isDatabaseUnavailable(cause)) broken = cause;
      else await client.query('ROLLBACK').catch((error: Error) => void (broken = error));
      if (!isRetryable(cause) || attempt === MAX_ATTEMPTS) throw cause;
    } finally {
      // A connection that was lost or could not roll back is of unknown state: it leaves the pool.
      client.release(broken);
    }
  }
}

/** The unique constraint that a statement violated, or null for any other failure. */
export function violatedConstraint(cause: unknown): string | null {
  return sqlState(cause) === '23505' && cause instanceof Error && 'constraint' in cause ? String(cause.constraint) : null;
}

/** Serialization failure or deadlock. */
function isRetryable(cause: unknown): boolean {
  const state = sqlState(cause);
  return state === '40001' || state === '40P01';
}

function sqlState(cause: unknown): string | null {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : null;
}
