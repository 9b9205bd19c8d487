import { type SpawnOptions, execFile } from 'node:child_process';
import { access, constants, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { DatabaseError } from './pool.ts';

/** How a PostgreSQL program is started: which words go before it, and as whom. */
export interface PostgresAccount {
  prefix: readonly string[];
  spawnOptions: Pick<SpawnOptions, 'uid' | 'gid'>;
  /** Owner of the data; undefined when it is the user who runs the server. */
  owner: { uid: number; gid: number } | undefined;
}

/** Accounts that PostgreSQL may run as when the server runs as root, which it refuses for itself. */
const ACCOUNTS = ['postgres', 'nobody'];
const SETPRIV = '/usr/bin/setpriv';

/**
 * PostgreSQL refuses to run as root: under root it runs as the owner of the data
 * that is already there, else as `postgres`, else as `nobody`. Where that account cannot pass a
 * folder on the way (a clone in /root), Linux lends it the right to.
 *
 * @param paths what the account must be able to reach
 */
export async function choosePostgresAccount(dataFolder: string, paths: readonly string[]): Promise<PostgresAccount> {
  if (process.getuid?.() !== 0) return { prefix: [], spawnOptions: {}, owner: undefined };
  const owner = (await ownerOf(dataFolder)) ?? (await findAccount());
  const blocked = await firstBlocked(paths, owner);
  if (blocked === null) return { prefix: [], spawnOptions: owner, owner };
  if (!(await access(SETPRIV, constants.X_OK).then(() => true, () => false))) {
    throw new DatabaseError(
      `PostgreSQL cannot run as root, and the account it runs as instead cannot pass the folder ${blocked}: run the server as an ordinary user, or allow others to pass that folder (chmod o+x).`,
    );
  }
  const prefix = [
    SETPRIV,
    `--reuid=${owner.uid}`,
    `--regid=${owner.gid}`,
    '--clear-groups',
    '--inh-caps=+dac_override',
    '--ambient-caps=+dac_override',
  ];
  return { prefix, spawnOptions: {}, owner };
}

async function ownerOf(dataFolder: string): Promise<{ uid: number; gid: number } | undefined> {
  const found = await stat(dataFolder).catch(() => undefined);
  return found && found.uid !== 0 ? { uid: found.uid, gid: found.gid } : undefined;
}

async function findAccount(): Promise<{ uid: number; gid: number }> {
  for (const name of ACCOUNTS) {
    const ids = await Promise.all(['-u', '-g'].map((flag) => promisify(execFile)('id', [flag, name]).then(({ stdout }) => Number(stdout), () => undefined)));
    const [uid, gid] = ids;
    if (uid !== undefined && gid !== undefined) return { uid, gid };
  }
  throw new DatabaseError(`PostgreSQL cannot run as root, and there is no account ${ACCOUNTS.join(' or ')}: run the server as an ordinary user.`);
}

async function firstBlocked(paths: readonly string[], account: { uid: number; gid: number }): Promise<string | null> {
  for (const path of paths) {
    for (let folder = dirname(path); ; folder = dirname(folder)) {
      const { mode, uid, gid } = await stat(folder);
      const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
      if ((mode & bit) === 0) return folder;
      if (folder === dirname(folder)) break;
    }
  }
  return null;
}
