import type { UserId } from '@couplet/protocol';
import { plainArray } from './array-literals.ts';
import { numberAt, type Statement, textAt, type TextRow } from './write-transaction.ts';

/** Locked in user order, before anything else: then no two transactions wait for each other in a circle. */
export function lockLogs(userIds: ReadonlySet<UserId>): Statement {
  return {
    name: 'lock-event-logs',
    text: 'SELECT user_id, last_position, has_devices FROM event_logs WHERE user_id = ANY($1::uuid[]) ORDER BY user_id FOR UPDATE',
    values: [plainArray([...userIds])],
  };
}

/**
 * The event logs that a batch holds locked, and the positions it gives in them.
 * Dense because of the lock: the counter is read and written while it is held.
 */
export class LockedLogs {
  readonly #lastPositions: Map<UserId, number>;
  readonly #withDevices: ReadonlySet<UserId>;
  readonly #advanced = new Set<UserId>();

  /** @param rows the answer to `lockLogs` */
  constructor(rows: readonly TextRow[]) {
    this.#lastPositions = new Map(rows.map((row) => [textAt(row, 0) as UserId, numberAt(row, 1)]));
    this.#withDevices = new Set(rows.flatMap((row) => (textAt(row, 2) === 't' ? [textAt(row, 0) as UserId] : [])));
  }

  /** Whether pushes may have to go to this user. */
  hasDevices(userId: UserId): boolean {
    return this.#withDevices.has(userId);
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
