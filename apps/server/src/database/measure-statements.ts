import type pg from 'pg';

/**
 * Tells how long each statement of the pool took, also of those in transactions,
 * from when it had its connection. Before the first connection is opened.
 */
export function measureStatements(pool: pg.Pool, onEnded: (outcome: 'answered' | 'failed', seconds: number) => void): void {
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...given: unknown[]) => unknown;
    client.query = ((...given: unknown[]) => {
      const startedAt = performance.now();
      const ended = (error: unknown) => onEnded(error ? 'failed' : 'answered', (performance.now() - startedAt) / 1000);
      // The pool itself asks with a callback, a transaction with a promise.
      const callback = given.at(-1);
      if (typeof callback === 'function') {
        given[given.length - 1] = (error: unknown, result: unknown) => {
          ended(error);
          (callback as (error: unknown, result: unknown) => void)(error, result);
        };
        return query(...given);
      }
      const answer = query(...given);
      if (answer instanceof Promise) answer.then(() => ended(null), ended);
      return answer;
    }) as typeof client.query;
  });
}
