import { searchWords, type User, type UserId, userIdSchema } from '@couplet/protocol';
import { z } from 'zod';
import { decodeCursor, encodeCursor } from '../../database/cursor.ts';
import type { ReplicaReads } from '../../database/replica-reads.ts';
import { userView } from './user-view.ts';
import { searchPeople } from './users-repository.ts';

const DEFAULT_LIMIT = 20;
const personCursorSchema = z.object({ name: z.string(), id: userIdSchema });

/** People by the beginnings of their names' words, or by exact email address or phone number. */
export async function searchUsers(
  needs: { replicaReads: Pick<ReplicaReads, 'read'> },
  viewerId: UserId,
  search: { query: string; limit?: number | undefined; cursor?: string | undefined },
): Promise<{ items: User[]; nextCursor: string | null }> {
  const limit = search.limit ?? DEFAULT_LIMIT;
  const query = {
    viewerId,
    words: searchWords(search.query),
    exact: search.query,
    after: search.cursor === undefined ? null : decodeCursor(search.cursor, personCursorSchema),
    // One more than asked tells whether there is a next page.
    limit: limit + 1,
  };
  // Whoever signed up a moment ago may be found a moment later.
  const rows = await needs.replicaReads.read((db) => searchPeople(db, query));
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { items: page.map(userView), nextCursor: last && rows.length > limit ? encodeCursor({ name: last.name, id: last.id }) : null };
}
