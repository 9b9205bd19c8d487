import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort, ServerProcess, startTestRedis, type TestRedis } from '@couplet/test-system/faults';
import { cpuSecondsOf, cpuSecondsOfTree } from './cpu-time.ts';

const REPOSITORY = resolve(import.meta.dirname, '../..');
const BUILT = join(REPOSITORY, 'apps/server/dist/main.js');
const MEMORY_PROBE = join(import.meta.dirname, 'memory-probe.ts');
const ADMIN_API_KEY = 'bench-admin-key-bench-admin-key-0';

/** Of one node, in bytes, after its garbage was collected. */
export interface NodeMemory {
  /** What the program itself holds. */
  heap: number;
  /** With everything around it; comes and goes in large steps. */
  resident: number;
}

/**
 * The production build in a process of its own, with its own PostgreSQL (fsync
 * on) in a new folder; with more nodes, each in its own process over the first
 * one's PostgreSQL, joined by a Redis.
 */
export class ServerUnderTest {
  static readonly #running = new Set<ServerUnderTest>();
  readonly url: string;
  readonly #port: number;
  readonly #dataDir = mkdtempSync(join(tmpdir(), 'couplet-bench-'));
  /** The first one owns PostgreSQL. */
  #nodes: ServerProcess[] = [];
  #redis: (TestRedis & { pid: number }) | null = null;
  #stopped: Promise<void> | undefined;

  private constructor(port: number) {
    this.url = `http://127.0.0.1:${port}`;
    this.#port = port;
    ServerUnderTest.#running.add(this);
  }

  static async start(nodes = 1): Promise<ServerUnderTest> {
    if (!existsSync(BUILT)) throw new Error('Build the server first: npm run build');
    const server = new ServerUnderTest(await freePort());
    if (nodes > 1) server.#redis = await startRedis();
    server.#nodes.push(await server.#startNode(server.#port));
    while (server.#nodes.length < nodes) server.#nodes.push(await server.#startNode(await freePort()));
    return server;
  }

  /** Whatever was started and runs still. */
  static async stopAll(): Promise<void> {
    for (const server of ServerUnderTest.#running) await server.stop();
  }

  /** Where the nth connection goes: the nodes in turn. */
  urlFor(connection: number): string {
    return this.#nodes[connection % this.#nodes.length]?.url ?? this.url;
  }

  /** Users with an access token each, made through the server API. */
  async createUsers(count: number, prefix: string): Promise<{ id: string; token: string }[]> {
    const users = Array.from({ length: count }, (_, n) => ({ externalId: `${prefix}-${n}`, name: `${prefix} ${n}` }));
    const created = await this.#admin<{ users: { id: string }[] }>('/api/admin/users', { users });
    const ids = created.users.map((user) => user.id);
    const issued = await this.#admin<{ tokens: { accessToken: string }[] }>('/api/admin/tokens', { userIds: ids });
    return ids.map((id, n) => ({ id, token: issued.tokens[n]?.accessToken ?? '' }));
  }

  /** Of all nodes together; Redis counts as one of them. */
  cpuSeconds(): { app: number; database: number } {
    const pids = [...this.#nodes.map(({ pid }) => pid), ...(this.#redis ? [this.#redis.pid] : [])];
    return { app: pids.reduce((sum, pid) => sum + cpuSecondsOf(pid), 0), database: cpuSecondsOfTree(this.#postmaster()) };
  }

  /** Of each node. */
  memory(): Promise<NodeMemory[]> {
    return Promise.all(this.#nodes.map(async (node) => (await node.ask('memory')) as NodeMemory));
  }

  /** Of every node. */
  get urls(): string[] {
    return this.#nodes.map(({ url }) => url);
  }

  /** Kills all nodes as a power cut would, and resolves once new ones on the same data and at the same addresses are ready. */
  async killAndRestart(): Promise<void> {
    const ports = this.urls.map((url) => Number(new URL(url).port));
    await Promise.all(this.#nodes.map((node) => node.end('SIGKILL')));
    this.#nodes = [];
    // The first one brings PostgreSQL, without which the others cannot start.
    for (const port of ports) this.#nodes.push(await this.#startNode(port));
  }

  /** Called again it answers the same promise. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    // The first one stops PostgreSQL, which the others still need.
    for (const node of this.#nodes.toReversed()) await node.end('SIGTERM');
    await this.#redis?.close();
    rmSync(this.#dataDir, { recursive: true, force: true });
    ServerUnderTest.#running.delete(this);
  }

  #startNode(port: number): Promise<ServerProcess> {
    const joined: Record<string, string> = this.#redis ? { REDIS_URL: this.#redis.url, NODE_ID: `node-${port}` } : {};
    // The fifth line is the folder of its socket.
    const shared: Record<string, string> = port === this.#port ? {} : { DATABASE_URL: `postgresql://couplet@${encodeURIComponent(this.#postmasterFile()[4] ?? '')}/couplet` };
    return ServerProcess.start(
      { NODE_ENV: 'production', PORT: String(port), DATA_DIR: this.#dataDir, RATE_LIMITS: 'off', LOG_LEVEL: 'warn', ADMIN_API_KEY, ...joined, ...shared },
      { main: BUILT, preload: [MEMORY_PROBE] },
    );
  }

  #postmaster(): number {
    return Number(this.#postmasterFile()[0]);
  }

  #postmasterFile(): string[] {
    return readFileSync(join(this.#dataDir, 'postgres/postmaster.pid'), 'utf8').split('\n');
  }

  async #admin<Answer>(path: string, body: unknown): Promise<Answer> {
    const response = await fetch(this.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${ADMIN_API_KEY}` },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as Answer;
  }
}

async function startRedis(): Promise<TestRedis & { pid: number }> {
  const redis = await startTestRedis();
  await redis.client.connect();
  const pid = Number(/process_id:(\d+)/.exec(await redis.client.info('server'))?.[1]);
  return { ...redis, pid };
}
