import type pg from 'pg';

/** A statement of the write path: prepared once per connection under its name, afterwards only bound. */
export interface Statement {
  name: string;
  text: string;
  /** As PostgreSQL reads them: see `array-literals.ts`. */
  values: readonly (string | null)[];
}

/** One row as PostgreSQL wrote it, in the order of the select list. */
export type TextRow = readonly (string | null)[];

/** What a transaction consists of: what it locks and reads, and what it writes, knowing that. */
export interface Steps {
  first: readonly Statement[];
  /** @param answers rows of each statement of `first`, in its order */
  second: (answers: readonly (readonly TextRow[])[]) => readonly Statement[];
}

/**
 * One transaction in two round trips and as few messages as the wire protocol
 * allows: `first` and a Flush; then `second` and a Sync, which commits. Until
 * the Sync everything is one implicit transaction, so there is no BEGIN and no
 * COMMIT, and nothing is described, because the statements' columns are known.
 * The promise resolves after the commit, or rejects after the rollback began;
 * the connection takes the next one when both have ended.
 */
export class WriteTransaction implements pg.Submittable {
  readonly done: Promise<void>;
  readonly #steps: Steps;
  readonly #prepared: Set<string>;
  readonly #answers: TextRow[][] = [[]];
  #unanswered: number;
  #state: 'reading' | 'writing' | 'ended' = 'reading';
  readonly #parsed: string[] = [];
  #resolve: () => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  /** @param prepared names of the statements that the connection knows; those of a committed transaction are added */
  constructor(prepared: Set<string>, steps: Steps) {
    this.#prepared = prepared;
    this.#steps = steps;
    this.#unanswered = steps.first.length;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  submit(connection: pg.Connection): void {
    this.#send(connection, this.#steps.first, () => connection.flush());
  }

  handleDataRow(message: { fields: TextRow }): void {
    this.#answers.at(-1)?.push(message.fields);
  }

  handleCommandComplete(_message: unknown, connection: pg.Connection): void {
    if (this.#state !== 'reading') return;
    this.#unanswered -= 1;
    if (this.#unanswered > 0) {
      this.#answers.push([]);
      return;
    }
    let second: readonly Statement[];
    try {
      second = this.#steps.second(this.#answers);
    } catch (error) {
      // Nothing was written: the Sync ends a transaction that only holds locks.
      this.#fail(error, connection);
      return;
    }
    this.#state = 'writing';
    this.#send(connection, second, () => connection.sync());
  }

  /** From PostgreSQL, which skips everything up to the next Sync; or the connection was lost, where a Sync goes nowhere. */
  handleError(error: Error, connection: pg.Connection): void {
    this.#fail(error, connection);
  }

  handleReadyForQuery(): void {
    for (const name of this.#parsed) this.#prepared.add(name);
    this.#resolve();
  }

  #fail(error: unknown, connection: pg.Connection): void {
    if (this.#state === 'reading') connection.sync();
    this.#state = 'ended';
    this.#reject(error);
  }

  /** In one write: a system call costs as much as a small statement. */
  #send(connection: pg.Connection, statements: readonly Statement[], end: () => void): void {
    connection.stream.cork();
    for (const statement of statements) {
      if (!this.#prepared.has(statement.name) && !this.#parsed.includes(statement.name)) {
        // A failed transaction may have left it prepared: closing what is not there is no error.
        connection.close({ type: 'S', name: statement.name }, true);
        connection.parse({ name: statement.name, text: statement.text, types: [] }, true);
        this.#parsed.push(statement.name);
      }
      connection.bind({ statement: statement.name, values: [...statement.values] }, true);
      connection.execute(null, true);
    }
    end();
    connection.stream.uncork();
  }
}

/** @throws Error when the column is null */
export function textAt(row: TextRow, column: number): string {
  const text = row[column];
  if (text === null || text === undefined) throw new Error('A column of the write path is null');
  return text;
}

export function numberAt(row: TextRow, column: number): number {
  return Number(textAt(row, column));
}
