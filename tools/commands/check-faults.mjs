import { join } from 'node:path';
import { run } from '../children.mjs';
import { ensureInstalled } from '../installation.mjs';
import { ROOT } from '../paths.mjs';
import { ensurePrograms } from '../programs.mjs';

/** From the sources: what is checked is what stands in the repository, built or not. */
export async function command(args) {
  await ensureInstalled();
  if (args.some((word) => word.startsWith('--nodes'))) await ensurePrograms('redis', 'nginx');
  const main = join(ROOT, 'e2e', 'faults', 'main.ts');
  return run(process.execPath, ['--import', new URL('../end-with-parent.mjs', import.meta.url).href, main, ...args], { tied: true });
}
