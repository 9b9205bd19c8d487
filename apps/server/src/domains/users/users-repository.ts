import { type AttachmentId, CoupletError, searchWords, type UserId } from '@couplet/protocol';
import { type Queryable, type Transaction, violatedConstraint } from '../../database/transaction.ts';
import type { UserRow } from './user-view.ts';

export const USER_COLUMNS = 'id, external_id, email, phone, username, name, avatar_url, created_at';

export interface NewUser {
  id: UserId;
  email: string | null;
  phone: string | null;
  username: string | null;
  name: string;
  passwordHash: string;
  /** ISO 8601. */
  createdAt: string;
}

/** The words by which people search finds somebody. */
export function userSearchWords(name: string, username: string | null): string[] {
  return searchWords(`${name} ${username ?? ''}`);
}

/**
 * The user and the empty event log that every user has.
 *
 * @throws CoupletError `already_registered`
 */
export async function insertUser(tx: Transaction, user: NewUser): Promise<UserRow> {
  try {
    const { rows } = await tx.query<UserRow>(
      `WITH created AS (
         INSERT INTO users (id, email, phone, username, name, password_hash, search, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, array_to_tsvector($7::text[]), $8, $8) RETURNING *
       ), log AS (
         INSERT INTO event_logs (user_id) SELECT id FROM created
       )
       SELECT ${USER_COLUMNS} FROM created`,
      [user.id, user.email, user.phone, user.username, user.name, user.passwordHash, userSearchWords(user.name, user.username), user.createdAt],
    );
    return present(rows[0]);
  } catch (cause) {
    throw alreadyRegistered(cause) ?? cause;
  }
}

export async function findUser(db: Queryable, id: UserId): Promise<UserRow | null> {
  const { rows } = await db.query<UserRow>(`SELECT ${USER_COLUMNS} FROM users WHERE id = $1`, [id]);
  return rows[0] ?? null;
}

/** What somebody typed as their login: an email address, a phone number or a username. */
export async function findUserByLogin(db: Queryable, login: string): Promise<(UserRow & { password_hash: string | null }) | null> {
  const [column, value] = login.includes('@')
    ? ['email', login.toLowerCase()]
    : login.startsWith('+')
      ? ['phone', login.replace(/[\s().-]/g, '')]
      : ['username', login.toLowerCase()];
  const { rows } = await db.query<UserRow & { password_hash: string | null }>(
    `SELECT ${USER_COLUMNS}, password_hash FROM users WHERE ${column} = $1`,
    [value],
  );
  return rows[0] ?? null;
}

/**
 * Changes what is given and leaves the rest.
 *
 * @throws CoupletError `already_registered` when somebody else has the username
 */
export async function updateProfile(
  tx: Transaction,
  id: UserId,
  changes: { name?: string | undefined; username?: string | undefined },
  updatedAt: string,
): Promise<{ before: UserRow; after: UserRow } | null> {
  const { rows: found } = await tx.query<UserRow>(`SELECT ${USER_COLUMNS} FROM users WHERE id = $1 FOR UPDATE`, [id]);
  const before = found[0];
  if (!before) return null;
  const name = changes.name ?? before.name;
  const username = changes.username ?? before.username;
  try {
    const { rows } = await tx.query<UserRow>(
      `UPDATE users SET name = $2, username = $3, search = array_to_tsvector($4::text[]), updated_at = $5 WHERE id = $1 RETURNING ${USER_COLUMNS}`,
      [id, name, username, userSearchWords(name, username), updatedAt],
    );
    return { before, after: present(rows[0]) };
  } catch (cause) {
    throw alreadyRegistered(cause) ?? cause;
  }
}

/** @returns the upload that was shown before; `undefined` when there is no such user */
export async function replaceAvatar(
  tx: Transaction,
  id: UserId,
  avatar: { url: string | null; uploadId: AttachmentId | null; updatedAt: string },
): Promise<{ before: AttachmentId | null; after: UserRow } | undefined> {
  const { rows: found } = await tx.query<{ avatar_upload_id: AttachmentId | null }>('SELECT avatar_upload_id FROM users WHERE id = $1 FOR UPDATE', [id]);
  if (!found[0]) return undefined;
  const { rows } = await tx.query<UserRow>(
    `UPDATE users SET avatar_url = $2, avatar_upload_id = $3, updated_at = $4 WHERE id = $1 RETURNING ${USER_COLUMNS}`,
    [id, avatar.url, avatar.uploadId, avatar.updatedAt],
  );
  return { before: found[0].avatar_upload_id, after: present(rows[0]) };
}

/** Place in the list of people found: by name, then by id. */
export interface PersonCursor {
  name: string;
  id: UserId;
}

export interface PeopleQuery {
  viewerId: UserId;
  /** Each must begin a word of the person's name or username; none: nobody is found by words. */
  words: readonly string[];
  /** An email address or phone number that must match as a whole. */
  exact: string;
  after: PersonCursor | null;
  limit: number;
}

/** Not the viewer, nobody who blocked the viewer. Names are compared by code point, so that the order never depends on the machine. */
export async function searchPeople(db: Queryable, query: PeopleQuery): Promise<UserRow[]> {
  // An empty tsquery matches nothing.
  const prefixes = query.words.map((word) => `'${word.replaceAll("'", "''").replaceAll('\\', '\\\\')}':*`).join(' & ');
  const { rows } = await db.query<UserRow>(
    `SELECT ${USER_COLUMNS} FROM users u
     WHERE (u.search @@ $2::tsquery OR u.email = lower($3) OR u.phone = $3)
       AND u.id <> $1
       AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = u.id AND b.blocked_id = $1)
       AND ($4::text IS NULL OR (u.name COLLATE "C", u.id) > ($4::text, $5::uuid))
     ORDER BY u.name COLLATE "C", u.id
     LIMIT $6`,
    [query.viewerId, prefixes, query.exact, query.after?.name ?? null, query.after?.id ?? null, query.limit],
  );
  return rows;
}

/** The error for a violated unique constraint of `users`, which names what was taken; null for other failures. */
export function alreadyRegistered(cause: unknown): CoupletError | null {
  const taken = /^users_(email|phone|username)_key$/.exec(violatedConstraint(cause) ?? '')?.[1];
  if (taken === undefined) return null;
  return new CoupletError('already_registered', undefined, { issues: [{ path: taken, message: 'Somebody already uses this' }], cause });
}

function present(row: UserRow | undefined): UserRow {
  if (!row) throw new Error('A statement that returns the row it wrote returned none');
  return row;
}

export async function userExists(db: Queryable, id: UserId): Promise<boolean> {
  const { rows } = await db.query('SELECT 1 FROM users WHERE id = $1', [id]);
  return rows.length > 0;
}
