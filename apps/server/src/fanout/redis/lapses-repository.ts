import type { Queryable } from '../../database/transaction.ts';

/** A node declares a lapse again at least this often while it lasts, and reads those of others more often than that. */
const BELIEVED_SECONDS = 6;
/** Nodes are many over time: each start is another. */
const KEPT_DAYS = 1;

/** By the clock of the database: those of the nodes need not agree. */
export async function saveLapse(db: Queryable, node: string): Promise<void> {
  await db.query(
    // Nodes lapse together: none waits for a row that another one is writing.
    `WITH old AS (SELECT node_id FROM fanout_lapses WHERE at < now() - make_interval(days => $2) AND node_id <> $1 FOR UPDATE SKIP LOCKED),
          removed AS (DELETE FROM fanout_lapses WHERE node_id IN (SELECT node_id FROM old))
     INSERT INTO fanout_lapses (node_id, at) VALUES ($1, now()) ON CONFLICT (node_id) DO UPDATE SET at = now()`,
    [node, KEPT_DAYS],
  );
}

/** Whether another node has lapsed a moment ago. */
export async function isLapseElsewhere(db: Queryable, node: string): Promise<boolean> {
  const { rows } = await db.query<{ found: boolean }>('SELECT EXISTS (SELECT 1 FROM fanout_lapses WHERE at > now() - make_interval(secs => $2) AND node_id <> $1) AS found', [
    node,
    BELIEVED_SECONDS,
  ]);
  return rows[0]?.found === true;
}
