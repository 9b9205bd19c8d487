import type { TokenStorage } from '@couplet/client';
import { endOf, resultOf } from './indexed-db/requests.ts';

const DATABASE = 'couplet session';
const TABLE = 'session';
const KEY = 'couplet.session';

/**
 * A browser has no keychain. All tabs share the session, in a database of its own
 * and not in `localStorage`, which browsers write to the disk seconds later: a
 * killed one would come back with a refresh token that is used up, and the server
 * ends a session whose old token is used. There it is only kept where the browser
 * gives no database (some private windows).
 */
export function createTokenStorage(): TokenStorage {
  return {
    async load() {
      const kept = await inDatabase<unknown>('readonly', (table) => table.get(KEY)).catch(() => null);
      return typeof kept === 'string' ? kept : localStorage.getItem(KEY);
    },
    async save(value) {
      await inDatabase('readwrite', (table) => table.put(value, KEY)).then(
        () => localStorage.removeItem(KEY),
        () => localStorage.setItem(KEY, value),
      );
    },
    async clear() {
      localStorage.removeItem(KEY);
      // What could not be opened holds nothing.
      await inDatabase('readwrite', (table) => table.delete(KEY)).catch(() => undefined);
    },
  };
}

async function inDatabase<Result>(mode: IDBTransactionMode, ask: (table: IDBObjectStore) => IDBRequest<Result>): Promise<Result> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => void opening.result.createObjectStore(TABLE);
  const database = await resultOf(opening);
  try {
    // On the disk itself, not only on its way there: rare, and costly to lose.
    const transaction = database.transaction(TABLE, mode, { durability: 'strict' });
    const [result] = await Promise.all([resultOf(ask(transaction.objectStore(TABLE))), endOf(transaction)]);
    return result;
  } finally {
    database.close();
  }
}
