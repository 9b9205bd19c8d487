import type pg from 'pg';
import { analyze, hasAnyOf, insertHistory } from './seed-repository.ts';
import { inTransaction } from '../database/transaction.ts';
import type { ImaginedWorld } from './imagined.ts';
import { numberHistory } from './number-history.ts';

export interface Seeded {
  users: number;
  conversations: number;
  messages: number;
}

/**
 * Writes a world into a migrated database, all or nothing. Null when one of its
 * people is already there: the same seed was used before.
 *
 * @param passwordHash of every account in it
 */
export async function seedDatabase(
  pool: pg.Pool,
  world: ImaginedWorld,
  passwordHash: string,
  onProgress: (table: string, inserted: number, total: number) => void,
): Promise<Seeded | null> {
  if (await hasAnyOf(pool, world.users.map((user) => user.email))) return null;
  const history = numberHistory(world);
  await inTransaction(pool, (tx) => insertHistory(tx, world.users, history, passwordHash, onProgress));
  await analyze(pool);
  return { users: world.users.length, conversations: history.conversations.length, messages: history.messages.length };
}
