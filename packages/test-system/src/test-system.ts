import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ENDPOINTS, signedInSchema, type Viewer } from '@couplet/protocol';
// Says what the run's PostgreSQL provides to tests.
import type {} from '@couplet/server/test/postgres';
import { freePort } from '@couplet/server/test/free-port';
import { createTestDatabase, type TestDatabase } from '@couplet/server/test/test-database';
import { startTestRedis, type TestRedis } from '@couplet/server/test/test-redis';
import { TestDevice } from './test-device.ts';
import { TestNode } from './test-node.ts';
import type { TransportKind } from './transport-kind.ts';
import { until } from './until.ts';

export interface TestSystemOptions {
  /** A process of its own instead of this one: slower to start, and it can be killed. */
  asProcess?: boolean;
  /** What devices speak unless told otherwise when they sign in. */
  transport?: TransportKind;
  /** Options of the server beside those every test has. */
  env?: Readonly<Record<string, string>>;
  /** How many, over one PostgreSQL; more than one are joined by a Redis. One unless told otherwise. */
  nodes?: number;
}

export interface TestUser {
  viewer: Viewer;
  email: string;
  password: string;
}

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
  readonly nodes: readonly TestNode[];
  readonly #redis: TestRedis | null;
  readonly #transport: TransportKind;
  readonly #dataDir: string;

  private constructor(database: TestDatabase, redis: TestRedis | null, dataDir: string, ports: readonly number[], options: TestSystemOptions) {
    this.database = database;
    this.#redis = redis;
    this.#dataDir = dataDir;
    this.#transport = options.transport ?? 'native';
    this.nodes = ports.map((port, index) => {
      const env = {
        DATABASE_URL: database.url,
        DATA_DIR: dataDir,
        LOG_LEVEL: 'error',
        RATE_LIMITS: 'off',
        ...(redis ? { REDIS_URL: redis.url, NODE_ID: `node-${index + 1}` } : {}),
        ...options.env,
      };
      return new TestNode(env, port, options.asProcess ?? false);
    });
  }

  static async create(options: TestSystemOptions = {}): Promise<TestSystem> {
    const dataDir = await mkdtemp(join(tmpdir(), 'couplet-system-'));
    const database = await createTestDatabase();
    const nodes = options.nodes ?? 1;
    const redis = nodes > 1 ? await startTestRedis() : null;
    const ports: number[] = [];
    while (ports.length < nodes) ports.push(await freePort());
    const system = new TestSystem(database, redis, dataDir, ports, options);
    await system.start();
    return system;
  }

  /** Where the first node listens; the same through every restart. */
  get url(): string {
    return this.node(0).url;
  }

  /** What joins the nodes of a system of several. */
  get redis(): TestRedis {
    if (!this.#redis) throw new Error('A system of one node has no Redis: TestSystem.create({ nodes: 2 })');
    return this.#redis;
  }

  node(index: number): TestNode {
    const node = this.nodes[index];
    if (!node) throw new Error(`There is no node ${index}`);
    return node;
  }

  /** Every node. */
  async start(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.start()));
  }

  /** Every node, in order: nothing accepted is left undone. */
  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }

  /** kill -9 of every node: whatever it was doing. Only of processes of their own. */
  async kill(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.kill()));
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

  /** A new device of this user, signed in and live. @param node where it connects, the first unless told otherwise */
  async signIn(user: TestUser, transport = this.#transport, node = 0): Promise<TestDevice> {
    const device = new TestDevice(this.node(node).url, `Device ${this.devices.length + 1}`, transport);
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
    await this.#redis?.close();
    await this.database.close();
    await rm(this.#dataDir, { recursive: true, force: true });
  }

  async #lastPosition(userId: string): Promise<number> {
    const log = await this.database.prisma.eventLog.findUniqueOrThrow({ where: { userId } });
    return Number(log.lastPosition);
  }
}
