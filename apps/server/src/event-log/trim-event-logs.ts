import type { UserId } from '@couplet/protocol';
import type pg from 'pg';
import { inTransaction } from '../database/transaction.ts';
import { lockEventLogs } from './append-events.ts';

export interface TrimNeeds {
  pool: pg.Pool;
  /** Asked between two steps: the node stops, or others are waiting for it. */
  isStopped(): boolean;
  /** For tests: how much one step takes. */
  step?: TrimStep;
}

export interface TrimStep {
  /** Logs looked at together. */
  logs: number;
  /** Events of each that go in one step. */
  events: number;
}

/** 10,000 rows at most: under 100 ms, of which those people's sends wait for the few that raise their marks. What an hour makes old is a handful in each log. */
const STEP: TrimStep = { logs: 200, events: 50 };

/**
 * Takes events from before `cutoff` (ISO 8601) out of all logs, in short
 * transactions. What a log has given up it says first: its `trimmed_position` is
 * committed before the first event goes, so that a page is whole or `too_old` at
 * every moment, also when this ends halfway. The next run finishes what is left.
 *
 * A log is read from its beginning and only as far as it is old. Its times rise
 * with its positions but for the difference of the nodes' clocks; an event that a
 * clock put into the future holds back its own log until then.
 *
 * @returns how many events went
 */
export async function trimEventLogs({ pool, isStopped, step = STEP }: TrimNeeds, cutoff: string): Promise<number> {
  let removed = 0;
  let after: UserId | null = null;
  while (!isStopped()) {
    const looked = await findOld(pool, cutoff, after, step);
    const old = looked.filter((log): log is OldLog => log.position !== null);
    if (old.length > 0) removed += await trim(pool, old);
    // Those with more than one step takes are looked at again.
    if (old.every((log) => log.events < step.events)) {
      const last = looked.at(-1);
      if (last === undefined) break;
      after = last.user_id;
    }
  }
  return removed;
}

interface LookedAt {
  user_id: UserId;
  /** Up to where it is old, as far as one step reaches; null: not at all. */
  position: number | null;
  events: number;
}

type OldLog = LookedAt & { position: number };

/** The next logs in the order of users. One whose first event is young costs one look into the index. */
async function findOld(pool: pg.Pool, cutoff: string, after: UserId | null, step: TrimStep): Promise<LookedAt[]> {
  const { rows } = await pool.query<LookedAt>(
    `SELECT l.user_id, old.position, coalesce(old.events, 0)::int AS events
     FROM (SELECT user_id FROM event_logs WHERE $2::uuid IS NULL OR user_id > $2::uuid ORDER BY user_id LIMIT $3) l
     LEFT JOIN LATERAL (SELECT at FROM events WHERE user_id = l.user_id ORDER BY position LIMIT 1) first ON true
     LEFT JOIN LATERAL (
       SELECT max(position) AS position, count(*) AS events
       FROM (SELECT position, at FROM events WHERE user_id = l.user_id AND first.at < $1 ORDER BY position LIMIT $4) e
       WHERE at < $1
     ) old ON true
     ORDER BY l.user_id`,
    [cutoff, after, step.logs, step.events],
  );
  return rows;
}

async function trim(pool: pg.Pool, old: readonly OldLog[]): Promise<number> {
  const userIds = old.map((log) => log.user_id);
  const positions = old.map((log) => log.position);
  await inTransaction(pool, async (tx) => {
    await lockEventLogs(tx, userIds);
    await tx.query(
      `UPDATE event_logs SET trimmed_position = greatest(trimmed_position, v.position)
       FROM unnest($1::uuid[], $2::bigint[]) AS v(user_id, position) WHERE event_logs.user_id = v.user_id`,
      [userIds, positions],
    );
  });
  // After that commit, and not under the logs' locks: nobody's send waits for it.
  const { rowCount } = await pool.query(
    `DELETE FROM events USING unnest($1::uuid[], $2::bigint[]) AS v(user_id, position)
     WHERE events.user_id = v.user_id AND events.position <= v.position`,
    [userIds, positions],
  );
  return rowCount ?? 0;
}
