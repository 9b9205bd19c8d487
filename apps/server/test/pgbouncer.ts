import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { inject } from 'vitest';
import { choosePostgresAccount } from '../src/database/postgres-account.ts';

export interface Pooler {
  /** For DATABASE_POOLER_URL. */
  urlOf(database: string): string;
  close(): Promise<void>;
}

const PGBOUNCER = process.env['PGBOUNCER_PATH'] ?? '/usr/sbin/pgbouncer';
const READY_WITHIN_MS = 30_000;

/**
 * The real PgBouncer in transaction mode before the test run's PostgreSQL.
 *
 * @param serverConnections it keeps to one database: with one, all clients share a session
 */
export async function openPooler(serverConnections: number): Promise<Pooler> {
  const folder = await mkdtemp(join(tmpdir(), 'couplet-pooler-'));
  const postgresSocket = inject('postgresSocket');
  // The socket is PostgreSQL's own, and PgBouncer does not run as root either.
  const { prefix, spawnOptions, owner } = await choosePostgresAccount(postgresSocket, [join(postgresSocket, 'socket')]);
  await writeFile(
    join(folder, 'pgbouncer.ini'),
    `[databases]
* = host=${postgresSocket} user=couplet
[pgbouncer]
listen_addr =
unix_socket_dir = ${folder}
auth_type = any
pool_mode = transaction
default_pool_size = ${serverConnections}
`,
  );
  if (owner) await Promise.all([folder, join(folder, 'pgbouncer.ini')].map((path) => chown(path, owner.uid, owner.gid)));
  const [program = PGBOUNCER, ...words] = [...prefix, PGBOUNCER, '-q', join(folder, 'pgbouncer.ini')];
  const child = spawn(program, words, { ...spawnOptions, stdio: 'ignore' });
  const exited = once(child, 'exit');
  const urlOf = (database: string) => `postgresql://couplet@${encodeURIComponent(folder)}:6432/${database}`;
  const close = async () => {
    child.kill('SIGINT');
    await exited;
    await rm(folder, { recursive: true });
  };
  try {
    await Promise.race([untilReady(urlOf('postgres')), exited.then(() => Promise.reject(new Error('PgBouncer ended before it was ready')))]);
  } catch (error) {
    if (child.exitCode === null) await close();
    throw error;
  }
  return { urlOf, close };
}

async function untilReady(url: string): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS;
  for (;;) {
    const client = new pg.Client(url);
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
