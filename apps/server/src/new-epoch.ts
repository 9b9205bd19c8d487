import type { Config } from './config.ts';
import { openToolDatabase } from './database/open-tool-database.ts';

/**
 * After a restore from backup: positions that devices have reached may mean
 * something else in the log by now, or be ahead of it. Under a new epoch every
 * device takes a snapshot instead of going on from there. No node may be running.
 *
 * @throws StartupError with one sentence
 */
export async function beginNewEpoch(config: Config): Promise<void> {
  const database = await openToolDatabase(config);
  try {
    await database.pool.query('UPDATE deployment SET epoch = gen_random_uuid()');
  } finally {
    await database.close();
  }
}
