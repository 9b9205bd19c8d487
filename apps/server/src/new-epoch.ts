import type { Config } from './config.ts';
import { openDatabase } from './database/open-database.ts';
import { createLog } from './log.ts';
import { MIGRATIONS_FOLDER } from './server-package.ts';

/** One that writes. */
const POOL_SIZE = 1;

/**
 * After a restore from backup: positions that devices have reached may mean
 * something else in the log by now, or be ahead of it. Under a new epoch every
 * device takes a snapshot instead of going on from there. No node may be running.
 *
 * @throws StartupError with one sentence
 */
export async function beginNewEpoch(config: Config): Promise<void> {
  const database = await openDatabase({
    url: config.databaseUrl ?? null,
    poolerUrl: null,
    replicaUrl: null,
    dataDir: config.dataDir,
    poolSize: POOL_SIZE,
    migrationsFolder: MIGRATIONS_FOLDER,
    log: createLog(config.logLevel, config.nodeId),
  });
  try {
    await database.pool.query('UPDATE deployment SET epoch = gen_random_uuid()');
  } finally {
    await database.close();
  }
}
