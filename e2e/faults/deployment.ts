import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, openOwnPostgres, type OwnPostgres, ServerProcess } from '@couplet/test-system/faults';

const ADMIN_API_KEY = 'key-of-the-fault-checker-0123456789ab';

/** Refreshed several times in a run, so that lost answers hit refreshes too. */
const ACCESS_TOKEN_SECONDS = '90';

/** A real PostgreSQL (fsync on) and a real server in a process of its own, both of which can be killed. */
export class Deployment {
  readonly port: number;
  readonly postgres: OwnPostgres;
  readonly folder: string;
  #server: ServerProcess | null = null;

  private constructor(port: number, postgres: OwnPostgres, folder: string) {
    this.port = port;
    this.postgres = postgres;
    this.folder = folder;
  }

  static async open(): Promise<Deployment> {
    const folder = await mkdtemp(join(tmpdir(), 'couplet-faults-'));
    const deployment = new Deployment(await freePort(), await openOwnPostgres(folder), folder);
    try {
      await deployment.start();
    } catch (error) {
      await deployment.close();
      throw error;
    }
    return deployment;
  }

  /** Past every proxy: for what the checker itself wants to know. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get isUp(): boolean {
    return this.#server !== null;
  }

  async start(): Promise<void> {
    if (this.#server) return;
    this.#server = await ServerProcess.start({
      PORT: String(this.port),
      DATABASE_URL: this.postgres.url,
      DATA_DIR: join(this.folder, 'node'),
      ADMIN_API_KEY,
      ACCESS_TOKEN_TTL: ACCESS_TOKEN_SECONDS,
      LOG_LEVEL: 'fatal',
      RATE_LIMITS: 'off',
    });
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const server = this.#server;
    this.#server = null;
    await server?.end(signal);
  }

  pause(): void {
    this.#server?.pause();
  }

  resume(): void {
    this.#server?.resume();
  }

  /** People with a password each. */
  async createPeople(names: readonly string[]): Promise<Person[]> {
    const people: Person[] = [];
    for (const name of names) {
      const email = `${crypto.randomUUID()}@faults.test`;
      const { user } = await this.#post<{ user: { id: string } }>('/api/auth/register', { name, email, password: PASSWORD });
      people.push({ id: user.id, name, email });
    }
    return people;
  }

  async close(): Promise<void> {
    await this.end('SIGTERM');
    await this.postgres.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  async #post<Answer>(path: string, body: unknown): Promise<Answer> {
    const response = await fetch(this.url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as Answer;
  }
}

export const PASSWORD = 'correct horse battery';

export interface Person {
  id: string;
  name: string;
  email: string;
}
