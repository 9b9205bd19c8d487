import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from './free-port.ts';
import { REDIS_SETTINGS, spawnRedis, type TestRedis } from './test-redis.ts';

/** Several real Redis servers that stand in for each other. What is stopped, killed or paused is all of them. */
export interface TestRedisGroup extends Omit<TestRedis, 'client'> {
  /** kill -9 of one that leads. Resolves when another one leads in its place; `start` brings the dead one back as a replica. */
  failOver(): Promise<void>;
}

/** Until a server that is gone is taken for gone: as short as a busy machine allows. */
const GONE_AFTER_MS = 1_500;
const LOOK_AGAIN_MS = 50;
const PATIENCE_MS = 60_000;
const GROUP = 'couplet';

/** One server, with its port and folder through every restart. */
class Member {
  readonly port: number;
  readonly client: Redis;
  readonly #settings: readonly string[];
  #child: ChildProcess | null = null;

  /** @param settings as for the command line, the port among them */
  constructor(port: number, settings: readonly string[]) {
    this.port = port;
    this.#settings = settings;
    this.client = new Redis({ port, host: '127.0.0.1', lazyConnect: true, retryStrategy: () => LOOK_AGAIN_MS, maxRetriesPerRequest: null });
    this.client.on('error', () => undefined);
  }

  get isRunning(): boolean {
    return this.#child !== null;
  }

  async start(more: readonly string[] = []): Promise<void> {
    this.#child ??= await spawnRedis([...this.#settings, ...more]);
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const ending = this.#child;
    this.#child = null;
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
    const exited = once(ending, 'exit');
    ending.kill(signal);
    // A paused one would not hear it.
    ending.kill('SIGCONT');
    await exited;
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(signal);
  }

  async close(): Promise<void> {
    this.client.disconnect();
    await this.end('SIGKILL');
  }
}

