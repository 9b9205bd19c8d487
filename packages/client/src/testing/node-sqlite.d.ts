/** The part of Node's SQLite that the tests use: the client itself knows no Node, and its types stay out. */
declare module 'node:sqlite' {
  export class DatabaseSync {
    constructor(path: string);
    prepare(statement: string): { all(...parameters: (string | number | null)[]): Record<string, unknown>[] };
    close(): void;
  }
}
