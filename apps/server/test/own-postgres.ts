import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { openEmbeddedPostgres } from '../src/database/embedded-postgres.ts';
import { createLog } from '../src/log.ts';

/** A PostgreSQL that belongs to the test and outlives every server, durable as in production. */
export interface OwnPostgres {
  /** For DATABASE_URL. */
  readonly url: string;
  /** Waits out a restart: a statement that finds the database away is sent again. */
  query<Row extends pg.QueryResultRow>(statement: string, values?: unknown[]): Promise<Row[]>;
  /** kill -9 of its first process, which takes the others along. It is started again by itself, a second later. */
  kill(): Promise<void>;
  /** kill -9, and nobody starts it again. */
  die(): Promise<void>;
  /** SIGSTOP of all its processes: connections stay open and nobody answers. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  close(): Promise<void>;
}

const RESTART_PATIENCE_MS = 60_000;
const LOOK_AGAIN_MS = 50;

/** @param settings of PostgreSQL, where they differ from production's */
export async function openOwnPostgres(dataDir: string, settings: Readonly<Record<string, string>> = {}): Promise<OwnPostgres> {
  const postgres = await openEmbeddedPostgres({ dataDir, settings, log: createLog('silent', 'test') });
  const address = postgres.address();
  let client: pg.Client | null = null;

  async function connected(): Promise<pg.Client> {
    if (client) return client;
    const fresh = new pg.Client(address);
    const forget = () => {
      if (client === fresh) client = null;
    };
    fresh.on('error', forget).on('end', forget);
    await fresh.connect();
    client = fresh;
    return fresh;
  }

  async function query<Row extends pg.QueryResultRow>(statement: string, values: unknown[] = []): Promise<Row[]> {
    const deadline = performance.now() + RESTART_PATIENCE_MS;
    for (;;) {
      try {
        const { rows } = await (await connected()).query<Row>(statement, values);
        return rows;
      } catch (error) {
        // A statement that is wrong stays wrong; class 57 is a database that is going or coming.
        if (error instanceof pg.DatabaseError && !error.code?.startsWith('57')) throw error;
        if (performance.now() > deadline) throw error;
        client = null;
        await new Promise<void>((resolve) => void setTimeout(resolve, LOOK_AGAIN_MS));
      }
    }
  }

  async function signalAll(signal: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    const [first] = (await readFile(join(dataDir, 'postgres/postmaster.pid'), 'utf8')).split('\n');
    const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
    const children = stdout.split('\n').flatMap((line) => {
      const [pid, parent] = line.trim().split(/\s+/);
      return pid !== undefined && parent === first ? [Number(pid)] : [];
    });
    // The first one before those it would start anew.
    for (const pid of [Number(first), ...children]) {
      try {
        process.kill(pid, signal);
      } catch (error) {
        // One of those that come and go with connections.
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
  }

  return {
    url: `postgresql://${String(address.user)}@${encodeURIComponent(String(address.host))}/${String(address.database)}`,
    query,
    pause: () => signalAll('SIGSTOP'),
    resume: () => signalAll('SIGCONT'),
    async kill() {
      const pidFile = await readFile(join(dataDir, 'postgres/postmaster.pid'), 'utf8');
      process.kill(Number(pidFile.split('\n')[0]), 'SIGKILL');
      const [before] = pidFile.split('\n');
      const deadline = performance.now() + RESTART_PATIENCE_MS;
      // Back is: another process, which answers.
      for (;;) {
        const [now] = (await readFile(join(dataDir, 'postgres/postmaster.pid'), 'utf8').catch(() => '')).split('\n');
        if (now !== '' && now !== before) break;
        if (performance.now() > deadline) throw new Error('PostgreSQL did not come back after it was killed');
        await new Promise<void>((resolve) => void setTimeout(resolve, LOOK_AGAIN_MS));
      }
      await query('SELECT 1');
    },
    async die() {
      process.kill(postgres.pid, 'SIGKILL');
      await postgres.close();
    },
    async close() {
      await client?.end().catch(() => undefined);
      await postgres.close();
    },
  };
}
