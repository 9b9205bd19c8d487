import { join } from 'node:path';
import { run } from '../children.mjs';
import { ensurePrograms } from '../programs.mjs';
import { ensureInstalled } from '../installation.mjs';
import { ROOT } from '../paths.mjs';
import { buildEverything } from './build.mjs';

/** Enough to meet each step of a start and of a send several times. */
const KILLS = '120';

/** The journey of a browser that is killed again and again, with many more kills than in `npm test`. */
export async function command(args) {
  await ensureInstalled();
  await ensurePrograms('chromium');
  await buildEverything();
  const seed = valueOf(args, '--seed');
  const env = { KILLS: valueOf(args, '--kills') ?? KILLS, ...(seed === undefined ? {} : { SEED: seed }) };
  return run('vitest', ['run', '--root', '.', 'journeys/browser-killed'], { cwd: join(ROOT, 'e2e'), env });
}

function valueOf(args, name) {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args[at + 1];
}
