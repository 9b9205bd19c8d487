import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  freePort,
  NginxProcess,
  openOwnPostgres,
  openReplicatedPostgres,
  type OwnPostgres,
  type ReplicatedPostgres,
  startClusterRedis,
  startSentinelRedis,
  startTestRedis,
  StreamProxy,
  type TestRedis,
  type TestRedisGroup,
} from '@couplet/test-system/faults';
import { PushWorld } from './push-world.ts';
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
  /** What joins them: one server unless told otherwise. */
  redis?: RedisKind;
  /** Whether PostgreSQL has a standby, for which every commit waits. */
  hasStandby?: boolean;
  /** The `main.ts` of another revision, which the last node runs. */
  otherMain?: string;
}

export const REDIS_KINDS = ['single', 'sentinel', 'cluster'] as const;
export type RedisKind = (typeof REDIS_KINDS)[number];
type BreakableRedis = Omit<TestRedis, 'client'> | TestRedisGroup;

/** What every node must agree on; one alone makes its own. */
const SECRETS = { AUTH_SECRET: 'a-secret-of-the-fault-checker-0000000', PUSHER_APP_ID: 'faults', PUSHER_KEY: 'faults-key', PUSHER_SECRET: 'a-secret-of-the-fault-checker' };

/** A real PostgreSQL (fsync on) and real servers in processes of their own, all of which can be killed. */
export class Deployment {
  /** Where devices connect: the only node, or nginx. */
  readonly port: number;
  readonly postgres: OwnPostgres | ReplicatedPostgres;
  readonly folder: string;
  readonly nodes: readonly ServerNode[];
  /** Null where one node needs none. */
  readonly redis: BreakableRedis | null;
  /** Where pushes of a cluster end. */
  readonly pushes: PushWorld | null;
  readonly isSkewed: boolean;
  readonly #parts: Parts;
  readonly #hasOther: boolean;

  private constructor(parts: Parts, { isSkewed = false, otherMain }: DeploymentOptions) {
    const { postgres, folder, nodes, redis, nginx, pushes } = parts;
    this.#parts = parts;
    this.#hasOther = otherMain !== undefined;
    this.isSkewed = isSkewed;
    this.pushes = pushes;
    this.postgres = postgres;
    this.folder = folder;
    this.nodes = nodes;
    this.redis = redis;
    this.port = nginx ? Number(new URL(nginx.url).port) : this.node(0).port;
  }

  static async open(options: DeploymentOptions = {}): Promise<Deployment> {
    const folder = await mkdtemp(join(tmpdir(), 'couplet-faults-'));
    const postgres = options.hasStandby === true ? await openReplicatedPostgres(folder) : await openOwnPostgres(folder);
    const parts: Parts = { postgres, folder, nodes: [], redis: null, nginx: null, pushes: null, redisWays: [] };
    try {
      await Deployment.#join(parts, options);
      const deployment = new Deployment(parts, options);
      await deployment.start();
      return deployment;
    } catch (error) {
      await closeAll(parts);
      throw error;
    }
  }

  static async #join(parts: Parts, { nodes: count = 1, isSkewed = false, redis: kind = 'single', otherMain }: DeploymentOptions): Promise<void> {
    const { postgres, folder, nodes } = parts;
    const redis = count > 1 ? await REDIS[kind]() : null;
    parts.redis = redis;
    parts.pushes = count > 1 ? await PushWorld.open(folder) : null;
    const env = {
      DATABASE_URL: postgres.url,
      DATA_DIR: join(folder, 'node'),
      ADMIN_API_KEY,
      ACCESS_TOKEN_TTL: String(isSkewed ? ACCESS_TOKEN_SECONDS_WITH_SKEW : ACCESS_TOKEN_SECONDS),
      LOG_LEVEL: 'fatal',
      RATE_LIMITS: 'off',
      ...(redis ? SECRETS : {}),
      ...parts.pushes?.env,
    };
    for (let index = 0; index < count; index += 1) {
      const name = `node-${index + 1}`;
      const skewMs = isSkewed && index > 0 ? CLOCK_SKEW_MS * (index % 2 === 1 ? 1 : -1) : 0;
      // Sentinels and a cluster say themselves where to connect, past what stands on the way.
      const redisWay = redis && kind === 'single' ? await StreamProxy.open({ host: '127.0.0.1', port: Number(new URL(redis.url).port) }) : null;
      if (redisWay) parts.redisWays.push(redisWay);
      const redisUrl = redisWay ? `redis://127.0.0.1:${redisWay.port}` : redis?.url;
      nodes.push(
        new ServerNode({
          name,
          port: await freePort(),
          env: { ...env, NODE_ID: name, ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }), ...(skewMs === 0 ? {} : skewedClock(skewMs)) },
          redisWay,
          main: index === count - 1 ? otherMain : undefined,
        }),
      );
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

  /** Those that do not run. The first one alone, as it brings the database up to date; before it the one of another revision, as it would have been there. */
  async start(): Promise<void> {
    if (this.#hasOther) await this.nodes.at(-1)?.start();
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

const REDIS: Readonly<Record<RedisKind, () => Promise<BreakableRedis>>> = { single: () => startTestRedis(), sentinel: startSentinelRedis, cluster: startClusterRedis };

/** What a deployment is made of, as far as it stands. */
interface Parts {
  readonly postgres: OwnPostgres | ReplicatedPostgres;
  readonly folder: string;
  readonly nodes: ServerNode[];
  redis: BreakableRedis | null;
  nginx: NginxProcess | null;
  pushes: PushWorld | null;
  readonly redisWays: StreamProxy[];
}

async function closeAll({ postgres, folder, nodes, redis, nginx, pushes, redisWays }: Parts): Promise<void> {
  await Promise.all(nodes.map((node) => node.end('SIGTERM')));
  await nginx?.close();
  await pushes?.close();
  for (const way of redisWays) await way.close();
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
