import { CoupletError, type UserId, type Viewer } from '@couplet/protocol';
import type pg from 'pg';
import { inTransaction, type Transaction, violatedConstraint } from '../../database/transaction.ts';
import type { AppendedEvent } from '../../event-log/append-events.ts';
import type { Metrics } from '../../metrics.ts';
import { type UserRow, viewerView } from '../users/user-view.ts';
import { insertUsers, lockUsersByExternalId, type SavedUser, updateUsers } from './admin-repository.ts';

export interface CreateUsersNeeds {
  pool: pg.Pool;
  now: () => number;
  newId: () => string;
  metrics: Pick<Metrics, 'userRegistered'>;
  announceProfiles(tx: Transaction, userIds: readonly UserId[]): Promise<AppendedEvent[]>;
  deliver(appended: readonly AppendedEvent[]): Promise<void>;
}

export interface GivenUser {
  externalId?: string | undefined;
  email?: string | undefined;
  username?: string | undefined;
  name: string;
  avatarUrl?: string | undefined;
}

export type SavedView = Viewer & { externalId: string | null };

/** Two calls with the same new people at once: the one that comes second finds them when it looks again. */
const MAX_ATTEMPTS = 3;

/**
 * Creates users, or updates those whose externalId is known: what is not given
 * stays as it is. All or none; answered in the order given.
 *
 * @throws CoupletError `already_registered`, `validation_failed` when an externalId stands twice in the list
 */
export async function createUsers(needs: CreateUsersNeeds, given: readonly GivenUser[]): Promise<SavedView[]> {
  assertNoneTwice(given);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const saved = await inTransaction(needs.pool, (tx) => saveUsers(needs, tx, given));
      needs.metrics.userRegistered('server-api', saved.created);
      await needs.deliver(saved.appended);
      return saved.rows.map((row) => ({ ...viewerView(row), externalId: row.external_id }));
    } catch (cause) {
      if (violatedConstraint(cause) !== 'users_external_id_key' || attempt === MAX_ATTEMPTS) throw cause;
    }
  }
}

function assertNoneTwice(given: readonly GivenUser[]): void {
  const seen = new Set<string>();
  given.forEach(({ externalId }, index) => {
    if (externalId === undefined) return;
    if (seen.has(externalId)) {
      throw new CoupletError('validation_failed', undefined, { issues: [{ path: `users.${index}.externalId`, message: 'This one stands twice in the list' }] });
    }
    seen.add(externalId);
  });
}

async function saveUsers(needs: CreateUsersNeeds, tx: Transaction, given: readonly GivenUser[]) {
  const known = await lockUsersByExternalId(tx, given.flatMap(({ externalId }) => externalId ?? []));
  const knownByExternalId = new Map(known.map((row) => [row.external_id, row]));
  const wanted = given.map((user) => {
    const before = user.externalId === undefined ? undefined : knownByExternalId.get(user.externalId);
    return { before, user: merged(before, user, needs.newId) };
  });
  const now = new Date(needs.now()).toISOString();
  const updates = wanted.filter(({ before, user }) => before !== undefined && differs(before, user)).map(({ user }) => user);
  const inserts = wanted.filter(({ before }) => before === undefined).map(({ user }) => user);
  const written = [...(await updateUsers(tx, updates, now)), ...(await insertUsers(tx, inserts, now))];
  const rowOf = new Map([...known, ...written].map((row) => [row.id, row]));
  const rows = wanted.map(({ user }) => {
    const row = rowOf.get(user.id);
    if (!row) throw new Error('A saved user was not answered by the database');
    return row;
  });
  const appended = await needs.announceProfiles(
    tx,
    updates.map((user) => user.id),
  );
  return { rows, created: inserts.length, appended };
}

function merged(before: UserRow | undefined, user: GivenUser, newId: () => string): SavedUser {
  return {
    id: before?.id ?? (newId() as UserId),
    externalId: user.externalId ?? null,
    email: user.email ?? before?.email ?? null,
    username: user.username ?? before?.username ?? null,
    name: user.name,
    avatarUrl: user.avatarUrl ?? before?.avatar_url ?? null,
  };
}

function differs(before: UserRow, user: SavedUser): boolean {
  return before.email !== user.email || before.username !== user.username || before.name !== user.name || before.avatar_url !== user.avatarUrl;
}
