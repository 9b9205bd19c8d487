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
  return { id: row.id, name: row.name, username: row.username, ...avatarView(row.avatar_url) };
}

/** The photo's address, and that of the larger one where the photo is ours: their keys differ in the last part. */
export function avatarView(avatarUrl: string | null): Pick<User, 'avatarUrl' | 'avatarFullUrl'> {
  const isOurs = avatarUrl !== null && OWN_AVATAR.test(avatarUrl);
  return { avatarUrl, ...(isOurs ? { avatarFullUrl: avatarUrl.replace(/96$/, '512') } : {}) };
}

/** As `uploadKeys` gives it. */
const OWN_AVATAR = /\/avatars\/[A-Za-z0-9_-]+\/96$/;

/** As they see themselves. */
export function viewerView(row: UserRow): Viewer {
  return { ...userView(row), email: row.email, phone: row.phone, createdAt: row.created_at };
}
