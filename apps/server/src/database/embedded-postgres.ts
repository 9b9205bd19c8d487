import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readFile, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from '../log.ts';
import { addressFromSocket, type DatabaseAddress, DatabaseError } from './pool.ts';
import { choosePostgresAccount, type PostgresAccount } from './postgres-account.ts';
import { findPostgresBinaries, type PostgresBinaries } from './postgres-binaries.ts';
import { isRunning } from './process-identity.ts';

/** The superuser inside: reachable only through a socket in a folder that only its owner can open. */
const SUPERUSER = 'couplet';
const DATABASE = 'couplet';
/** A unix socket's path may have 107 bytes on Linux and 103 on macOS; this leaves room for the file's name. */
const LONGEST_SOCKET_FOLDER = 80;
/** Replaying the log after a crash takes seconds; a minute and a half means that something else is wrong. */
const START_TIMEOUT_MS = 90_000;
/** A fast shutdown writes a checkpoint. After this the immediate one: nothing committed is lost either way. */
const STOP_TIMEOUT_MS = 10_000;
const POLL_MS = 20;
/** When PostgreSQL itself died (out of memory), it is started again after this, and again. */
const RESTART_DELAY_MS = 1_000;
/** A standby, on a folder that was made one, takes read-only connections. */
const READY = /ready to accept (read-only )?connections/;
/** Lines of its output kept to say why it did not start. */
const KEPT_LINES = 40;

/** For a small machine that runs the server as well. Durability is as PostgreSQL has it by default, said aloud. */
const SETTINGS = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  max_connections: '60',
  shared_buffers: '128MB',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  max_wal_size: '1GB',
  checkpoint_timeout: '10min',
  // The hot counter tables bloat within seconds: look for work often.
  autovacuum_naptime: '10s',
  autovacuum_max_workers: '2',
  // Queries here touch a few rows each: compiling or splitting them costs more than it gives.
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  io_method: 'sync',
  random_page_cost: '1.1',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Failed statements are reported to whoever sent them; their text can hold what people wrote.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_checkpoints: 'off',
  log_line_prefix: '',
} as const;

export interface EmbeddedPostgres {
  readonly pid: number;
  address(database?: string): DatabaseAddress;
  /** Stops PostgreSQL and waits until it is gone. Close the connections to it first. */
  close(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** Holds `postgres/` (the data) and `postgres-socket/`; locked by the caller. */
  dataDir: string;
  log: Logger;
  /** Overrides of single settings, for tests. */
  settings?: Readonly<Record<string, string>>;
}

/**
 * A real PostgreSQL with its data in a folder of ours, initialised on first use.
 * One left over from a killed run is stopped first.
 *
 * @throws DatabaseError with one sentence when it cannot start
 */
export async function openEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const binaries = await findPostgresBinaries();
  const dataFolder = join(options.dataDir, 'postgres');
  const account = await choosePostgresAccount(dataFolder, [dataFolder, binaries.initdb]);
  await stopOrphan(dataFolder, options.log);
  if (!(await exists(dataFolder))) await initialise(binaries, account, dataFolder);
  const socketFolder = await prepareSocketFolder(options.dataDir, account);
  const server = new PostgresProcess(binaries, account, dataFolder, socketFolder, options);
  await server.start();
  await createDatabase(server.address('postgres'));
  return server;
}

/** The running PostgreSQL: started in a session of its own, so that Ctrl-C in the terminal reaches only the server, which stops it in order. */
class PostgresProcess implements EmbeddedPostgres {
  readonly #binaries: PostgresBinaries;
  readonly #account: PostgresAccount;
  readonly #dataFolder: string;
  readonly #socketFolder: string;
  readonly #settings: Readonly<Record<string, string>>;
  readonly #log: Logger;
  readonly #closing = new AbortController();
  #child: ChildProcess | undefined;

