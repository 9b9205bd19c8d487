import { CoupletError, type Report, RowReader, type Store } from '@couplet/client';
import { endOf } from './requests.ts';
import { type Migration, migrate, MIGRATIONS, TABLES } from './schema.ts';
import { IndexedDbTables } from './tables.ts';

export interface IndexedDbOptions {
  /** Tells the deployment: the rows of two servers have nothing to do with each other. */
  name: string;
  report: Report;
  migrations?: readonly Migration[];
}

/**
 * The device database of a browser, shared by all its tabs: IndexedDB runs
 * transactions that write one after another across tabs too. Rejects when the
 * browser does not let it be opened (some private windows, a newer version's
 * database, a damaged profile).
 */
export async function openIndexedDbStore(options: IndexedDbOptions): Promise<Store> {
  const opened = new IndexedDbStore(options);
  await opened.open();
  return opened;
}

type State =
  | { status: 'open'; database: Promise<IDBDatabase> }
  /** The browser closed it, as when the person clears the site's storage: opened again when it is needed. */
  | { status: 'lost' }
  /** A newer version of the app in another tab needs the database to itself. */
  | { status: 'outdated' }
  | { status: 'closed' };

class IndexedDbStore implements Store {
  readonly #options: IndexedDbOptions;
  readonly #rows: RowReader;
  #state: State = { status: 'lost' };

  constructor(options: IndexedDbOptions) {
    this.#options = options;
    this.#rows = new RowReader(options.report);
  }

  async open(): Promise<void> {
    await this.#database();
  }

  read: Store['read'] = (body) => this.#run('readonly', body);

  transaction: Store['transaction'] = (body) => this.#run('readwrite', body);

  async close(): Promise<void> {
    const state = this.#state;
    this.#state = { status: 'closed' };
    // What was begun before is finished: the browser closes after the last transaction.
    if (state.status === 'open') (await state.database).close();
  }

  async #run<Result>(mode: IDBTransactionMode, body: (tables: IndexedDbTables) => Promise<Result>): Promise<Result> {
    const database = await this.#database();
    const transaction = database.transaction(TABLES, mode);
    const ended = endOf(transaction);
    // Told of by the body's own rejection, or awaited below.
    ended.catch(() => undefined);
    try {
      const result = await body(new IndexedDbTables(transaction, this.#rows));
      await ended;
      return result;
    } catch (error) {
      abort(transaction);
      await ended.catch(() => undefined);
      throw asCoupletError(error);
    }
  }

  #database(): Promise<IDBDatabase> {
    switch (this.#state.status) {
      case 'open':
        return this.#state.database;
      case 'lost': {
        const database = this.#connect();
        this.#state = { status: 'open', database };
        database.catch(() => {
          if (this.#state.status === 'open' && this.#state.database === database) this.#state = { status: 'lost' };
        });
        return database;
      }
      case 'outdated':
        return Promise.reject(new CoupletError('protocol_outdated', 'A newer version of the app is open in another tab. Reload this one.'));
      case 'closed':
        return Promise.reject(new CoupletError('internal', 'The device database is closed.'));
    }
  }

  #connect(): Promise<IDBDatabase> {
    const { name, report, migrations = MIGRATIONS } = this.#options;
    return new Promise((resolve, reject) => {
      const request = indexedDB.open(name, migrations.length);
      request.onupgradeneeded = ({ oldVersion }) => {
        if (request.transaction !== null) migrate(request.result, request.transaction, oldVersion, migrations);
      };
      // Tabs of this and later versions make way at once: it is one that hangs.
      request.onblocked = () => report('device database', 'another tab keeps an older version of the database open');
      request.onerror = () => reject(asCoupletError(request.error));
      request.onsuccess = () => {
        const database = request.result;
        database.onversionchange = () => {
          database.close();
          this.#state = { status: 'outdated' };
          report('device database', 'a newer version of the app was opened in another tab');
        };
        database.onclose = () => {
          if (this.#state.status === 'open') this.#state = { status: 'lost' };
          report('device database', 'the browser closed the database');
        };
        resolve(database);
      };
    });
  }
}

function abort(transaction: IDBTransaction): void {
  try {
    transaction.abort();
  } catch (error) {
    // Already aborted by the request that failed.
    if (!(error instanceof DOMException && error.name === 'InvalidStateError')) throw error;
  }
}

function asCoupletError(error: unknown): unknown {
  if (!(error instanceof DOMException)) return error;
  const words = error.name === 'QuotaExceededError' ? 'This device has no room left for messages. Free some space and try again.' : `The device database failed: ${error.message}`;
  return new CoupletError('internal', words, { cause: error });
}
