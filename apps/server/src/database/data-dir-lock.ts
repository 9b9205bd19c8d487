import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { ensureDataDir } from '../data-dir.ts';
import { StartupError } from '../startup-error.ts';
import { isRunning, startMark } from './process-identity.ts';

/** Another server uses this data folder. */
export class DataDirInUseError extends StartupError {
  constructor(dataDir: string, owner: Owner) {
    const where = owner.host === hostname() ? '' : ` on ${owner.host}`;
    super(
      `The data folder ${dataDir} is in use by the server with process id ${owner.pid}${where}: stop that one, or give this one another DATA_DIR.`,
    );
  }
}

export interface DataDirLock {
  close(): Promise<void>;
}

interface Owner {
  pid: number;
  startMark: string | null;
  host: string;
  nonce: string;
}

/** Each round either takes the lock, finds a living owner or removes a dead one: more rounds mean a crowd of starters. */
const MAX_ROUNDS = 20;

/**
 * Makes this process the only server on a data folder. The lock of a killed run
 * is recognised (no such process, or another one under the same id) and taken over.
 *
 * @throws DataDirInUseError
 */
export async function lockDataDir(dataDir: string): Promise<DataDirLock> {
  await ensureDataDir(dataDir);
  const path = join(dataDir, 'server.lock');
  const own: Owner = { pid: process.pid, startMark: await startMark(process.pid), host: hostname(), nonce: randomUUID() };
  const draft = join(dataDir, `server.lock.${own.nonce}`);
  await writeFile(draft, JSON.stringify(own), { mode: 0o644 });
  try {
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      // link() is atomic and fails when the name exists; the file appears with its content.
      if (await succeeds(link(draft, path))) return { close: () => unlock(path, own) };
      const owner = await readOwner(path);
      if (owner === null) continue;
      if (await isAlive(owner)) throw new DataDirInUseError(dataDir, owner);
      await removeStale(path, owner);
    }
    throw new StartupError(`The data folder ${dataDir} could not be locked: several servers are starting on it at once.`);
  } finally {
    await rm(draft, { force: true });
  }
}

/** Another machine's processes cannot be seen from here: there, PostgreSQL's own lock has to protect the data. */
async function isAlive(owner: Owner): Promise<boolean> {
  if (owner.host !== hostname()) return false;
  if (!isRunning(owner.pid)) return false;
  const mark = await startMark(owner.pid);
  return mark === null || owner.startMark === null || mark === owner.startMark;
}

/** Between reading and removing, a third server may have taken over: moved aside first, and put back if it is not the dead one. */
async function removeStale(path: string, stale: Owner): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  if (!(await succeeds(rename(path, aside)))) return;
  const moved = await readOwner(aside);
  if (moved !== null && moved.nonce !== stale.nonce) await succeeds(link(aside, path));
  await rm(aside, { force: true });
}

async function unlock(path: string, own: Owner): Promise<void> {
  const owner = await readOwner(path);
  if (owner?.nonce === own.nonce) await rm(path, { force: true });
}

/** Null when the file is gone; a damaged one counts as a dead owner's. */
async function readOwner(path: string): Promise<Owner | null> {
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) return null;
  const dead: Owner = { pid: 0, startMark: null, host: '', nonce: '' };
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? { ...dead, ...parsed } : dead;
  } catch {
    return dead;
  }
}

async function succeeds(step: Promise<unknown>): Promise<boolean> {
  return step.then(
    () => true,
    (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'EEXIST' || cause.code === 'ENOENT') return false;
      throw cause;
    },
  );
}