/** A primary with a replica, and three sentinels that agree on who leads. */
export async function startSentinelRedis(): Promise<TestRedisGroup> {
  const folder = await mkdtemp(join(tmpdir(), 'couplet-sentinels-'));
  const members: Member[] = [];
  for (const name of ['one', 'two']) {
    const port = await freePort();
    members.push(new Member(port, ['--port', String(port), ...REDIS_SETTINGS, '--repl-diskless-sync-delay', '0', '--dir', await folderIn(folder, name)]));
  }
  const [first] = members;
  if (!first) throw new Error('unreachable');
  let leader = first.port;
  const startAll = async () => {
    // Whoever leads first: a replica that starts alone would be asked to.
    const known = await askWhoLeads();
    leader = known ?? leader;
    for (const member of [...members].sort((a) => (a.port === leader ? -1 : 1))) await member.start(member.port === leader ? [] : ['--replicaof', '127.0.0.1', String(leader)]);
  };
  const sentinels: Member[] = [];
  async function askWhoLeads(): Promise<number | null> {
    const [sentinel] = sentinels;
    if (!sentinel) return null;
    const answer: unknown = await sentinel.client.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', GROUP);
    return Array.isArray(answer) ? Number(answer[1]) : null;
  }
  await startAll();
  for (const name of ['a', 'b', 'c']) {
    const port = await freePort();
    const file = join(await folderIn(folder, name), 'sentinel.conf');
    await writeFile(
      file,
      `port ${port}\nbind 127.0.0.1\ndir ${join(folder, name)}\nsentinel monitor ${GROUP} 127.0.0.1 ${leader} 2\nsentinel down-after-milliseconds ${GROUP} ${GONE_AFTER_MS}\nsentinel failover-timeout ${GROUP} 6000\n`,
    );
    const sentinel = new Member(port, [file, '--sentinel']);
    await sentinel.start();
    sentinels.push(sentinel);
  }
  await untilTrue('the sentinels know each other and the replica', async () => {
    const known = await Promise.all(sentinels.map((sentinel) => sentinel.client.call('SENTINEL', 'MASTER', GROUP)));
    return known.every((answer) => factOf(answer, 'num-other-sentinels') === '2' && factOf(answer, 'num-slaves') === '1');
  });
  const url = `redis+sentinel://${sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}/${GROUP}`;
  return {
    ...groupOf(url, members, startAll),
    async flush() {
      const leading = members.find(({ port }) => port === leader);
      await leading?.client.flushall();
    },
    async failOver() {
      leader = (await askWhoLeads()) ?? leader;
      await members.find(({ port }) => port === leader)?.end('SIGKILL');
      await untilTrue('another server leads', async () => (await askWhoLeads()) !== leader);
      leader = (await askWhoLeads()) ?? leader;
    },
    async close() {
      for (const member of [...sentinels, ...members]) await member.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const SLOTS = 16_384;
const PRIMARIES = 3;

/** A cluster of three servers, each with a replica. */
export async function startClusterRedis(): Promise<TestRedisGroup> {
  const folder = await mkdtemp(join(tmpdir(), 'couplet-cluster-'));
  const members: Member[] = [];
  const busPorts: number[] = [];
  for (let index = 0; index < 2 * PRIMARIES; index += 1) {
    const [port, busPort] = [await freePort(), await freePort()];
    busPorts.push(busPort);
    const settings = ['--port', String(port), '--cluster-enabled', 'yes', '--cluster-port', String(busPort), '--cluster-node-timeout', String(GONE_AFTER_MS), '--cluster-announce-ip', '127.0.0.1', '--repl-diskless-sync-delay', '0'];
    members.push(new Member(port, [...REDIS_SETTINGS, ...settings, '--dir', await folderIn(folder, `${index}`)]));
  }
  const startAll = async () => {
    for (const member of members) await member.start();
    await untilTrue('the cluster answers', async () => (await Promise.all(members.map(isWhole))).every(Boolean));
  };
  for (const member of members) await member.start();
  const [first] = members;
  if (!first) throw new Error('unreachable');
  for (const [index, member] of members.entries()) {
    if (index > 0) await first.client.call('CLUSTER', 'MEET', '127.0.0.1', String(member.port), String(busPorts[index]));
    if (index < PRIMARIES) await member.client.call('CLUSTER', 'ADDSLOTSRANGE', String(Math.ceil((SLOTS * index) / PRIMARIES)), String(Math.ceil((SLOTS * (index + 1)) / PRIMARIES) - 1));
  }
  await untilTrue('every server knows every other', async () => (await Promise.all(members.map(knownBy))).every((count) => count === members.length));
  for (const [index, member] of members.entries()) {
    if (index < PRIMARIES) continue;
    const id = String(await members[index - PRIMARIES]?.client.call('CLUSTER', 'MYID'));
    await member.client.call('CLUSTER', 'REPLICATE', id);
  }
  await startAll();
  await untilTrue('every replica is told of', async () => (await Promise.all(members.map(replicasKnownBy))).every((count) => count === PRIMARIES));
  const url = `redis+cluster://${members.map(({ port }) => `127.0.0.1:${port}`).join(',')}`;
  let turn = 0;
  return {
    ...groupOf(url, members, startAll),
    async flush() {
      for (const member of members) if (await leads(member)) await member.client.flushall();
    },
    async failOver() {
      const leading: Member[] = [];
      for (const member of members) if (member.isRunning && (await leads(member))) leading.push(member);
      const dying = leading[(turn += 1) % leading.length];
      await dying?.end('SIGKILL');
      const rest = members.filter(({ isRunning }) => isRunning);
      await untilTrue('its replica leads', async () => (await Promise.all(rest.map(isWhole))).every(Boolean) && (await Promise.all(rest.map(leads))).filter(Boolean).length === PRIMARIES);
    },
    async close() {
      for (const member of members) await member.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function groupOf(url: string, members: readonly Member[], start: () => Promise<void>): Omit<TestRedisGroup, 'flush' | 'failOver' | 'close'> {
  const endAll = async (signal: 'SIGTERM' | 'SIGKILL') => void (await Promise.all(members.map((member) => member.end(signal))));
  return {
    url,
    start,
    stop: () => endAll('SIGTERM'),
    kill: () => endAll('SIGKILL'),
    pause: () => members.forEach((member) => member.signal('SIGSTOP')),
    resume: () => members.forEach((member) => member.signal('SIGCONT')),
  };
}

async function leads({ client }: Member): Promise<boolean> {
  const [role] = (await client.call('ROLE')) as unknown[];
  return role === 'master';
}

async function isWhole({ client }: Member): Promise<boolean> {
  return String(await client.call('CLUSTER', 'INFO')).includes('cluster_state:ok');
}

async function knownBy({ client }: Member): Promise<number> {
  return (await nodesOf(client)).filter((line) => !line.includes('handshake')).length;
}

async function replicasKnownBy({ client }: Member): Promise<number> {
  return (await nodesOf(client)).filter((line) => line.includes('slave')).length;
}

async function nodesOf(client: Redis): Promise<string[]> {
  return String(await client.call('CLUSTER', 'NODES')).trim().split('\n');
}

/** Of the pairs in which sentinels answer. */
function factOf(answer: unknown, name: string): unknown {
  const pairs: unknown[] = Array.isArray(answer) ? answer : [];
  return pairs[pairs.indexOf(name) + 1];
}

async function folderIn(folder: string, name: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(path);
  return path;
}

async function untilTrue(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Waited ${PATIENCE_MS / 1_000} s in vain: ${what}`);
    await new Promise<void>((resolve) => void setTimeout(resolve, LOOK_AGAIN_MS));
  }
}
