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

/** The production build in a process of its own, with its own PostgreSQL (fsync on) in a new folder. */
export class ServerUnderTest {
  readonly url: string;
  readonly #port: number;
  readonly #dataDir: string;
  #child: ChildProcess;

  private constructor(port: number, dataDir: string) {
    this.url = `http://127.0.0.1:${port}`;
    this.#port = port;
    this.#dataDir = dataDir;
    this.#child = this.#spawn();
  }

  static async start(): Promise<ServerUnderTest> {
    if (!existsSync(BUILT)) throw new Error('Build the server first: npm run build');
    const server = new ServerUnderTest(await freePort(), mkdtempSync(join(tmpdir(), 'couplet-bench-')));
    await server.#untilReady();
    return server;
  }

  /** Users with an access token each, made through the server API. */
  async createUsers(count: number, prefix: string): Promise<{ id: string; token: string }[]> {
    const users = Array.from({ length: count }, (_, n) => ({ externalId: `${prefix}-${n}`, name: `${prefix} ${n}` }));
    const created = await this.#admin<{ users: { id: string }[] }>('/api/admin/users', { users });
    const ids = created.users.map((user) => user.id);
    const issued = await this.#admin<{ tokens: { accessToken: string }[] }>('/api/admin/tokens', { userIds: ids });
    return ids.map((id, n) => ({ id, token: issued.tokens[n]?.accessToken ?? '' }));
  }

  cpuSeconds(): { app: number; database: number } {
    return { app: cpuSecondsOf(this.#child.pid ?? 0), database: cpuSecondsOfTree(this.#postmaster()) };
  }

  residentBytes(): number {
    return residentBytes(this.#child.pid ?? 0);
  }

  /** Kills the server as a crash would, and resolves once a new one on the same data is ready. */
  async killAndRestart(): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
    this.#child = this.#spawn();
    await this.#untilReady();
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await exited;
    rmSync(this.#dataDir, { recursive: true, force: true });
  }

  #spawn(): ChildProcess {
    return spawn(process.execPath, [BUILT], {
      env: { ...process.env, NODE_ENV: 'production', PORT: String(this.#port), DATA_DIR: this.#dataDir, RATE_LIMITS: 'off', LOG_LEVEL: 'warn', ADMIN_API_KEY },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }

  #postmaster(): number {
    return Number(readFileSync(join(this.#dataDir, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]);
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

  async #untilReady(): Promise<void> {
    const deadline = Date.now() + READY_WITHIN_MS;
    for (;;) {
      if (this.#child.exitCode !== null) throw new Error('The server did not start.');
      const ready = await fetch(`${this.url}/readyz`).then((response) => response.ok, () => false);
      if (ready) return;
      if (Date.now() > deadline) throw new Error(`The server was not ready within ${READY_WITHIN_MS} ms.`);
      await new Promise((done) => setTimeout(done, 50));
    }
  }
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
