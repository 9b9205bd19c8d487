import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll } from 'vitest';

/** The built server, as it runs in production: `npm run build` makes it, and the web app (or WEB_DIR names another). */
const DIST = join(import.meta.dirname, '../apps/server/dist');

/** The server says where it listens in one line on standard output. */
const ADDRESS = /https?:\/\/[^\s"']+/;

const ADMIN_API_KEY = 'key-of-the-journeys-0123456789abcdef';

export interface ServerOptions {
  /** Another web app than the built one. */
  webDir?: string;
  /** Options of the server besides those that every journey has. */
  environment?: Record<string, string>;
}

/** A real server in a process of its own, with a data folder that outlives it. */
export class ServerProcess {
  readonly #options: ServerOptions;
  readonly #dataDir = mkdtempSync(join(tmpdir(), 'couplet-e2e-'));
  #port = 0;
  #child: ChildProcessByStdio<null, Readable, Readable> | null = null;
  readonly #log: string[] = [];

  constructor(options: ServerOptions = {}) {
    this.#options = options;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get adminApiKey(): string {
    return ADMIN_API_KEY;
  }

  /** Resolves once the server listens. A second start takes the same port and data folder. */
  async start() {
    const child = this.#spawn('main.js');
    this.#child = child;
    createInterface({ input: child.stderr }).on('line', (line) => this.#log.push(line));
    const listening = new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        this.#log.push(line);
        const address = ADDRESS.exec(line)?.[0];
        if (address) resolve(address);
      });
      child.once('exit', (code, signal) => reject(new Error(`The server ended before it listened (${signal ?? code}):\n${this.#log.join('\n')}`)));
      child.once('error', reject);
    });
    this.#port = Number(new URL(await listening).port);
  }

  /** Fills the data folder with the demo's people and conversations. Before the first start. */
  async seedDemo() {
    const child = this.#spawn('seed.js', '--demo');
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`The demo could not be seeded (${code})`);
  }

  #spawn(program: string, ...args: string[]) {
    return spawn(process.execPath, ['--enable-source-maps', join(DIST, program), ...args], {
      env: {
        PATH: process.env['PATH'],
        NODE_ENV: 'production',
        PORT: String(this.#port),
        DATA_DIR: this.#dataDir,
        ADMIN_API_KEY,
        RATE_LIMITS: 'off',
        LOG_LEVEL: 'warn',
        WEB_DIR: this.#options.webDir ?? process.env['WEB_DIR'],
        ...this.#options.environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** It takes connections and answers nothing, until it is thawed. */
  freeze() {
    this.#child?.kill('SIGSTOP');
  }

  thaw() {
    this.#child?.kill('SIGCONT');
  }

  /** `SIGKILL` is a power cut, `SIGTERM` an orderly stop. Resolves when the process is gone. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM') {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  async close() {
    await this.stop();
    rmSync(this.#dataDir, { recursive: true, force: true });
  }
}

/** A server for the tests of one file. */
export function serverOfThisFile(options: ServerOptions = {}): ServerProcess {
  const server = new ServerProcess(options);
  beforeAll(() => server.start());
  afterAll(() => server.close());
  return server;
}
