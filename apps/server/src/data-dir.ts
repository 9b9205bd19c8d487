import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartupError } from './startup-error.ts';

export class DataDirError extends StartupError {}

/** @throws DataDirError when it cannot be a folder of ours */
export async function ensureDataDir(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true });
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? REASONS[String(cause.code)] : undefined;
    throw new DataDirError(`DATA_DIR ${dataDir} cannot be used: ${reason ?? String(cause)}.`, { cause });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not create it',
  EPERM: 'this user may not create it',
  EROFS: 'it is on a read-only file system',
  EEXIST: 'there is a file of that name',
  ENOTDIR: 'a part of the path is a file',
  ENOSPC: 'the disk is full',
};

/** 256 bits. */
const SECRET_BYTES = 32;

/**
 * A secret nobody had to choose: generated on first use and kept under the data
 * folder, readable by this user only. Nodes that start at once agree on one.
 */
export async function keptSecret(dataDir: string, name: string): Promise<string> {
  await ensureDataDir(dataDir);
  const path = join(dataDir, name);
  const kept = await readSecret(path);
  if (kept !== null) return kept;
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, `${randomBytes(SECRET_BYTES).toString('base64url')}\n`, { mode: 0o600 });
  try {
    // Appears whole, and only where there is none yet.
    await link(draft, path).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'EEXIST') throw cause;
    });
  } finally {
    await rm(draft, { force: true });
  }
  const made = await readSecret(path);
  if (made === null) throw new DataDirError(`${path} is empty: remove it to have a new secret generated.`);
  return made;
}

async function readSecret(path: string): Promise<string | null> {
  try {
    return (await readFile(path, 'utf8')).trim() || null;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw new DataDirError(`${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`, { cause });
  }
}
