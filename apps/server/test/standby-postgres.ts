import { spawnSync } from 'node:child_process';
import { chown, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openOwnPostgres, type OwnPostgres } from './own-postgres.ts';

/** A PostgreSQL that follows another one by streaming and answers reads. */
export interface StandbyPostgres extends OwnPostgres {
  /** Resolves when it shows everything that the primary has committed by now. */
  caughtUp(): Promise<void>;
  /** Makes it a primary. The one before must be gone. */
  promote(): Promise<void>;
}

const PATIENCE_MS = 60_000;
const LOOK_AGAIN_MS = 20;

/**
 * A streaming standby of `primary`, made as pg_basebackup makes one: a copy of its
 * folder between the start and the stop of a backup.
 *
 * @param dataDir of the standby, empty
 */
export async function openStandby(primary: OwnPostgres, dataDir: string): Promise<StandbyPostgres> {
  const folder = join(dataDir, 'postgres');
  // What is written until it follows must still be there; it has no slot of its own.
  await primary.query("ALTER SYSTEM SET wal_keep_size = '512MB'");
  await primary.query('SELECT pg_reload_conf()');
  const [place] = await primary.query<{ data: string; socket: string; user: string }>(
    "SELECT current_setting('data_directory') AS data, current_setting('unix_socket_directories') AS socket, current_user AS user",
  );
  if (!place) throw new Error('unreachable');
  await primary.query("SELECT pg_backup_start('standby', true)");
  // Files that go while it runs are replayed as gone.
  spawnSync('cp', ['-a', place.data, folder]);
  const [backup] = await primary.query<{ label: string }>('SELECT labelfile AS label FROM pg_backup_stop(false)');
  await Promise.all(['postmaster.pid', 'postmaster.opts'].map((name) => rm(join(folder, name), { force: true })));
  for (const entry of await readdir(join(folder, 'pg_wal'), { withFileTypes: true })) if (entry.isFile()) await rm(join(folder, 'pg_wal', entry.name));
  const { uid, gid } = await stat(place.data);
  for (const [name, content] of [['backup_label', backup?.label ?? ''], ['standby.signal', '']] as const) {
    await writeFile(join(folder, name), content, { mode: 0o600 });
    await chown(join(folder, name), uid, gid);
  }
  const standby = await openOwnPostgres(dataDir, { primary_conninfo: `host=${place.socket} user=${place.user} application_name=standby` });

  const until = async (isSo: () => Promise<boolean>) => {
    const deadline = performance.now() + PATIENCE_MS;
    while (!(await isSo())) {
      if (performance.now() > deadline) throw new Error('The standby does not follow its primary');
      await new Promise<void>((resolve) => void setTimeout(resolve, LOOK_AGAIN_MS));
    }
  };
  const caughtUp = async () => {
    const [end] = await primary.query<{ lsn: string }>('SELECT pg_current_wal_flush_lsn()::text AS lsn');
    await until(async () => (await standby.query<{ is: boolean }>('SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn AS is', [end?.lsn]))[0]?.is === true);
  };
  await caughtUp();
  return {
    ...standby,
    caughtUp,
    async promote() {
      await standby.query('SELECT pg_promote(true)');
    },
  };
}
