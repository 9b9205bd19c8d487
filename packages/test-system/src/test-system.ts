import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ENDPOINTS, signedInSchema, type Viewer } from '@couplet/protocol';
import { loadConfig, startServer } from '@couplet/server';
// Says what the run's PostgreSQL provides to tests.
import type {} from '@couplet/server/test/postgres';
import { createTestDatabase, type TestDatabase } from '@couplet/server/test/test-database';
import { freePort } from './free-port.ts';
import { ServerProcess } from './server-process.ts';
import { TestDevice } from './test-device.ts';
import type { TransportKind } from './transport-kind.ts';
import { until } from './until.ts';

export interface TestSystemOptions {
  /** A process of its own instead of this one: slower to start, and it can be killed. */
  asProcess?: boolean;
  /** What devices speak unless told otherwise when they sign in. */
  transport?: TransportKind;
  /** Options of the server beside those every test has. */
  env?: Readonly<Record<string, string>>;
}

export interface TestUser {
  viewer: Viewer;
  email: string;
  password: string;
}

/** Real argon2id at its cheapest: what it costs is not what these tests are about. */
const CHEAP_PASSWORDS = { memoryCost: 64, timeCost: 1, parallelism: 1 };

/**
 * The whole system in one call: a real PostgreSQL with a fresh database, a real
 * server on a free port, and headless clients on a real network.
 *
 * ```ts
 * const system = await TestSystem.create();
 * const [ana, bo] = [await system.createUser('Ana'), await system.createUser('Bo')];
 * const anasPhone = await system.signIn(ana);
 * …
 * await system.settled();   // everything sent so far is on every device that is online
 * await system.close();
 * ```
 */
export class TestSystem {
  readonly database: TestDatabase;
  readonly devices: TestDevice[] = [];
  readonly #env: Readonly<Record<string, string>>;
  readonly #asProcess: boolean;
  readonly #transport: TransportKind;
  readonly #dataDir: string;
  #server: { url: string; end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> } | null = null;

  private constructor(database: TestDatabase, dataDir: string, port: number, options: TestSystemOptions) {
    this.database = database;
    this.#dataDir = dataDir;
    this.#asProcess = options.asProcess ?? false;
    this.#transport = options.transport ?? 'native';
    this.#env = {
      PORT: String(port),
      DATABASE_URL: database.url,
      DATA_DIR: dataDir,
      LOG_LEVEL: 'error',
      RATE_LIMITS: 'off',
      ...options.env,
    };
  }

  static async create(options: TestSystemOptions = {}): Promise<TestSystem> {
    const dataDir = await mkdtemp(join(tmpdir(), 'couplet-system-'));
    const database = await createTestDatabase();
    const system = new TestSystem(database, dataDir, await freePort(), options);
    await system.start();
    return system;
  }

  /** Where the server listens; the same through every restart. */
  get url(): string {
    return `http://127.0.0.1:${this.#env['PORT'] ?? ''}`;
  }

  async start(): Promise<void> {
    if (this.#server) throw new Error('The server runs already');
    if (this.#asProcess) {
      this.#server = await ServerProcess.start(this.#env);
    } else {
      const running = await startServer(loadConfig(this.#env), { passwordCost: CHEAP_PASSWORDS });
      this.#server = { url: running.url, end: () => running.stop() };
    }
  }

  /** In order: nothing accepted is left undone. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  /** kill -9: whatever it was doing. Only of a process of its own. */
  async kill(): Promise<void> {
    if (!this.#asProcess) throw new Error('Only a server in a process of its own can be killed: TestSystem.create({ asProcess: true })');
    await this.#end('SIGKILL');
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async createUser(name: string): Promise<TestUser> {
    const email = `${crypto.randomUUID()}@system.test`;
    const password = 'correct horse battery';
    const response = await fetch(this.url + ENDPOINTS.register.path, {
      method: ENDPOINTS.register.method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name, email, password }),
    });
    if (!response.ok) throw new Error(`Signing up was answered ${response.status}: ${await response.text()}`);
    const { user } = signedInSchema.parse(await response.json());
    return { viewer: user, email, password };
  }

  /** A new device of this user, signed in and live. */
  async signIn(user: TestUser, transport = this.#transport): Promise<TestDevice> {
    const device = new TestDevice(this.url, `Device ${this.devices.length + 1}`, transport);
    this.devices.push(device);
    await device.messenger.start();
    await device.messenger.session.login({ login: user.email, password: user.password });
    await device.live();
    return device;
  }

  /**
   * Barrier: every device that is plugged in has sent what it had to send and
   * has applied its user's log to the end.
   */
  async settled(): Promise<void> {
    await until('every device has applied everything', async () => {
      for (const device of this.devices.filter(({ network }) => network.isOnline())) {
        const state = device.messenger.session.state();
        if (state.status !== 'signed-in') continue;
        const { position, outboxSize, unconfirmed, connection } = await device.messenger.diagnostics();
        if (outboxSize > 0 || unconfirmed > 0 || connection.status !== 'online' || connection.phase !== 'live') return false;
        if (position !== (await this.#lastPosition(state.viewer.id))) return false;
      }
      return true;
    });
  }

  async close(): Promise<void> {
    for (const device of this.devices) await device.close();
    await this.stop();
    await this.database.close();
    await rm(this.#dataDir, { recursive: true, force: true });
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const server = this.#server;
    this.#server = null;
    await server?.end(signal);
  }

  async #lastPosition(userId: string): Promise<number> {
    const log = await this.database.prisma.eventLog.findUniqueOrThrow({ where: { userId } });
    return Number(log.lastPosition);
  }
}
