import type { CoupletError, UserId } from '@couplet/protocol';
import type { Transaction } from '../../database/transaction.ts';
import { alreadyRegistered, USER_COLUMNS, userSearchWords } from '../users/users-repository.ts';
import type { UserRow } from '../users/user-view.ts';

export interface SavedUser {
  id: UserId;
  externalId: string | null;
  email: string | null;
  username: string | null;
  name: string;
  avatarUrl: string | null;
}

/** Locked in id order, so that two calls with the same people do not wait for each other in a circle. */
export async function lockUsersByExternalId(tx: Transaction, externalIds: readonly string[]): Promise<UserRow[]> {
  const { rows } = await tx.query<UserRow>(`SELECT ${USER_COLUMNS} FROM users WHERE external_id = ANY($1::text[]) ORDER BY id FOR UPDATE`, [externalIds]);
  return rows;
}

/**
 * One statement for all of them, with their event logs.
 *
 * @throws CoupletError `already_registered`
 */
export async function insertUsers(tx: Transaction, users: readonly SavedUser[], now: string): Promise<UserRow[]> {
  if (users.length === 0) return [];
  return withTakenNames(async () => {
    const { rows } = await tx.query<UserRow>(
      `WITH created AS (
         INSERT INTO users (id, external_id, email, username, name, avatar_url, search, created_at, updated_at)
         SELECT id, external_id, email, username, name, avatar_url, array_to_tsvector(string_to_array(words, ' ')), $8, $8
         FROM ${INPUT} ORDER BY external_id, id
         RETURNING *
       ), logs AS (
         INSERT INTO event_logs (user_id) SELECT id FROM created
       )
       SELECT ${USER_COLUMNS} FROM created`,
      [...columns(users), now],
    );
    return rows;
  });
}

/** @throws CoupletError `already_registered` */
export async function updateUsers(tx: Transaction, users: readonly SavedUser[], now: string): Promise<UserRow[]> {
  if (users.length === 0) return [];
  return withTakenNames(async () => {
    const { rows } = await tx.query<UserRow>(
      `UPDATE users u
       SET email = t.email, username = t.username, name = t.name, avatar_url = t.avatar_url,
           search = array_to_tsvector(string_to_array(t.words, ' ')), updated_at = $8
       FROM ${INPUT} WHERE u.id = t.id
       RETURNING ${USER_COLUMNS.split(', ').map((column) => `u.${column}`).join(', ')}`,
      [...columns(users), now],
    );
    return rows;
  });
}

/** Which of these users exist. */
export async function filterExistingUsers(tx: Transaction, ids: readonly UserId[]): Promise<Set<UserId>> {
  // Shared locks: none of them can be erased before their session is stored.
  const { rows } = await tx.query<{ id: UserId }>('SELECT id FROM users WHERE id = ANY($1::uuid[]) ORDER BY id FOR KEY SHARE', [ids]);
  return new Set(rows.map((row) => row.id));
}

const INPUT = `unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
           AS t (id, external_id, email, username, name, avatar_url, words)`;

function columns(users: readonly SavedUser[]): unknown[] {
  return [
    users.map((user) => user.id),
    users.map((user) => user.externalId),
    users.map((user) => user.email),
    users.map((user) => user.username),
    users.map((user) => user.name),
    users.map((user) => user.avatarUrl),
    users.map((user) => userSearchWords(user.name, user.username).join(' ')),
  ];
}

async function withTakenNames<T>(statement: () => Promise<T>): Promise<T> {
  try {
    return await statement();
  } catch (cause) {
    const taken: CoupletError | null = alreadyRegistered(cause);
    throw taken ?? cause;
  }
}
