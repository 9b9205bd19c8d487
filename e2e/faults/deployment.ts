import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, NginxProcess, openOwnPostgres, type OwnPostgres, startTestRedis, type TestRedis } from '@couplet/test-system/faults';
import { ServerNode, skewedClock } from './server-node.ts';

const ADMIN_API_KEY = 'key-of-the-fault-checker-0123456789ab';

/** Refreshed several times in a run, so that lost answers hit refreshes too. */
const ACCESS_TOKEN_SECONDS = 90;
/** The second node is ahead by this, the third behind. */
const CLOCK_SKEW_MS = 5 * 60_000;
/** Where clocks disagree a token has to outlive the disagreement. */
const ACCESS_TOKEN_SECONDS_WITH_SKEW = 900;

export interface DeploymentOptions {
  /** One unless told otherwise. More are joined by a real Redis, behind the real nginx. */
  nodes?: number;
  /** Whether the nodes' clocks are five minutes off in either direction. */
  isSkewed?: boolean;
}

/** What every node must agree on; one alone makes its own. */
const SECRETS = { AUTH_SECRET: 'a-secret-of-the-fault-checker-0000000', PUSHER_APP_ID: 'faults', PUSHER_KEY: 'faults-key', PUSHER_SECRET: 'a-secret-of-the-fault-checker' };

/** A real PostgreSQL (fsync on) and real servers in processes of their own, all of which can be killed. */
export class Deployment {
  /** Where devices connect: the only node, or nginx. */
  readonly port: number;
  readonly postgres: OwnPostgres;
  readonly folder: string;
  readonly nodes: readonly ServerNode[];
  /** Null where one node needs none. */
  readonly redis: TestRedis | null;
  readonly #parts: Parts;

  private constructor(parts: Parts) {
    const { postgres, folder, nodes, redis, nginx } = parts;
    this.#parts = parts;
    this.postgres = postgres;
    this.folder = folder;
    this.nodes = nodes;
    this.redis = redis;
    this.port = nginx ? Number(new URL(nginx.url).port) : this.node(0).port;
  }

  static async open({ nodes: count = 1, isSkewed = false }: DeploymentOptions = {}): Promise<Deployment> {
    const folder = await mkdtemp(join(tmpdir(), 'couplet-faults-'));
    const postgres = await openOwnPostgres(folder);
    const parts: Parts = { postgres, folder, nodes: [], redis: null, nginx: null };
    try {
      await Deployment.#join(parts, count, isSkewed);
      const deployment = new Deployment(parts);
      await deployment.start();
      return deployment;
    } catch (error) {
      await closeAll(parts);
      throw error;
    }
  }

  static async #join(parts: Parts, count: number, isSkewed: boolean): Promise<void> {
    const { postgres, folder, nodes } = parts;
    const redis = count > 1 ? await startTestRedis() : null;
    parts.redis = redis;
    const env = {
      DATABASE_URL: postgres.url,
      DATA_DIR: join(folder, 'node'),
      ADMIN_API_KEY,
      ACCESS_TOKEN_TTL: String(isSkewed ? ACCESS_TOKEN_SECONDS_WITH_SKEW : ACCESS_TOKEN_SECONDS),
      LOG_LEVEL: 'fatal',
      RATE_LIMITS: 'off',
      ...(redis ? { ...SECRETS, REDIS_URL: redis.url } : {}),
    };
    for (let index = 0; index < count; index += 1) {
      const name = `node-${index + 1}`;
      const skewMs = isSkewed && index > 0 ? CLOCK_SKEW_MS * (index % 2 === 1 ? 1 : -1) : 0;
      nodes.push(new ServerNode(name, await freePort(), { ...env, NODE_ID: name, ...(skewMs === 0 ? {} : skewedClock(skewMs)) }));
    }
    if (count > 1) parts.nginx = await NginxProcess.start(nodes.map(({ url }) => url));
  }

  /** Past every proxy but nginx: for what the checker itself wants to know. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get isUp(): boolean {
    return this.nodes.some(({ isUp }) => isUp);
  }

  node(index: number): ServerNode {
    const node = this.nodes[index];
    if (!node) throw new Error(`There is no node ${index}`);
    return node;
  }

  /** Those that do not run. The first one alone: it brings the database up to date. */
  async start(): Promise<void> {
    const [first, ...others] = this.nodes;
    await first?.start();
    await Promise.all(others.map((node) => node.start()));
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

  /** A fresh access token, without the person's password. */
  async issueToken(userId: string): Promise<string> {
    return (await this.#post<{ accessToken: string }>(`/api/admin/users/${userId}/token`, {}, ADMIN_API_KEY)).accessToken;
  }

  close(): Promise<void> {
    return closeAll(this.#parts);
  }

  async #post<Answer>(path: string, body: unknown, token?: string): Promise<Answer> {
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
    const response = await fetch(this.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as Answer;
  }
}

/** What a deployment is made of, as far as it stands. */
interface Parts {
  readonly postgres: OwnPostgres;
  readonly folder: string;
  readonly nodes: ServerNode[];
  redis: TestRedis | null;
  nginx: NginxProcess | null;
}

async function closeAll({ postgres, folder, nodes, redis, nginx }: Parts): Promise<void> {
  await Promise.all(nodes.map((node) => node.end('SIGTERM')));
  await nginx?.close();
  await redis?.close();
  await postgres.close();
  await rm(folder, { recursive: true, force: true });
}

export const PASSWORD = 'correct horse battery';

export interface Person {
  id: string;
  name: string;
  email: string;
}
