import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { cpuSecondsOf, cpuSecondsOfTree, residentBytes } from './cpu-time.ts';

const REPOSITORY = resolve(import.meta.dirname, '../..');
const BUILT = join(REPOSITORY, 'apps/server/dist/main.js');
const ADMIN_API_KEY = 'bench-admin-key-bench-admin-key-0';
const READY_WITHIN_MS = 30_000;

/**
 * The production build in a process of its own, with its own PostgreSQL (fsync
 * on) in a new folder; with more nodes, each in its own process over the first
 * one's PostgreSQL, joined by a Redis.
 */
export class ServerUnderTest {
  readonly url: string;
  readonly #port: number;
  readonly #dataDir: string;
  readonly #redis: { process: ChildProcess; url: string } | null;
  readonly #others: { url: string; process: ChildProcess }[] = [];
  #child: ChildProcess;

  private constructor(port: number, dataDir: string, redis: { process: ChildProcess; url: string } | null) {
    this.url = `http://127.0.0.1:${port}`;
    this.#port = port;
    this.#dataDir = dataDir;
    this.#redis = redis;
    this.#child = this.#spawn(port, {});
  }

  static async start(nodes = 1): Promise<ServerUnderTest> {
    if (!existsSync(BUILT)) throw new Error('Build the server first: npm run build');
    const redis = nodes > 1 ? startRedis(await freePort()) : null;
    const server = new ServerUnderTest(await freePort(), mkdtempSync(join(tmpdir(), 'couplet-bench-')), redis);
    await server.#untilReady(server.url);
    while (server.#others.length < nodes - 1) await server.#addNode();
    return server;
  }

  /** Where the nth connection goes: the nodes in turn. */
  urlFor(connection: number): string {
    const urls = [this.url, ...this.#others.map(({ url }) => url)];
    return urls[connection % urls.length] ?? this.url;
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
    const processes = [this.#child, ...this.#others.map((other) => other.process), ...(this.#redis ? [this.#redis.process] : [])];
    const app = processes.reduce((sum, { pid }) => sum + cpuSecondsOf(pid ?? 0), 0);
    return { app, database: cpuSecondsOfTree(this.#postmaster()) };
  }

  residentBytes(): number {
    return residentBytes(this.#child.pid ?? 0);
  }

  /** Kills the server as a crash would, and resolves once a new one on the same data is ready. */
  async killAndRestart(): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
    this.#child = this.#spawn(this.#port, {});
    await this.#untilReady(this.url);
  }

  async stop(): Promise<void> {
    for (const { process: other } of this.#others) {
      const exited = once(other, 'exit');
      other.kill('SIGTERM');
      await exited;
    }
    this.#redis?.process.kill('SIGKILL');
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await exited;
    rmSync(this.#dataDir, { recursive: true, force: true });
  }

  async #addNode(): Promise<void> {
    const port = await freePort();
    // The fifth line is the folder of its socket.
    const folder = this.#postmasterFile()[4] ?? '';
    const child = this.#spawn(port, { DATABASE_URL: `postgresql://couplet@${encodeURIComponent(folder)}/couplet` });
    const url = `http://127.0.0.1:${port}`;
    this.#others.push({ url, process: child });
    await this.#untilReady(url);
  }

  #spawn(port: number, more: Record<string, string>): ChildProcess {
    const joined = this.#redis ? { REDIS_URL: this.#redis.url, NODE_ID: `node-${port}` } : {};
    return spawn(process.execPath, [BUILT], {
      env: { ...process.env, NODE_ENV: 'production', PORT: String(port), DATA_DIR: this.#dataDir, RATE_LIMITS: 'off', LOG_LEVEL: 'warn', ADMIN_API_KEY, ...joined, ...more },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
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

  async #untilReady(url: string): Promise<void> {
    const deadline = Date.now() + READY_WITHIN_MS;
    for (;;) {
      if (this.#child.exitCode !== null) throw new Error('The server did not start.');
      const ready = await fetch(`${url}/readyz`).then((response) => response.ok, () => false);
      if (ready) return;
      if (Date.now() > deadline) throw new Error(`The server was not ready within ${READY_WITHIN_MS} ms.`);
      await new Promise((done) => setTimeout(done, 50));
    }
  }
}

function startRedis(port: number): { process: ChildProcess; url: string } {
  const program = process.env['REDIS_SERVER_PATH'] ?? 'redis-server';
  const redis = spawn(program, ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'], { stdio: 'ignore' });
  redis.once('error', (error) => {
    throw new Error(`More than one node needs redis-server: ${error.message}`);
  });
  return { process: redis, url: `redis://127.0.0.1:${port}` };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('No free port');
  return address.port;
}
