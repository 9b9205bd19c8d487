import { DatabaseSync } from 'node:sqlite';
import type { SqlDatabase } from '../store/sql-database.ts';

/** The SQLite that Node brings, behind the store's port. The same path opened again is the same device restarted. */
export function openNodeSqlite(path = ':memory:'): SqlDatabase {
  const database = new DatabaseSync(path);
  return {
    query: async (statement, parameters) => database.prepare(statement).all(...parameters),
    close: async () => database.close(),
  };
}
