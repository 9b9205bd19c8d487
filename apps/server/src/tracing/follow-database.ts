import type { MessageId } from '@couplet/protocol';
import { traceTime, type Traces } from './traces.ts';

/** Of a statement: enough to recognise it. Values are parameters and never in it. */
const STATEMENT_LENGTH = 200;

/** What a pool of connections is asked with. */
interface Queried {
  query(...given: never[]): unknown;
}

/** Makes every statement that a request sends through the pool a part of its trace. */
export function followStatements(pool: Queried, traces: Traces): void {
  if (!traces.isOn) return;
  const query = pool.query.bind(pool) as (...given: unknown[]) => unknown;
  pool.query = (...given: unknown[]) => {
    // With a callback there is no promise to wait for: whoever asks like that is a library of its own.
    if (typeof given.at(-1) === 'function') return query(...given);
    return traces.step('sql', { 'db.system.name': 'postgresql', 'db.query.text': statementOf(given[0]) }, () => query(...given) as Promise<unknown>);
  };
}

function statementOf(asked: unknown): string {
  const text = typeof asked === 'string' ? asked : typeof asked === 'object' && asked !== null && 'text' in asked ? String(asked.text) : '';
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, STATEMENT_LENGTH);
}

/**
 * Joins what a batch stored with how long its commit took: the write path tells
 * the one, then the other, and of two lanes in the same order.
 */
export function followCommits(traces: Traces) {
  const committed: (readonly { messageId: MessageId }[])[] = [];
  return {
    stored(messages: readonly { messageId: MessageId }[]): void {
      if (traces.isOn) committed.push(messages);
    },
    measured(requests: number, seconds: number): void {
      const startedAt = traceTime() - seconds * 1_000;
      for (const { messageId } of committed.shift() ?? []) traces.ofMessage(messageId, 'commit', startedAt, { 'couplet.batch': requests });
    },
  };
}
