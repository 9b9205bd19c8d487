import { randomFillSync } from 'node:crypto';
import { type ClockPort, createMessenger, type Messenger, type MessengerEvent, ProblemLog, type RandomPort, type Store, type TokenStorage } from '@couplet/client';
import { openSqliteStore, type SqlDatabase } from '@couplet/client/sqlite';
import { createMemoryTokenStorage } from '@couplet/client/testing';
import { openNodeSqlite } from '@couplet/client/testing/sqlite';
import { NodeNetwork } from '../node-network.ts';
import type { TransportKind } from '../transport-kind.ts';

export interface DurableDeviceOptions {
  serverUrl: string;
  deviceName: string;
  /** The device database's file: what is left when the app is killed. */
  file: string;
  /** Native unless told otherwise. */
  transport?: TransportKind;
  /** What stands between the messenger and its database. */
  wrapStore?: (store: Store) => Store;
  /** Called with everything the messenger says, also right after a start. */
  onEvent?: (event: MessengerEvent) => void;
}

const random: RandomPort = {
  fill: (bytes) => void randomFillSync(bytes),
  fraction: () => Math.random(),
};

/**
 * A phone: the real client over SQLite on the disk. Killed, it loses everything
 * but the database and the session's tokens; started again it is the same phone.
 */
export class DurableDevice {
  readonly options: DurableDeviceOptions;
  readonly #tokens: TokenStorage = createMemoryTokenStorage();
  #life: Life | null = null;

  constructor(options: DurableDeviceOptions) {
    this.options = options;
  }

  get isRunning(): boolean {
    return this.#life !== null;
  }

  /** @throws Error when the device is not running */
  get messenger(): Messenger {
    return this.#running().messenger;
  }

  get network(): NodeNetwork {
    return this.#running().network;
  }

  /** Resolves when reads work; the network may be away. */
  async start(): Promise<void> {
    if (this.#life !== null) throw new Error(`${this.options.deviceName} runs already`);
    const life = await Life.begin(this.options, this.#tokens);
    this.#life = life;
    await life.messenger.start();
  }

  /** kill -9: between two statements of the database, in the middle of whatever was going on. */
  kill(): void {
    this.#life?.end();
    this.#life = null;
  }

  /**
   * Kills the device right before its database runs the given number of further
   * statements, so that a transaction may be open. Resolves when it is dead.
   */
  async killAfter(statements: number): Promise<void> {
    const life = this.#running();
    await life.endAfter(statements);
    if (this.#life === life) this.#life = null;
  }

  /** In order, as when a person closes the app. */
  async close(): Promise<void> {
    const life = this.#life;
    this.#life = null;
    await life?.messenger.close();
  }

  #running(): Life {
    if (this.#life === null) throw new Error(`${this.options.deviceName} does not run`);
    return this.#life;
  }
}

/** One run of the app, from start to its end. After the end nothing of it has an effect any more. */
class Life {
  readonly network = new NodeNetwork();
  readonly messenger: Messenger;
  readonly #database: MortalDatabase;
  readonly #timers: Set<NodeJS.Timeout>;
  readonly #unsubscribe: () => void;

  private constructor(database: MortalDatabase, store: Store, problems: ProblemLog, clock: ClockPort, timers: Set<NodeJS.Timeout>, options: DurableDeviceOptions, tokens: TokenStorage) {
    this.#database = database;
    this.#timers = timers;
    const { http, socket, pusher } = this.network;
    const over = options.transport === 'pusher' ? { pusher } : {};
    this.messenger = createMessenger(
      { http, socket, ...over, clock, random, network: this.network, tokens, store: options.wrapStore?.(store) ?? store, problems },
      { serverUrl: options.serverUrl, deviceName: options.deviceName },
    );
    this.#unsubscribe = options.onEvent ? this.messenger.subscribe(options.onEvent) : () => undefined;
  }

  static async begin(options: DurableDeviceOptions, tokens: TokenStorage): Promise<Life> {
    const timers = new Set<NodeJS.Timeout>();
    const clock = mortalClock(timers);
    const database = new MortalDatabase(openNodeSqlite(options.file));
    const problems = new ProblemLog(() => clock.now());
    const store = await openSqliteStore({ database, report: problems.report });
    return new Life(database, store, problems, clock, timers, options, tokens);
  }

  async endAfter(statements: number): Promise<void> {
    await this.#database.reach(statements);
    this.end();
  }

  end(): void {
    this.#unsubscribe();
    this.#database.die();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.network.unplug();
    // Timers that its last promises still asked for.
    for (const timer of this.#timers) clearTimeout(timer);
  }
}

function mortalClock(timers: Set<NodeJS.Timeout>): ClockPort {
  return {
    now: () => Date.now(),
    schedule(delayMs, task) {
      const timer = setTimeout(() => {
        timers.delete(timer);
        task();
      }, delayMs);
      timers.add(timer);
      return () => {
        clearTimeout(timer);
        timers.delete(timer);
      };
    },
  };
}

/** A database whose process may be gone: from then on no statement runs and no caller hears of it. */
class MortalDatabase implements SqlDatabase {
  readonly #database: SqlDatabase;
  #isDead = false;
  #left = Number.POSITIVE_INFINITY;
  #reached: () => void = () => undefined;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  query(statement: string, parameters: readonly (string | number | null)[]): Promise<Record<string, unknown>[]> {
    if (this.#isDead) return new Promise(() => undefined);
    this.#left -= 1;
    if (this.#left < 0) {
      this.die();
      this.#reached();
      return new Promise(() => undefined);
    }
    return this.#database.query(statement, parameters);
  }

  /** Resolves when it has died before one statement more than these. */
  reach(statements: number): Promise<void> {
    if (this.#isDead) return Promise.resolve();
    return new Promise((resolve) => {
      this.#left = statements;
      this.#reached = resolve;
    });
  }

  /** Closing rolls back what was open, as the next start after a power cut would. */
  die(): void {
    if (this.#isDead) return;
    this.#isDead = true;
    void this.#database.close();
  }

  async close(): Promise<void> {
    if (this.#isDead) return;
    this.#isDead = true;
    await this.#database.close();
  }
}
