import { join } from 'node:path';
import { run } from '../children.mjs';
import { ensureInstalled } from '../installation.mjs';
import { ROOT } from '../paths.mjs';

export async function command(args) {
  await ensureInstalled();
  const main = join(ROOT, 'bench', 'src', 'large-database', 'main.ts');
  return run(process.execPath, ['--import', new URL('../end-with-parent.mjs', import.meta.url).href, main, ...args], { tied: true });
}