  constructor(binaries: PostgresBinaries, account: PostgresAccount, dataFolder: string, socketFolder: string, options: EmbeddedPostgresOptions) {
    this.#binaries = binaries;
    this.#account = account;
    this.#dataFolder = dataFolder;
    this.#socketFolder = socketFolder;
    this.#settings = { ...SETTINGS, ...options.settings };
    this.#log = options.log;
    // The last way out (an uncaught exception, process.exit): only synchronous steps work here.
    process.once('exit', this.#signalStop);
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  address(database: string = DATABASE): DatabaseAddress {
    return addressFromSocket(this.#socketFolder, SUPERUSER, database);
  }

  async start(): Promise<void> {
    const lines: string[] = [];
    const child = launch(this.#account, this.#binaries.postgres, [
      '-D',
      this.#dataFolder,
      '-k',
      this.#socketFolder,
      ...Object.entries(this.#settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ]);
    this.#child = child;
    const timeout = AbortSignal.timeout(START_TIMEOUT_MS);
    try {
      await new Promise<void>((resolve, reject) => {
        const fail = () => reject(new DatabaseError(startComplaint(this.#dataFolder, lines)));
        child.once('error', fail);
        child.once('exit', fail);
        timeout.addEventListener('abort', fail, { once: true });
        eachLine(child, (line) => {
          lines.push(line);
          if (lines.length > KEPT_LINES) lines.shift();
          this.#log.debug({ line }, 'postgres');
          if (READY.test(line)) resolve();
        });
      });
    } catch (cause) {
      this.#signalStop();
      throw cause;
    }
    child.once('exit', (code, signal) => void this.#restart(code, signal));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    process.off('exit', this.#signalStop);
    const child = this.#child;
    if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      child.kill('SIGINT');
      const patience = setTimeout(() => child.kill('SIGQUIT'), STOP_TIMEOUT_MS);
      await exited;
      clearTimeout(patience);
    }
    await rm(this.#socketFolder, { recursive: true, force: true });
  }

  readonly #signalStop = (): void => {
    this.#child?.kill('SIGINT');
  };

  async #restart(code: number | null, signal: string | null): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#log.error({ code, signal }, 'PostgreSQL ended by itself; starting it again');
    while (await delay(RESTART_DELAY_MS, true, { signal: this.#closing.signal }).catch(() => false)) {
      try {
        return await this.start();
      } catch (error) {
        this.#log.error({ err: error }, 'PostgreSQL does not start');
      }
    }
  }
}

/** SIGINT to a postmaster is its fast shutdown: connections are cut, a checkpoint is written, it exits. */
async function stopOrphan(dataFolder: string, log: Logger): Promise<void> {
  const pidFile = join(dataFolder, 'postmaster.pid');
  const pid = Number((await readFile(pidFile, 'utf8').catch(() => '')).split('\n')[0]);
  if (!Number.isSafeInteger(pid) || pid <= 1 || !isRunning(pid)) return;
  if (!(await isPostgresOf(pid, dataFolder))) {
    // Another program has the id by now. PostgreSQL would take it for itself and refuse to start.
    await rm(pidFile, { force: true });
    return;
  }
  log.warn({ pid }, 'Stopping the PostgreSQL that a killed run left behind');
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    process.kill(pid, signal);
    const deadline = performance.now() + STOP_TIMEOUT_MS;
    while (performance.now() < deadline) {
      if (!isRunning(pid)) return;
      await delay(POLL_MS);
    }
  }
  throw new DatabaseError(`The PostgreSQL with process id ${pid}, left behind on ${dataFolder} by a killed run, does not stop: end it and start again.`);
}

async function isPostgresOf(pid: number, dataFolder: string): Promise<boolean> {
  if (process.platform === 'linux') {
    const [folder, own] = await Promise.all([readlink(`/proc/${pid}/cwd`).catch(() => null), realpath(dataFolder)]);
    return folder === own;
  }
  const ps = spawn('ps', ['-o', 'command=', '-p', String(pid)], { stdio: ['ignore', 'pipe', 'ignore'] });
  let command = '';
  for await (const chunk of ps.stdout) command += String(chunk);
  return command.includes(dataFolder);
}

/** Initialised aside and then renamed: a start killed halfway leaves nothing that looks like data. */
async function initialise(binaries: PostgresBinaries, account: PostgresAccount, dataFolder: string): Promise<void> {
  const draft = `${dataFolder}.new`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  if (account.owner) await chown(draft, account.owner.uid, account.owner.gid);
  const lines: string[] = [];
  const child = launch(account, binaries.initdb, [
    '-D',
    draft,
    `--username=${SUPERUSER}`,
    '--auth=trust',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--data-checksums',
  ]);
  eachLine(child, (line) => lines.push(line));
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', resolve);
  });
  if (code !== 0) {
    const reason = lines.findLast((line) => /error|could not|cannot/i.test(line)) ?? 'no reason given';
    throw new DatabaseError(`The embedded PostgreSQL cannot be set up in ${dataFolder}: ${reason}.`);
  }
  await rename(draft, dataFolder);
}

/** The socket's folder is the lock on the door: inside, everybody is trusted. */
async function prepareSocketFolder(dataDir: string, account: PostgresAccount): Promise<string> {
  const preferred = join(dataDir, 'postgres-socket');
  let folder = preferred;
  if (Buffer.byteLength(preferred) > LONGEST_SOCKET_FOLDER) {
    folder = await mkdtemp(join(tmpdir(), 'couplet-'));
  } else {
    // Whatever a killed run left in it would stop PostgreSQL from listening.
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
  }
  await chmod(folder, 0o700);
  if (account.owner) await chown(folder, account.owner.uid, account.owner.gid);
  return folder;
}

async function createDatabase(address: DatabaseAddress): Promise<void> {
  const client = new pg.Client(address);
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await client.end();
  }
}

function launch(account: PostgresAccount, program: string, args: readonly string[]): ChildProcess {
  const [command = program, ...rest] = [...account.prefix, program, ...args];
  return spawn(command, rest, {
    ...account.spawnOptions,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Nothing of the server's environment: it may hold secrets, and PG* variables that would mislead it.
    env: { LC_ALL: 'C', TZ: 'UTC' },
  });
}

function eachLine(child: ChildProcess, listener: (line: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      lines.forEach(listener);
    });
  }
}

function startComplaint(dataFolder: string, lines: readonly string[]): string {
  const reason = lines.findLast((line) => /^(PANIC|FATAL):/.test(line)) ?? lines.at(-1) ?? 'it gave no reason';
  const said = reason.replace(/^(PANIC|FATAL):\s*/, '').replace(/\.$/, '');
  return `The embedded PostgreSQL does not start on ${dataFolder} (it says: ${said}): restore that folder from a backup, or move it away to begin with an empty one.`;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(() => true, () => false);
}
