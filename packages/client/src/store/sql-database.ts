/** What the SQLite store needs of SQLite: one connection that nobody else uses. */
export interface SqlDatabase {
  /** Runs one statement and answers its rows: column name → value. */
  query(statement: string, parameters: readonly SqlValue[]): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

export type SqlValue = string | number | null;
