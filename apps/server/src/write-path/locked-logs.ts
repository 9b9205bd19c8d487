import type { UserId } from '@couplet/protocol';
import type pg from 'pg';

/**
 * The event logs that a batch holds locked, and the positions it gives in them.
 * Dense because of the lock: the counter is read and written while it is held.
 */
export class LockedLogs {
  readonly #lastPositions: Map<UserId, number>;
  readonly #advanced = new Set<UserId>();

  private constructor(lastPositions: Map<UserId, number>) {
    this.#lastPositions = lastPositions;
  }

  /** Locked in user order, before anything else: then no two transactions wait for each other in a circle. */
  static async lock(client: pg.Client, userIds: Iterable<UserId>): Promise<LockedLogs> {
    const { rows } = await client.query<{ user_id: UserId; last_position: number }>({
      name: 'lock-event-logs',
      text: 'SELECT user_id, last_position FROM event_logs WHERE user_id = ANY($1::uuid[]) ORDER BY user_id FOR UPDATE',
      values: [[...new Set(userIds)]],
    });
    return new LockedLogs(new Map(rows.map((row) => [row.user_id, row.last_position])));
  }

  nextPosition(userId: UserId): number {
    const next = (this.#lastPositions.get(userId) ?? 0) + 1;
    this.#lastPositions.set(userId, next);
    this.#advanced.add(userId);
    return next;
  }

  /** What has to be written before the commit: users and their new last positions, in the same order. */
  advanced(): [userIds: UserId[], lastPositions: number[]] {
    const userIds = [...this.#advanced];
    return [userIds, userIds.map((userId) => this.#lastPositions.get(userId) ?? 0)];
  }
}
