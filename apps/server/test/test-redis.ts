import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import { freePort } from './free-port.ts';

/** A real Redis of the test's own, with the faults that a test causes. */
export interface TestRedis {
  /** For REDIS_URL; the same through every restart. */
  readonly url: string;
  /** What the test itself asks and does there. */
  readonly client: Redis;
  /** Unless it runs. */
  start(): Promise<void>;
  /** In order: its connections are closed. */
  stop(): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
  /** SIGSTOP: connections stay open and nobody answers. */
  pause(): void;
  resume(): void;
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** It keeps nothing: after a stop or a kill it comes back empty, the worst case. */
export const REDIS_SETTINGS = ['--save', '', '--appendonly', 'no', '--bind', '127.0.0.1'];
const PLACES = ['/usr/bin/redis-server', '/usr/local/bin/redis-server', '/opt/homebrew/bin/redis-server'];

/** @param more settings, as for the command line */
export async function startTestRedis(more: readonly string[] = []): Promise<TestRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'couplet-redis-'));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  let child: ChildProcess | null = null;

  async function start(): Promise<void> {
    child ??= await spawnRedis(['--port', String(port), '--dir', folder, ...REDIS_SETTINGS, ...more]);
  }

  async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const ending = child;
    child = null;
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
    const exited = once(ending, 'exit');
    ending.kill(signal);
    // A paused one would not hear it.
    ending.kill('SIGCONT');
    await exited;
  }

  await start();
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => 20 });
  client.on('error', () => undefined);
  return {
    url,
    client,
    start,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    flush: async () => void (await client.flushall()),
    async close() {
      client.disconnect();
      await end('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Resolves once it takes connections. */
export async function spawnRedis(settings: readonly string[]): Promise<ChildProcess> {
  const program = process.env['REDIS_SERVER_PATH'] ?? PLACES.find((place) => existsSync(place));
  if (program === undefined) throw new Error('This test needs redis-server: install it, or name it in REDIS_SERVER_PATH');
  const child = spawn(program, [...settings], { stdio: ['ignore', 'pipe', 'ignore'] });
  const lines: string[] = [];
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`redis-server ended with ${code}:\n${lines.join('\n')}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      if (line.includes('Ready to accept connections') || line.includes('Sentinel ID')) resolve();
    });
  });
  return child;
}
