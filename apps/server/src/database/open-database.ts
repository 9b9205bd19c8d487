import type pg from 'pg';
import type { Logger } from '../log.ts';
import { type Answers, AnswerWatch } from './answer-watch.ts';
import { lockDataDir } from './data-dir-lock.ts';
import { openEmbeddedPostgres } from './embedded-postgres.ts';
import { measureStatements } from './measure-statements.ts';
import { migrate } from './migrate.ts';
import { addressFromUrl, assertReachable, createPool, createPoolBehindPooler, type DatabaseAddress } from './pool.ts';
import { createPrisma, type PrismaClient } from './prisma.ts';
import { ReplicaReads } from './replica-reads.ts';

export interface Database {
  /** For connections that need a session of their own: never through a pooler. */
  address: DatabaseAddress;
  /** For whoever waits on one of them: whether there is anybody to answer. */
  answers: Answers;
  pool: pg.Pool;
  prisma: PrismaClient;
  /** For what need not be the latest: from a replica where there is one. */
  replicaReads: ReplicaReads;
  /** Ends every connection of the pool, then the embedded PostgreSQL if it is ours. */
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** Null: the embedded one. */
  url: string | null;
  /** A pooler in transaction mode before `url`; null: none. */
  poolerUrl: string | null;
  /** A read-only copy of `url`; null: none. It may be away, also now. */
  replicaUrl: string | null;
  dataDir: string;
  poolSize: number;
  migrationsFolder: string;
  log: Logger;
  /** Told of each statement of the pool. */
  onStatement?: (outcome: 'answered' | 'failed', seconds: number) => void;
}

/**
 * The migrated database, embedded or of DATABASE_URL.
 *
 * @throws StartupError with one sentence
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const source = options.url === null ? await openEmbedded(options) : { address: addressFromUrl(options.url), close: () => Promise.resolve() };
  const answers = new AnswerWatch({
    address: source.address,
    onGone: (connections) => options.log.warn({ connections }, 'PostgreSQL is another server than before: connections to the one that does not answer any more were given up'),
  });
  const { address } = answers;
  let isClosing = false;
  const onIdleError = (error: Error) => {
    // The embedded PostgreSQL may end connections of ours that are still saying goodbye.
    if (!isClosing) options.log.warn({ err: error }, 'A connection to PostgreSQL was lost');
  };
  const pooler = options.poolerUrl === null ? null : addressFromUrl(options.poolerUrl);
  const pool = pooler ? createPoolBehindPooler(pooler, options.poolSize, onIdleError) : answers.watch(createPool(address, options.poolSize, onIdleError));
  if (options.onStatement) measureStatements(pool, options.onStatement);
  const closeSource = async () => {
    await answers.close();
    await source.close();
  };
  try {
    await assertReachable(pool, pooler ?? address, pooler ? 'DATABASE_POOLER_URL' : 'DATABASE_URL');
    const applied = await migrate(address, options.migrationsFolder);
    if (applied.length > 0) options.log.info({ applied }, 'The database was migrated');
  } catch (cause) {
    await pool.end();
    await closeSource();
    throw cause;
  }
  const prisma = createPrisma(pool);
  const replicaReads = new ReplicaReads({
    primary: pool,
    replica: options.replicaUrl === null ? null : addressFromUrl(options.replicaUrl),
    now: Date.now,
    onAvoided: (error) => options.log.warn({ err: error }, 'The replica of PostgreSQL does not answer; the primary does, for ten seconds before it is asked again'),
  });
  return {
    address,
    answers,
    pool,
    prisma,
    replicaReads,
    async close() {
      isClosing = true;
      await replicaReads.close();
      await prisma.$disconnect();
      await pool.end();
      await closeSource();
    },
  };
}

/** Only the embedded one needs the folder for itself: nodes that share a PostgreSQL may share generated secrets. */
async function openEmbedded(options: DatabaseOptions) {
  const lock = await lockDataDir(options.dataDir);
  try {
    const postgres = await openEmbeddedPostgres({ dataDir: options.dataDir, log: options.log });
    return {
      address: postgres.address(),
      async close() {
        await postgres.close();
        await lock.close();
      },
    };
  } catch (cause) {
    await lock.close();
    throw cause;
  }
}
