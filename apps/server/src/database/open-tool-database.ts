import type { Config } from '../config.ts';
import { createLog } from '../log.ts';
import { MIGRATIONS_FOLDER } from '../server-package.ts';
import { type Database, openDatabase } from './open-database.ts';

/** One writes, one is spare. */
const POOL_SIZE = 2;

/**
 * The database that the configuration names, for a program that is not a node.
 *
 * @throws StartupError with one sentence
 */
export function openToolDatabase(config: Config): Promise<Database> {
  return openDatabase({
    url: config.databaseUrl ?? null,
    poolerUrl: null,
    replicaUrl: null,
    dataDir: config.dataDir,
    poolSize: POOL_SIZE,
    migrationsFolder: MIGRATIONS_FOLDER,
    log: createLog('warn', config.nodeId),
  });
}
