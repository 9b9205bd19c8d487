import type { User, UserId, Viewer } from '@couplet/protocol';

/** A row of `users` without what never leaves the server. */
export interface UserRow {
  id: UserId;
  external_id: string | null;
  email: string | null;
  phone: string | null;
  username: string | null;
  name: string;
  avatar_url: string | null;
  created_at: string;
}

/** As anybody may see them. */
export function userView(row: UserRow): User {
  return { id: row.id, name: row.name, username: row.username, avatarUrl: row.avatar_url };
}

/** As they see themselves. */
export function viewerView(row: UserRow): Viewer {
  return { ...userView(row), email: row.email, phone: row.phone, createdAt: row.created_at };
}
