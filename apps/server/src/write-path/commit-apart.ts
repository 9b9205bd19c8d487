import { CoupletError } from '@couplet/protocol';
import type { Outcome } from './batcher.ts';
import { isRowError } from './write-connection.ts';

/**
 * Commits a batch; when a value of it is refused by the database, commits its
 * halves apart, so that one bad row fails alone. log2(n) extra transactions,
 * and only for rows that passed every schema and still do not fit.
 */
export async function commitApart<Request, Result>(
  requests: readonly Request[],
  commit: (requests: readonly Request[]) => Promise<readonly Outcome<Result>[]>,
): Promise<readonly Outcome<Result>[]> {
  try {
    return await commit(requests);
  } catch (error) {
    if (!isRowError(error)) throw error;
    if (requests.length === 1) {
      return [{ status: 'rejected', error: new CoupletError('validation_failed', 'The database cannot hold this.', { cause: error }) }];
    }
    const middle = Math.ceil(requests.length / 2);
    const first = await commitApart(requests.slice(0, middle), commit);
    const second = await commitApart(requests.slice(middle), commit);
    return [...first, ...second];
  }
}
