import { randomUUID } from 'node:crypto';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '../src/database/migrate.ts';
import { addressFromUrl } from '../src/database/pool.ts';
import { MIGRATIONS_FOLDER } from '../src/server-package.ts';

/**
 * What the first node of a next version does to the database of those that run: it
 * adds a column of its own to every table at once, which is more than any
 * migration of ours. Can be done again and again.
 *
 * @param url for DATABASE_URL
 * @throws DatabaseError when it cannot be applied, in which case that node would not start
 */
export async function migrateToNextVersion(url: string): Promise<void> {
  const stamp = randomUUID().replaceAll('-', '');
  const folder = await mkdtemp(join(tmpdir(), 'couplet-next-'));
  try {
    await cp(MIGRATIONS_FOLDER, folder, { recursive: true });
    const next = join(folder, `99990101000000_${stamp}`);
    await mkdir(next);
    await writeFile(
      join(next, 'migration.sql'),
      `DO $$ DECLARE name text; BEGIN
         FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename <> '_prisma_migrations' ORDER BY tablename LOOP
           EXECUTE format('ALTER TABLE %I ADD COLUMN next_${stamp} text NOT NULL DEFAULT ''new''', name);
         END LOOP;
       END $$`,
    );
    await migrate(addressFromUrl(url), folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
