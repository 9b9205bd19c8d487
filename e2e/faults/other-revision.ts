import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '../..');
const run = promisify(execFile);

/** Another revision of this repository in a folder of its own, ready to run beside this one, with the packages that are installed here. */
export class OtherRevision {
  readonly main: string;
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.main = join(folder, 'apps/server/src/main.ts');
  }

  /** @param revision as git names it */
  static async open(revision: string, say: (sentence: string) => void): Promise<OtherRevision> {
    const { stdout } = await run('git', ['log', '-1', '--format=%h of %cI, "%s"', revision, '--'], { cwd: ROOT });
    say(`One node runs ${stdout.trim()}`);
    const folder = await mkdtemp(join(tmpdir(), 'couplet-other-'));
    try {
      const archive = join(folder, 'sources.tar');
      await run('git', ['archive', '--output', archive, revision, '--', 'apps/server', 'packages', 'package.json', 'tsconfig.base.json'], { cwd: ROOT });
      await run('tar', ['-xf', archive, '-C', folder]);
      await linkPackages(folder);
      // Prisma would fetch a schema engine that generating does not use: any program stands in for it.
      await run(join(ROOT, 'node_modules/.bin/prisma'), ['generate'], { cwd: join(folder, 'apps/server'), env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true' } });
      return new OtherRevision(folder);
    } catch (cause) {
      await rm(folder, { recursive: true, force: true });
      throw new Error(`${revision} cannot be made ready`, { cause });
    }
  }

  async close(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** What is installed here, but for the packages of the repository itself: those are the other revision's. */
async function linkPackages(folder: string): Promise<void> {
  await linkAll(join(ROOT, 'node_modules'), join(folder, 'node_modules'), ['@couplet']);
  const own = join(folder, 'node_modules/@couplet');
  await mkdir(own);
  await symlink(join(folder, 'apps/server'), join(own, 'server'));
  for (const name of await readdir(join(folder, 'packages'))) await symlink(join(folder, 'packages', name), join(own, name));
  const nested = join(ROOT, 'apps/server/node_modules');
  if (existsSync(nested)) await linkAll(nested, join(folder, 'apps/server/node_modules'), []);
}

async function linkAll(from: string, to: string, except: readonly string[]): Promise<void> {
  await mkdir(to);
  for (const name of await readdir(from)) if (!except.includes(name)) await symlink(join(from, name), join(to, name));
}
